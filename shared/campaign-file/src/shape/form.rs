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
            PAGE,
            "Where the visitor goes then. Without it, a page of ours says thank you.",
            "https://example.org/thanks",
        ),
        need(
            "fields",
            Kind::Named(&FIELD),
            "What the form asks, by name. One of them is `email`. Each of the others becomes a trait: `lead.<name>`.",
            "{ email: { type: email }, first_name: { type: text } }",
        ),
        need("consent", Kind::Shape(&CONSENT), "What the visitor agrees to.", ""),
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
            "Whether the address is confirmed by e-mail first. It is, unless this is `false`.",
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
pub(crate) static FIELDS: &[&Shape] =
    &[&EMAIL_FIELD, &TEXT_FIELD, &CHOICE_FIELD, &NUMBER_FIELD, &PHONE_FIELD, &CHECKBOX_FIELD];

const REQUIRED: Key = may("required", Kind::Boolean, "Whether it must be filled in.", "true");
const LABEL: Key = may("label", Kind::Localised, "What stands beside it.", "{ en: First name }");

pub(crate) static EMAIL_FIELD: Shape = Shape {
    name: "email-field",
    title: "a field",
    about: "An e-mail address. The field `email` is the lead's own.",
    keys: &[need("type", Kind::Choice(&["email"]), "An e-mail address.", "email"), REQUIRED, LABEL],
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
        may("max_length", Kind::Whole(1, 20_000), "The most characters; 500 without it.", "80"),
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
        may("min", Kind::Number, "The least.", "1"),
        may("max", Kind::Number, "The most.", "10000"),
    ],
    one_of: &[],
};

pub(crate) static PHONE_FIELD: Shape = Shape {
    name: "phone-field",
    title: "a field",
    about: "A telephone number.",
    keys: &[need("type", Kind::Choice(&["phone"]), "A telephone number.", "phone"), REQUIRED, LABEL],
    one_of: &[],
};

pub(crate) static CHECKBOX_FIELD: Shape = Shape {
    name: "checkbox-field",
    title: "a field",
    about: "A box to tick: true or false.",
    keys: &[need("type", Kind::Choice(&["checkbox"]), "A box to tick.", "checkbox"), REQUIRED, LABEL],
    one_of: &[],
};

/// The key that tells one field from another: its `type`.
pub(crate) fn type_of(field: &Shape) -> Option<&'static str> {
    match field.keys.first()?.kind {
        Kind::Choice([name]) => Some(name),
        _ => None,
    }
}
