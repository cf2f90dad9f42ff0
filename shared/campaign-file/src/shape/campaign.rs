//! The shapes of `campaign.yaml`.

use super::form::FORM;
use super::score::CAMPAIGN_SCORE;
use super::sequence::STEP;
use super::{EVENT, Kind, PAGE, Shape, may, need};

pub(crate) static CAMPAIGN_FILE: Shape = Shape {
    name: "campaign-file",
    title: "`campaign.yaml`",
    about: "A goal, a form, perhaps a guide, and the e-mails that follow. The folder's name is the campaign's id.",
    keys: &[
        need(
            "title",
            Kind::Localised,
            "What people read: on the form's page and in alerts.",
            "{ en: Halve your bills }",
        ),
        need("sender", Kind::Text, "Who the e-mails come from: a name from `senders`.", "hello"),
        may("topic", Kind::Text, "What the e-mails are about: a name from `topics`.", "tips"),
        may(
            "goal",
            EVENT,
            "The event that the campaign is for. It counts as a conversion and ends the sequence.",
            "quote_requested",
        ),
        may("budget", Kind::Shape(&BUDGET), "What the campaign may cost.", ""),
        may(
            "priority",
            Kind::Number,
            "Of several campaigns that are due for a lead, the one with the highest goes first. 0 without it.",
            "10",
        ),
        may(
            "re_entry",
            Kind::Like(
                "`never`, `after 90d` or `once per lead.product`",
                r"^(never|after [0-9P].*|once per lead\..+)$",
            ),
            "Whether somebody may enter again whose sequence has ended. `never` without it.",
            "after 90d",
        ),
        may(
            "form",
            Kind::Shape(&FORM),
            "What a visitor fills in and agrees to. Only a campaign that leads enter otherwise may lack it.",
            "",
        ),
        may(
            "audience",
            Kind::Condition,
            "Who enters without a form, as soon as it holds: leads that agreed to e-mails and may be written to.",
            "in_segment(\"gone_quiet\")",
        ),
        may(
            "magnet",
            Kind::Shape(&MAGNET),
            "The guide that one gets. An e-mail links to `{{ magnet_url }}`.",
            "",
        ),
        may(
            "score",
            Kind::Shape(&CAMPAIGN_SCORE),
            "What it adds to the score of those who ever entered it.",
            "",
        ),
        may("sequence", Kind::List(&STEP), "What happens after the form, step by step.", ""),
        may(
            "exit_when",
            Kind::Condition,
            "Whoever meets this leaves the sequence at once.",
            "lead.customer == true",
        ),
        may(
            "paused",
            Kind::Boolean,
            "`true` holds the campaign: nothing of it leaves, and leads keep their places until the line is gone.",
            "true",
        ),
        may(
            "removed_steps",
            Kind::Named(&Kind::Text),
            "Steps that are gone, and where those who stand on them go on: at a step that is there, or `exit`. Without a \
             line, at the next step of the old sequence that is still there.",
            "{ reminder: voices, old-offer: exit }",
        ),
    ],
    one_of: &[],
};

pub(crate) static BUDGET: Shape = Shape {
    name: "budget",
    title: "`budget`",
    about: "What the campaign may cost.",
    keys: &[
        need("amount", Kind::Number, "How much, above zero.", "1200"),
        need("currency", Kind::Like("an ISO 4217 code", "^[A-Z]{3}$"), "In which currency.", "EUR"),
        need("per", Kind::Choice(SPANS), "For how long.", "month"),
    ],
    one_of: &[],
};

/// What a budget may be for.
pub(crate) const SPANS: &[&str] = &["day", "week", "month", "year", "campaign"];

pub(crate) static MAGNET: Shape = Shape {
    name: "magnet",
    title: "`magnet`",
    about: "The guide that one gets: a file of the campaign's folder or a page elsewhere, one of the two.",
    keys: &[
        may("file", Kind::Text, "A path in the campaign's folder; at most 4 MB.", "files/guide.pdf"),
        may("url", PAGE, "The address of a page.", "https://example.org/guide"),
    ],
    one_of: &["file", "url"],
};
