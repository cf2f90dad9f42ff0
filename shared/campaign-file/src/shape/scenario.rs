//! The shapes of `scenarios/<name>.yaml`, which `sillon test` rehearses.

use super::{Kind, Shape, may, need};

/// A scenario's file.
pub static SCENARIO: Shape = Shape {
    name: "scenario",
    title: "a scenario",
    about: "A story about one lead that must come true. `sillon test` rehearses it in simulated time.",
    keys: &[
        need("scenario", Kind::Text, "What the story tells, in a sentence.", "Who clicks gets a call"),
        need("given", Kind::Shape(&GIVEN), "Who the lead is, and when the story begins.", ""),
        need("steps", Kind::List(&Kind::Shape(&SCENARIO_STEP)), "What happens, in order.", ""),
    ],
    one_of: &[],
};

/// Who it is about.
pub static GIVEN: Shape = Shape {
    name: "given",
    title: "`given`",
    about: "Who the lead is, and when the story begins.",
    keys: &[
        may("email", Kind::Text, "The lead's address.", "camille@example.com"),
        may("locale", Kind::Text, "The lead's language.", "fr"),
        may("time_zone", Kind::Text, "The lead's time zone.", "Europe/Paris"),
        may("traits", Kind::Named(&Kind::Any), "What is known of the lead already.", "{ customer: true }"),
        may("consent", Kind::Text, "`granted` if the lead agreed to e-mails before.", "granted"),
        need("start", Kind::Text, "When the story begins, by the lead's clock.", "2026-03-02 10:00"),
    ],
    one_of: &[],
};

/// A moment, what happens then, and what is expected.
pub static SCENARIO_STEP: Shape = Shape {
    name: "scenario-step",
    title: "a step of a scenario",
    about: "A moment, one thing that happens then or nothing, and what is expected.",
    keys: &[
        may("after", Kind::Duration, "How long after the step before.", "5m"),
        may("at", Kind::Text, "At which moment instead.", "thu 12:00"),
        may(
            "submits",
            Kind::Any,
            "The lead submits the form, with these answers.",
            "{ first_name: Camille }",
        ),
        may("form", Kind::Text, "Whose form, if not this campaign's.", "newsletter"),
        may("confirms", Kind::Any, "The lead confirms the address.", ""),
        may("clicks", Kind::Any, "The lead clicks in this e-mail.", "welcome"),
        may("opens", Kind::Any, "The lead opens this e-mail.", "welcome"),
        may("downloads", Kind::Any, "The lead downloads the magnet.", ""),
        may("event", Kind::Any, "Another event.", "quote_requested"),
        may("views", Kind::Any, "The lead views a page.", "https://example.org/prices"),
        may("identify", Kind::Any, "The site tells traits of the lead.", "{ customer: true }"),
        may("bounces", Kind::Any, "This e-mail bounces.", "welcome"),
        may("complains", Kind::Any, "The lead complains about this e-mail.", "welcome"),
        may("leaves", Kind::Any, "The lead unsubscribes.", ""),
        may("pauses", Kind::Any, "The lead pauses e-mails, for so long.", "30d"),
        may("prefers", Kind::Any, "The lead changes preferences.", "{ locale: en }"),
        may("carrier", Kind::Text, "What the carrier does with the next e-mail.", "refuses"),
        may("expect", Kind::Shape(&EXPECT), "What must be true then.", ""),
    ],
    one_of: &[],
};

/// What must be true at a step.
pub static EXPECT: Shape = Shape {
    name: "expect",
    title: "`expect`",
    about: "What must be true at a step. Every e-mail, alert and notification that leaves must be expected, in order.",
    keys: &[
        may("email", Kind::Any, "The e-mail that leaves, or `none`.", "welcome"),
        may("emails", Kind::List(&Kind::Any), "The e-mails that leave, in order.", "[welcome, reminder]"),
        may("alert", Kind::Any, "The alert that leaves.", "sales"),
        may("notify", Kind::Any, "The webhooks that are told of the lead.", "crm"),
        may("score", Kind::Any, "The score, its parts, or its bounds.", "\">= 40\""),
        may("temperature", Kind::Text, "`cold`, `warm` or `hot`.", "warm"),
        may("grade", Kind::Text, "The fit as a letter, where `score` has `grades`.", "A"),
        may("stage", Kind::Text, "The stage.", "mql"),
        may("consent", Kind::Text, "`none`, `pending`, `granted` or `withdrawn`.", "granted"),
        may(
            "erased",
            Kind::Any,
            "Whether the lead is gone, since it did nothing for the `retention` period.",
            "true",
        ),
        may("suppressed", Kind::Any, "Whether the address is suppressed.", "true"),
        may("step", Kind::Text, "The step that the lead stands on.", "case-study"),
        may("state", Kind::Text, "The state of the enrolment.", "waiting"),
        may("enrolments", Kind::Any, "Enrolments, by campaign.", "{ guide: { state: waiting } }"),
        may("traits", Kind::Named(&Kind::Any), "Traits of the lead.", "{ customer: true }"),
        may("tags", Kind::Any, "The lead's tags.", "[prospect]"),
        may("locale", Kind::Text, "The lead's language.", "fr"),
        may("refused", Kind::Any, "Why what happens is refused.", "true"),
    ],
    one_of: &[],
};
