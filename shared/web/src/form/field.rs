//! One field of the hosted form, with its label and, if need be, its fault.

use domain::campaign::{ChoiceOption, Field, FieldKind};
use domain::zone;
use maud::{Markup, html};

use super::country::countries;
use super::fault::Fault;
use super::page::{Sheet, label};
use super::words::Words;
use crate::language::primary;

/// Up to so many choices are shown all at once, since a thumb finds them sooner than a list that opens.
const MOST_RADIOS: usize = 5;

/// The field as its kind is best filled in.
pub(super) fn field(sheet: &Sheet<'_>, field: &Field) -> Markup {
    let part = Part {
        sheet,
        field,
        fault: sheet.faults.iter().find(|fault| fault.field == field.name),
        typed: sheet.typed.first(&field.name).unwrap_or_default(),
    };
    match &field.kind {
        FieldKind::Choice { options } if options.len() <= MOST_RADIOS => part.radios(options),
        FieldKind::Choice { options } => part.labelled(&part.list(options)),
        FieldKind::Country => part.labelled(&part.countries()),
        FieldKind::Checkbox => part.checkbox(),
        FieldKind::Hidden { .. } => Markup::default(),
        _ => part.labelled(&part.input()),
    }
}

struct Part<'a> {
    sheet: &'a Sheet<'a>,
    field: &'a Field,
    fault: Option<&'a Fault>,
    typed: &'a str,
}

impl Part<'_> {
    fn labelled(&self, control: &Markup) -> Markup {
        html! {
            div.field data-field hidden[self.waits()] {
                label for=(self.field.name) { (self.label()) }
                (control)
                (self.told_fault())
            }
        }
    }

    fn label(&self) -> Markup {
        let words = Words::of(self.sheet.language.tongue);
        html! {
            (label(self.sheet, self.field))
            @if !self.required() && self.field.kind != FieldKind::Checkbox { " " span.optional { "(" (words.optional) ")" } }
        }
    }

    /// A form without an address is of no use, whatever its file says.
    fn required(&self) -> bool {
        self.field.required || self.field.name == super::fields::EMAIL
    }

    /// Whether it is not in sight until the script finds that it is to be asked now. Without the script it never is.
    fn waits(&self) -> bool {
        self.field.later && self.fault.is_none() && self.typed.is_empty()
    }

    fn told_fault(&self) -> Markup {
        html! {
            @if let Some(fault) = self.fault {
                p.fault id=(self.fault_id()) { (fault.message(self.sheet.form, self.sheet.language)) }
            }
        }
    }

    fn fault_id(&self) -> String {
        format!("{}-fault", self.field.name)
    }

    fn described_by(&self) -> Option<String> {
        self.fault.map(|_| self.fault_id())
    }

    fn invalid(&self) -> Option<&'static str> {
        self.fault.map(|_| "true")
    }

    fn input(&self) -> Markup {
        let (kind, mode) = match self.field.kind {
            FieldKind::Email => ("email", None),
            FieldKind::Phone => ("tel", None),
            FieldKind::Number { .. } => ("number", Some("decimal")),
            FieldKind::Date => ("date", None),
            _ => ("text", None),
        };
        let (min, max) = match self.field.kind {
            FieldKind::Number { min, max } => (min, max),
            _ => (None, None),
        };
        let (least, most) = match self.field.kind {
            FieldKind::Text { max_length, min_length, .. } => (min_length, Some(max_length)),
            _ => (None, None),
        };
        let step = matches!(self.field.kind, FieldKind::Number { .. }).then_some("any");
        html! {
            input type=(kind) id=(self.field.name) name=(self.field.name) value=(self.typed)
                required[self.required()] autocomplete=[self.autocomplete()] inputmode=[mode]
                minlength=[least] maxlength=[most] min=[min] max=[max] step=[step]
                aria-invalid=[self.invalid()] aria-describedby=[self.described_by()];
        }
    }

    /// What a browser may fill in by itself (HTML Standard, "Autofill").
    fn autocomplete(&self) -> Option<&'static str> {
        Some(match (&self.field.kind, self.field.name.as_str()) {
            (FieldKind::Email, _) => "email",
            (FieldKind::Phone, _) => "tel",
            (FieldKind::Country, _) => "country",
            (FieldKind::Date, "birthday" | "birthdate" | "date_of_birth") => "bday",
            (_, "name" | "full_name") => "name",
            (_, "first_name") => "given-name",
            (_, "last_name") => "family-name",
            (_, "company" | "organisation" | "organization") => "organization",
            (_, "job_title") => "organization-title",
            (_, "postcode" | "postal_code" | "zip") => "postal-code",
            (_, "city") => "address-level2",
            (_, "country") => "country-name",
            _ => return None,
        })
    }

    fn radios(&self, options: &[ChoiceOption]) -> Markup {
        html! {
            fieldset data-field hidden[self.waits()] aria-invalid=[self.invalid()] aria-describedby=[self.described_by()] {
                legend id=(self.field.name) { (self.label()) }
                div.choices {
                    @for option in options {
                        label.tick {
                            input type="radio" name=(self.field.name) value=(option.value)
                                required[self.required()] checked[option.value == self.typed];
                            span { (self.option(option)) }
                        }
                    }
                }
                (self.told_fault())
            }
        }
    }

    fn list(&self, options: &[ChoiceOption]) -> Markup {
        let words = Words::of(self.sheet.language.tongue);
        html! {
            select id=(self.field.name) name=(self.field.name) required[self.required()]
                aria-invalid=[self.invalid()] aria-describedby=[self.described_by()] {
                option value="" { (words.choose) }
                @for option in options {
                    option value=(option.value) selected[option.value == self.typed] { (self.option(option)) }
                }
            }
        }
    }

    fn countries(&self) -> Markup {
        let words = Words::of(self.sheet.language.tongue);
        let typed = zone::country(self.typed);
        html! {
            select id=(self.field.name) name=(self.field.name) required[self.required()]
                autocomplete=[self.autocomplete()] aria-invalid=[self.invalid()] aria-describedby=[self.described_by()] {
                option value="" { (words.choose) }
                @for (code, name) in countries(primary(self.sheet.language.locale)) {
                    option value=(code) selected[typed == Some(code)] { (name) }
                }
            }
        }
    }

    fn option<'a>(&'a self, option: &'a ChoiceOption) -> &'a str {
        match self.sheet.language.text(&option.label) {
            "" => &option.value,
            label => label,
        }
    }

    fn checkbox(&self) -> Markup {
        let ticked = matches!(self.typed.to_ascii_lowercase().as_str(), "on" | "true" | "1" | "yes");
        html! {
            div.field data-field hidden[self.waits()] {
                label.tick {
                    input type="checkbox" id=(self.field.name) name=(self.field.name) value="on"
                        required[self.required()] checked[ticked]
                        aria-invalid=[self.invalid()] aria-describedby=[self.described_by()];
                    span { (self.label()) }
                }
                (self.told_fault())
            }
        }
    }
}
