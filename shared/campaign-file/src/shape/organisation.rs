//! The shapes of `sillon.yaml`.

use domain::traits::TraitType;

use super::{ADDRESS, EVENT, Kind, PAGE, Shape, may, need, score::SCORE, sequence::PERIOD};

pub(crate) static ORGANISATION_FILE: Shape = Shape {
    name: "organisation-file",
    title: "`sillon.yaml`",
    about: "What holds for all campaigns: who writes, how leads are scored, and when they are left alone.",
    keys: &[
        need("organisation", Kind::Shape(&ORGANISATION), "Who you are.", ""),
        need(
            "senders",
            Kind::Named(&Kind::Shape(&SENDER)),
            "Who e-mails come from, by a name of your own. A campaign chooses one by `sender`.",
            "{ hello: { from: Ann Lee <ann@example.org> } }",
        ),
        may(
            "topics",
            Kind::Named(&Kind::Localised),
            "What a lead can leave one by one on the preferences page.",
            "{ tips: { en: Our tips, fr: Nos conseils } }",
        ),
        may(
            "traits",
            Kind::Named(&Kind::Shape(&TRAIT)),
            "Facts about a lead that no form asks for. They come by `identify`.",
            "{ customer: { type: boolean } }",
        ),
        may(
            "events",
            Kind::List(&EVENT),
            "Events of your own that no points and no goal name, so that conditions and waits may.",
            "[quote_requested]",
        ),
        may("sales", Kind::Shape(&SALES), "Who hears of hot leads.", ""),
        may("limits", Kind::Shape(&LIMITS), "How often and when leads may be written to.", ""),
        may(
            "retention",
            PERIOD,
            "For how long a lead is kept that does nothing itself. Then it is erased, with all that is stored of it. \
             Without it, leads are kept for ever.",
            "3y",
        ),
        may("score", Kind::Shape(&SCORE), "What makes a good lead. Without it nobody has points.", ""),
        may("stages", Kind::Shape(&STAGES), "When a lead reaches a stage. Rules only ever raise it.", ""),
        may(
            "segments",
            Kind::Named(&Kind::Condition),
            "Conditions by name. Others ask `in_segment(\"name\")`.",
            "{ homeowners: lead.housing == \"house\" }",
        ),
        may(
            "webhooks",
            Kind::Named(&Kind::Shape(&WEBHOOK)),
            "Other systems that a `notify` step tells of a lead, by a name of your own. Their secrets are no part of \
             the files.",
            "{ crm: { url: https://crm.example/hooks } }",
        ),
        may(
            "turnstile",
            Kind::Shape(&TURNSTILE),
            "Cloudflare's Turnstile, which every form asks whether a person posts. Without it nobody is asked.",
            "",
        ),
    ],
    one_of: &[],
};

pub(crate) static ORGANISATION: Shape = Shape {
    name: "organisation",
    title: "`organisation`",
    about: "Who you are. The name and the postal address stand in every e-mail.",
    keys: &[
        need("name", Kind::Text, "The organisation's name.", "Atelier Soleil"),
        need(
            "postal_address",
            Kind::Text,
            "Stands in every e-mail, as the law asks.",
            "12 rue des Lilas, Lyon",
        ),
        may("website", PAGE, "Your site.", "https://example.org"),
        may("privacy_policy", PAGE, "Your privacy policy, linked from forms.", "https://example.org/privacy"),
        need(
            "time_zone",
            Kind::Like("an IANA time zone", "^[A-Za-z]"),
            "The time zone of leads whose own is unknown.",
            "Europe/Paris",
        ),
        need(
            "locales",
            Kind::List(&LANGUAGE),
            "The languages that you write in. The first is the default.",
            "[fr, en]",
        ),
    ],
    one_of: &[],
};

const LANGUAGE: Kind = Kind::Like("a language code", "^[a-z]{2,3}(-[a-z0-9]{2,8})*$");

pub(crate) static SENDER: Shape = Shape {
    name: "sender",
    title: "a sender",
    about: "A name and address that e-mails come from.",
    keys: &[
        need(
            "from",
            ADDRESS,
            "As readers see it. The domain must be verified with SES.",
            "Ann Lee <ann@example.org>",
        ),
        may("reply_to", ADDRESS, "Where answers go, if not to `from`.", "sales@example.org"),
    ],
    one_of: &[],
};

pub(crate) static TURNSTILE: Shape = Shape {
    name: "turnstile",
    title: "`turnstile`",
    about: "Has Cloudflare tell people from robots. It holds for all forms, wherever they stand: what comes without its \
            solution is not taken. `sillon dev` asks only with `--turnstile`.",
    keys: &[need(
        "site_key",
        Kind::Like("a site key of Turnstile", "^[0-9A-Za-z_-]+$"),
        "The public key, as Cloudflare shows it. The secret key is no part of the files: the stack has it, as \
         `TurnstileSecret`.",
        "0x4AAAAAAADnPIDROrmt1Wwj",
    )],
    one_of: &[],
};

pub(crate) static WEBHOOK: Shape = Shape {
    name: "webhook",
    title: "a webhook",
    about: "A system that is told of leads, as Standard Webhooks has it.",
    keys: &[need(
        "url",
        PAGE,
        "Where notifications are posted: https, or this machine.",
        "https://crm.example/hooks",
    )],
    one_of: &[],
};

pub(crate) static TRAIT: Shape = Shape {
    name: "trait",
    title: "a trait",
    about: "A fact about a lead.",
    keys: &[
        need("type", Kind::Choice(TRAIT_TYPES), "What its values are.", "boolean"),
        may(
            "compute",
            Kind::Text,
            "What it follows from: an expression over traits that a lead states and its address. It is never stored.",
            "lead.surface * 0.8",
        ),
    ],
    one_of: &[],
};

/// The types that a declared trait may have.
const TRAIT_TYPES: &[&str] = &{
    let mut names = [""; TraitType::ALL.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = TraitType::ALL[place].0;
        place += 1;
    }
    names
};

pub(crate) static SALES: Shape = Shape {
    name: "sales",
    title: "`sales`",
    about: "Who hears of hot leads, by an `alert` step.",
    keys: &[
        may("alert", Kind::List(&ADDRESS), "Who gets the alerts.", "[sales@example.org]"),
        may("respond_within", Kind::Duration, "How soon sales means to answer.", "5m"),
    ],
    one_of: &[],
};

pub(crate) static LIMITS: Shape = Shape {
    name: "limits",
    title: "`limits`",
    about: "How often and when leads may be written to, and what strangers may make Sillon do. Confirmations are \
            exempt from `per_lead`, quiet hours and closed days; so are up to three e-mails with a magnet in 24 hours.",
    keys: &[
        may(
            "per_lead",
            Kind::Amount,
            "The most e-mails that one lead gets, over all campaigns.",
            "2 per 24h",
        ),
        may("quiet_hours", Kind::Hours, "No e-mail in these hours, in the lead's time zone.", "21:00-08:00"),
        may(
            "closed_days",
            Kind::List(&Kind::Like("a day: `12-25` or `2026-05-14`", "^([0-9]{4}-)?[0-9]{2}-[0-9]{2}$")),
            "No e-mail on these days, in the lead's time zone.",
            "[12-25, 2026-05-14]",
        ),
        may(
            "confirmations",
            Kind::List(&Kind::Amount),
            "The most confirmations that one mailbox gets, whoever posts its address and however they spell it; where a form \
             confirms no addresses, the most campaigns that begin for it. Each holds; days are those of UTC. \
             `[1 per 24h, 6 per 30d]` without it.",
            "[1 per 24h, 6 per 30d]",
        ),
        may(
            "per_network",
            Kind::Amount,
            "The most form posts that are taken from one network: an address of IPv4, or 64 bits of IPv6. `30 per 10m` \
             without it. `sillon dev` asks only with `--limit-networks`.",
            "30 per 10m",
        ),
        may(
            "fill_time",
            Kind::Duration,
            "How long somebody takes at the least to fill in a form on Sillon's own page; what comes sooner is a robot's, and is \
             passed over. `2s` without it. `sillon dev` asks only with `--fill-time`.",
            "2s",
        ),
        may(
            "confirmations_per_hour",
            Kind::Whole(1, 1_000_000),
            "The most confirmations that leave in an hour, to whomever. Those beyond wait, and an alarm tells; 1000 \
             without it.",
            "1000",
        ),
    ],
    one_of: &[],
};

pub(crate) static STAGES: Shape = Shape {
    name: "stages",
    title: "conditions by stage",
    about: "When a lead reaches a stage. Rules only ever raise it.",
    keys: &[
        may("lead", Kind::Condition, "When somebody becomes a lead.", "score.total >= 10"),
        may("mql", Kind::Condition, "When marketing finds a lead ripe.", "score.total >= 40"),
        may("sql", Kind::Condition, "When a lead is worth a call.", "occurred(\"quote_requested\")"),
        may("opportunity", Kind::Condition, "When a sale is under way.", "occurred(\"quote_sent\")"),
        may("customer", Kind::Condition, "When a lead has bought.", "lead.customer == true"),
    ],
    one_of: &[],
};
