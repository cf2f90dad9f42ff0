//! The shapes of `form`.

use super::{Key, Kind, PAGE, Shape, may, need};

pub(crate) static FORM: Shape = Shape {
    name: "form",
    title: "`form`",
    about: "What a visitor fills in and agrees to. It is posted to `/f/<campaign>`, which shows a page of its own, too.",
    keys: &[
        may(
            "allowed_origins",
            Kind::List(&Kind::Like("an origin", "^https?://")),
            "The sites whose scripts may post the form.",
            "[https://example.org]",
        ),
        may(
            "thanks",
            Kind::Either(&[PAGE, Kind::Shape(&THANKS)]),
            "Where the visitor goes then, or what a page of ours says. Without it, the page says thank you.",
            "https://example.org/thanks",
        ),
        need(
            "fields",
            Kind::Named(&FIELD),
            "What the form asks, by name. One of them is `email`. Each of the others becomes a trait: `lead.<name>`.",
            "{ email: { type: email }, first_name: { type: text } }",
        ),
        may(
            "steps",
            Kind::List(&Kind::Shape(&FORM_STEP)),
            "The form's pages, one after the other. Without it, all fields stand on one.",
            "",
        ),
        may(
            "ask_at_once",
            Kind::Whole(1, 10),
            "How many of the fields with `ask: later` are asked at once; 2 without it.",
            "2",
        ),
        may(
            "refuse_disposable",
            Kind::Boolean,
            "Whether addresses that are thrown away are refused.",
            "true",
        ),
        may(
            "topics",
            Kind::List(&Kind::Text),
            "The topics that the visitor chooses among. Those not chosen are left.",
            "[tips, offers]",
        ),
        need("consent", Kind::Shape(&CONSENT), "What the visitor agrees to.", ""),
    ],
    one_of: &[],
};

pub(crate) static THANKS: Shape = Shape {
    name: "thanks",
    title: "`thanks`",
    about: "A text of thanks in Markdown, one file a language, beside `campaign.yaml`.",
    keys: &[need(
        "file",
        Kind::Like("a name", "^[A-Za-z0-9_-]+$"),
        "The file's name without language and ending: `thanks` for `thanks.en.md`.",
        "thanks",
    )],
    one_of: &[],
};

pub(crate) static FORM_STEP: Shape = Shape {
    name: "form-step",
    title: "a step of the form",
    about: "One page of a form. Every field that a visitor sees stands on one page.",
    keys: &[
        need("title", Kind::Localised, "What it asks about.", "{ en: Who you are }"),
        need("fields", Kind::List(&Kind::Text), "The names of its fields.", "[email, first_name]"),
    ],
    one_of: &[],
};

pub(crate) static CONSENT: Shape = Shape {
    name: "consent",
    title: "`consent`",
    about: "What the visitor agrees to. The wording is kept as proof.",
    keys: &[
        may(
            "double_opt_in",
            Kind::Boolean,
            "Whether the address is confirmed by e-mail first. It is, unless this is `false`; who left confirms it all the same.",
            "true",
        ),
        need(
            "wording",
            Kind::Localised,
            "The sentence beside the box.",
            "{ en: I agree to receive the guide. }",
        ),
    ],
    one_of: &[],
};

/// A field: told apart by its type.
pub(crate) static FIELD: Kind = Kind::OneShape(FIELDS);

/// A field for each type that it may have.
pub(crate) static FIELDS: &[&Shape] = &[
    &EMAIL_FIELD,
    &TEXT_FIELD,
    &CHOICE_FIELD,
    &NUMBER_FIELD,
    &PHONE_FIELD,
    &DATE_FIELD,
    &COUNTRY_FIELD,
    &CHECKBOX_FIELD,
    &HIDDEN_FIELD,
];

const REQUIRED: Key = may("required", Kind::Boolean, "Whether it must be filled in.", "true");
const LABEL: Key = may("label", Kind::Localised, "What stands beside it.", "{ en: First name }");
const MESSAGE: Key = may(
    "message",
    Kind::Localised,
    "What the visitor reads when it is filled in wrongly.",
    "{ en: Four letters }",
);
const ASK: Key = may(
    "ask",
    Kind::Choice(&["later"]),
    "`later`: asked only of those who have sent the form before. Never required.",
    "later",
);

pub(crate) static EMAIL_FIELD: Shape = Shape {
    name: "email-field",
    title: "a field",
    about: "An e-mail address. The field `email` is the lead's own.",
    keys: &[
        need("type", Kind::Choice(&["email"]), "An e-mail address.", "email"),
        REQUIRED,
        LABEL,
        MESSAGE,
        ASK,
    ],
    one_of: &[],
};

pub(crate) static TEXT_FIELD: Shape = Shape {
    name: "text-field",
    title: "a field",
    about: "A line of text.",
    keys: &[
        need("type", Kind::Choice(&["text"]), "A line of text.", "text"),
        REQUIRED,
        LABEL,
        MESSAGE,
        ASK,
        may("max_length", Kind::Whole(1, 20_000), "The most characters; 500 without it.", "80"),
        may("min_length", Kind::Whole(1, 20_000), "The fewest characters, unless it is left empty.", "4"),
        may(
            "pattern",
            Kind::Text,
            "A regular expression (Rust's `regex`, without Unicode classes) that the whole text must match.",
            "\"[A-Z]{2}[0-9]{4}\"",
        ),
    ],
    one_of: &[],
};

pub(crate) static CHOICE_FIELD: Shape = Shape {
    name: "choice-field",
    title: "a field",
    about: "One of several options.",
    keys: &[
        need("type", Kind::Choice(&["choice"]), "One of several options.", "choice"),
        REQUIRED,
        LABEL,
        MESSAGE,
        ASK,
        need(
            "options",
            Kind::Either(&[Kind::List(&Kind::Text), Kind::Named(&Kind::Localised)]),
            "What there is to choose, with or without labels.",
            "{ house: { en: House }, flat: { en: Flat } }",
        ),
    ],
    one_of: &[],
};

pub(crate) static NUMBER_FIELD: Shape = Shape {
    name: "number-field",
    title: "a field",
    about: "A number.",
    keys: &[
        need("type", Kind::Choice(&["number"]), "A number.", "number"),
        REQUIRED,
        LABEL,
        MESSAGE,
        ASK,
        may("min", Kind::Number, "The least.", "1"),
        may("max", Kind::Number, "The most.", "10000"),
    ],
    one_of: &[],
};

pub(crate) static PHONE_FIELD: Shape = Shape {
    name: "phone-field",
    title: "a field",
    about: "A telephone number.",
    keys: &[
        need("type", Kind::Choice(&["phone"]), "A telephone number.", "phone"),
        REQUIRED,
        LABEL,
        MESSAGE,
        ASK,
    ],
    one_of: &[],
};

pub(crate) static DATE_FIELD: Shape = Shape {
    name: "date-field",
    title: "a field",
    about: "A day, kept as `2026-12-01`. Steps can wait for it, and come round with it.",
    keys: &[need("type", Kind::Choice(&["date"]), "A day.", "date"), REQUIRED, LABEL, MESSAGE, ASK],
    one_of: &[],
};

pub(crate) static COUNTRY_FIELD: Shape = Shape {
    name: "country-field",
    title: "a field",
    about: "A country, chosen by its name and kept as its two letters (ISO 3166-1).",
    keys: &[need("type", Kind::Choice(&["country"]), "A country.", "country"), REQUIRED, LABEL, MESSAGE, ASK],
    one_of: &[],
};

pub(crate) static HIDDEN_FIELD: Shape = Shape {
    name: "hidden-field",
    title: "a field",
    about: "What no visitor sees: the page with the form tells it, within what the file allows.",
    keys: &[
        need("type", Kind::Choice(&["hidden"]), "What no visitor sees.", "hidden"),
        may("value", Kind::Text, "What it is, unless the page tells one of `options`.", "fair-2026"),
        may(
            "options",
            Kind::List(&Kind::Text),
            "What else a page may tell. Anything else is passed over.",
            "[fair-2026, fair-2027]",
        ),
    ],
    one_of: &["value", "options"],
};

pub(crate) static CHECKBOX_FIELD: Shape = Shape {
    name: "checkbox-field",
    title: "a field",
    about: "A box to tick: true or false.",
    keys: &[
        need("type", Kind::Choice(&["checkbox"]), "A box to tick.", "checkbox"),
        REQUIRED,
        LABEL,
        MESSAGE,
        ASK,
    ],
    one_of: &[],
};

/// The key that tells one field from another: its `type`.
pub(crate) fn type_of(field: &Shape) -> Option<&'static str> {
    match field.keys.first()?.kind {
        Kind::Choice([name]) => Some(name),
        _ => None,
    }
}
