//! The shapes of `sequence`: one for each thing that a step can do.

use super::{EVENT, Key, Kind, Shape, may, need};

/// A step; the word `exit` alone is one, too.
pub(crate) static STEP: Kind = Kind::Either(&[Kind::Choice(&["exit"]), Kind::OneShape(STEPS)]);

/// What a step may do. The first key of each is its act; the others may stand beside it.
pub(crate) static STEPS: &[&Shape] = &[&SEND, &WAIT, &WAIT_FOR, &IF, &EXPERIMENT, &ALERT, &NOTIFY, &EXIT];

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
        may("topic", Kind::Text, "What it is about, if not the campaign's `topic`.", "tips"),
        SUBJECT,
    ],
    one_of: &[],
};

const SUBJECT: Key =
    may("subject", Kind::Localised, "In place of the e-mail's own subject.", "{ en: Your guide is here }");

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
        need("wait_for", EVENT, "The event. Of e-mails, only those of this campaign count.", "email_clicked"),
        ID,
        need("within", Kind::Duration, "How long at most.", "4d"),
        may("otherwise", Kind::List(&STEP), "What is done if it did not happen.", "[{ send: reminder }]"),
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
