//! The shapes of `sequence`: one for each thing that a step can do.

use super::{EVENT, Key, Kind, Shape, may, need};

/// A step; the word `exit` alone is one, too.
pub(crate) static STEP: Kind = Kind::Either(&[Kind::Choice(&["exit"]), Kind::OneShape(STEPS)]);

/// What a step may do. The first key of each is its act; the others may stand beside it.
pub(crate) static STEPS: &[&Shape] = &[
    &SEND,
    &WAIT,
    &WAIT_FOR,
    &WAIT_UNTIL,
    &EVERY,
    &IF,
    &BRANCH,
    &EXPERIMENT,
    &SET,
    &TAG,
    &UNTAG,
    &ENROL,
    &HOLDOUT,
    &ALERT,
    &NOTIFY,
    &EXIT,
];

const ID: Key = may(
    "id",
    Kind::Text,
    "The step's name, which leads on their way remember. Without it, a `send` takes its e-mail's name and any other \
     step one made from the named step before it.",
    "first-reminder",
);

static SEND: Shape = Shape {
    name: "send",
    title: "a step",
    about: "Sends an e-mail.",
    keys: &[
        need("send", Kind::Text, "The e-mail's name: `emails/<name>.<language>.md`.", "welcome"),
        ID,
        may("between", Kind::Window, "Only in these hours, in the lead's time zone.", "mon-fri 09:00-18:00"),
        UNTIL,
        may("topic", Kind::Text, "What it is about, if not the campaign's `topic`.", "tips"),
        SUBJECT,
    ],
    one_of: &[],
};

const SUBJECT: Key =
    may("subject", Kind::Localised, "In place of the e-mail's own subject.", "{ en: Your guide is here }");

/// A date, or a trait that holds one.
const DATE: Kind = Kind::Like(
    "a date, with a time of day or without, or a trait of type `date`",
    r"^(lead\.|[0-9]{4}-[0-9]{2}-[0-9]{2})",
);

const UNTIL: Key = may(
    "until",
    DATE,
    "It leaves until then, in the lead's time zone: who would get it later goes on without it. A day without a time counts to \
     its end.",
    "2026-12-01 18:00",
);

static WAIT: Shape = Shape {
    name: "wait",
    title: "a step",
    about: "Waits for some time.",
    keys: &[need("wait", Kind::Duration, "How long.", "3d"), ID],
    one_of: &[],
};

static WAIT_FOR: Shape = Shape {
    name: "wait_for",
    title: "a step",
    about: "Waits until something happens, and not for ever.",
    keys: &[
        need(
            "wait_for",
            Kind::Either(&[EVENT, Kind::List(&EVENT)]),
            "The event, or several of which any will do. Of e-mails, only those of this campaign count.",
            "[email_clicked, magnet_downloaded]",
        ),
        ID,
        need("within", Kind::Duration, "How long at most.", "4d"),
        may("otherwise", Kind::List(&STEP), "What is done if it did not happen.", "[{ send: reminder }]"),
    ],
    one_of: &[],
};

/// `14d`, `1mo`, `1y`.
pub(super) const PERIOD: Kind = Kind::Like("whole days, weeks, months or years", "^[0-9P]");
const TIME: Kind = Kind::Like("a time of day", "^[0-9]{1,2}:[0-9]{2}$");
const AT: Key = may("at", TIME, "When on that day, by the lead's clock; 09:00 without it.", "\"10:00\"");

static WAIT_UNTIL: Shape = Shape {
    name: "wait_until",
    title: "a step",
    about: "Waits for a date, in the lead's time zone. When the trait changes, the wait moves.",
    keys: &[
        need("wait_until", DATE, "The date, or the trait that holds it.", "lead.renewal_date"),
        ID,
        may("before", PERIOD, "So long before the trait's date.", "14d"),
        may("after", PERIOD, "So long after it.", "3d"),
        AT,
        may(
            "otherwise",
            Kind::List(&STEP),
            "What is done if the date is past or not known. Without it, the lead goes on at once.",
            "[{ alert: sales }]",
        ),
    ],
    one_of: &[],
};

static EVERY: Shape = Shape {
    name: "every",
    title: "a step",
    about: "Does a block of steps on each anniversary of a date, for ever. Nothing can follow it.",
    keys: &[
        need(
            "every",
            Kind::Like("a period and a trait of type `date`", r"^[0-9P].* on +lead\."),
            "How often, and on which date.",
            "1y on lead.birthday",
        ),
        ID,
        AT,
        need("do", Kind::List(&STEP), "The block.", "[{ send: happy-birthday }]"),
    ],
    one_of: &[],
};

static BRANCH: Shape = Shape {
    name: "branch",
    title: "a step",
    about: "Takes the first case that holds.",
    keys: &[
        need(
            "branch",
            Kind::List(&Kind::OneShape(CASES)),
            "The cases; `else` comes last.",
            "[{ if: lead.customer, then: [exit] }, { else: [{ send: reminder }] }]",
        ),
        ID,
    ],
    one_of: &[],
};

/// What a branch holds.
pub(crate) static CASES: &[&Shape] = &[&CASE, &ELSE];

static CASE: Shape = Shape {
    name: "case",
    title: "a case",
    about: "A way that is taken if its condition holds, and none before it did.",
    keys: &[
        need("if", Kind::Condition, "The condition.", "lead.customer"),
        need("then", Kind::List(&STEP), "What is done.", "[{ send: thanks }]"),
    ],
    one_of: &[],
};

static ELSE: Shape = Shape {
    name: "else",
    title: "a case",
    about: "The way that is taken if no case holds.",
    keys: &[need("else", Kind::List(&STEP), "What is done.", "[exit]")],
    one_of: &[],
};

static SET: Shape = Shape {
    name: "set",
    title: "a step",
    about: "States traits that a form or `traits` declares.",
    keys: &[
        need(
            "set",
            Kind::Named(&Kind::Either(&[Kind::Text, Kind::Number, Kind::Boolean])),
            "The traits and their values.",
            "{ interest: solar }",
        ),
        ID,
    ],
    one_of: &[],
};

const TAG_NAME: Kind = Kind::Like("a tag", "^[a-z0-9][a-z0-9_-]{0,63}$");

static TAG: Shape = Shape {
    name: "tag",
    title: "a step",
    about: "Marks the lead. Conditions ask `tagged(\"prospect\")`.",
    keys: &[need("tag", TAG_NAME, "The mark.", "prospect"), ID],
    one_of: &[],
};

static UNTAG: Shape = Shape {
    name: "untag",
    title: "a step",
    about: "Takes a mark away.",
    keys: &[need("untag", TAG_NAME, "The mark, which some step gives.", "prospect"), ID],
    one_of: &[],
};

static ENROL: Shape = Shape {
    name: "enrol",
    title: "a step",
    about: "Enters the lead in another campaign, too. This one goes on.",
    keys: &[need("enrol", Kind::Text, "The other campaign's folder.", "garden-tips"), ID],
    one_of: &[],
};

static HOLDOUT: Shape = Shape {
    name: "holdout",
    title: "a step",
    about: "Ends the sequence of some, by lot: a control group.",
    keys: &[
        need("holdout", Kind::Like("a share", r"^[0-9]{1,2}(\.[0-9])? ?%$"), "How many of all.", "10%"),
        ID,
    ],
    one_of: &[],
};

static IF: Shape = Shape {
    name: "if",
    title: "a step",
    about: "Does one thing or another. At least one of `then` and `else` stands beside it.",
    keys: &[
        need("if", Kind::Condition, "The condition.", "score.total >= 40"),
        ID,
        may("then", Kind::List(&STEP), "What is done if it is met.", "[{ alert: sales }]"),
        may("else", Kind::List(&STEP), "What is done if not.", "[{ wait: 7d }]"),
    ],
    one_of: &["then", "else"],
};

static EXPERIMENT: Shape = Shape {
    name: "experiment",
    title: "a step",
    about: "Tries several ways, each lead by lot, and counts which does better. Its name is the step's id.",
    keys: &[
        need("experiment", Kind::Text, "The experiment's name.", "opening"),
        may("measure", Kind::Choice(&["goal", "email_clicked"]), "What counts as a success.", "goal"),
        may("within", Kind::Duration, "How long a success counts.", "14d"),
        may("settled", Kind::Text, "The variant that won: everybody new takes it.", "short"),
        need(
            "variants",
            Kind::Named(&Kind::Shape(&VARIANT)),
            "The ways to try, by name; two at least.",
            "{ short: { send: welcome-short }, long: { send: welcome } }",
        ),
    ],
    one_of: &[],
};

pub(crate) static VARIANT: Shape = Shape {
    name: "variant",
    title: "a variant",
    about: "One way of an experiment: an e-mail, or a block of steps.",
    keys: &[
        may("weight", Kind::Whole(1, 1000), "Its share beside the others; 1 without it.", "2"),
        may("do", Kind::List(&STEP), "A block of steps.", "[{ wait: 1d }, { send: welcome }]"),
        may("send", Kind::Text, "An e-mail's name.", "welcome"),
        SUBJECT,
        may("between", Kind::Window, "Only in these hours, in the lead's time zone.", "mon-fri 09:00-18:00"),
        UNTIL,
        may("topic", Kind::Text, "What it is about, if not the campaign's `topic`.", "tips"),
        may("id", Kind::Text, "The step's name, if not the experiment's and the variant's.", "opening-short"),
    ],
    one_of: &["do", "send"],
};

static ALERT: Shape = Shape {
    name: "alert",
    title: "a step",
    about: "Tells sales of the lead, with its reasons.",
    keys: &[need("alert", Kind::Choice(&["sales"]), "Who is told.", "sales"), ID],
    one_of: &[],
};

static NOTIFY: Shape = Shape {
    name: "notify",
    title: "a step",
    about: "Tells another system of the lead. It is told again until it answers, for two days.",
    keys: &[need("notify", Kind::Text, "The webhook's name, as in `sillon.yaml`.", "crm"), ID],
    one_of: &[],
};

static EXIT: Shape = Shape {
    name: "exit",
    title: "a step",
    about: "Ends the sequence. `- exit` alone will do.",
    keys: &[need("exit", Kind::Either(&[Kind::True, Kind::Text]), "`true`, or why it ends.", "true"), ID],
    one_of: &[],
};
