//! What can be wrong with a field, as a program reads it and as a visitor does.

use domain::InvalidEmail;
use domain::campaign::Form;
use serde::Serialize;

use crate::language::{Language, Tongue};

/// One field's fault.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    /// The field's name.
    pub field: String,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FaultKind {
    /// A required field is empty or not there.
    Missing,
    /// The field came twice, with two values.
    Ambiguous,
    /// Its bytes are no UTF-8.
    NotUtf8,
    /// It is a list or an object.
    Nested,
    /// It is a file.
    File,
    /// It has more characters than that.
    TooLong(usize),
    /// It has fewer characters than that.
    TooShort(usize),
    /// It does not look as the form's file says.
    NoMatch,
    /// It is no day as ISO 8601 writes it.
    NotADate,
    /// It is no country's two letters.
    NotACountry,
    /// It is none of these values.
    NotAChoice(Vec<String>),
    /// It is no number.
    NotANumber,
    /// It is less than that.
    TooSmall(f64),
    /// It is more than that.
    TooLarge(f64),
    /// It is no telephone number, or one of an unknown country.
    NotAPhone,
    /// It is neither yes nor no.
    NotATick,
    /// It is no address.
    Email(InvalidEmail),
    /// Its address is one that is thrown away.
    Disposable,
}

/// A fault as JSON spells it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Spelled {
    /// None for what concerns no single field.
    pub field: Option<String>,
    /// For programs; never changes.
    pub code: &'static str,
    /// For people.
    pub message: String,
}

impl Fault {
    /// For JSON.
    pub fn spelled(&self, form: &Form, language: Language<'_>) -> Spelled {
        Spelled {
            field: Some(self.field.clone()),
            code: self.kind.code(),
            message: self.message(form, language),
        }
    }

    /// A sentence to the visitor: the form's own, where its file has one for what this field takes.
    pub fn message(&self, form: &Form, language: Language<'_>) -> String {
        let field = form.fields.iter().find(|field| field.name == self.field);
        let own =
            field.filter(|_| self.kind.is_of_content()).map_or("", |field| language.text(&field.message));
        if own.is_empty() { self.kind.message(language.tongue) } else { own.to_owned() }
    }
}

impl FaultKind {
    fn code(&self) -> &'static str {
        match self {
            Self::Missing => "required",
            Self::Ambiguous => "ambiguous",
            Self::NotUtf8 => "not_utf8",
            Self::Nested => "nested",
            Self::File => "file",
            Self::TooLong(_) => "too_long",
            Self::TooShort(_) => "too_short",
            Self::NoMatch => "no_match",
            Self::NotADate => "not_a_date",
            Self::NotACountry => "not_a_country",
            Self::Disposable => "disposable_address",
            Self::NotAChoice(_) => "not_a_choice",
            Self::NotANumber => "not_a_number",
            Self::TooSmall(_) => "too_small",
            Self::TooLarge(_) => "too_large",
            Self::NotAPhone => "not_a_phone_number",
            Self::NotATick => "not_a_tick",
            Self::Email(InvalidEmail::Syntax) => "not_an_address",
            Self::Email(InvalidEmail::LocalPartNotAscii) => "address_not_ascii",
            Self::Email(InvalidEmail::Domain) => "address_without_domain",
        }
    }

    /// Whether it is about what was typed, and not about how it was sent or that it is missing.
    fn is_of_content(&self) -> bool {
        !matches!(
            self,
            Self::Missing | Self::Ambiguous | Self::NotUtf8 | Self::Nested | Self::File | Self::Disposable
        )
    }

    /// A sentence to the visitor.
    fn message(&self, tongue: Tongue) -> String {
        match tongue {
            Tongue::French => self.french(),
            Tongue::English => self.english(),
        }
    }

    fn french(&self) -> String {
        match self {
            Self::Missing => "Ce champ est nécessaire.".into(),
            Self::Ambiguous => "Ce champ est arrivé deux fois, avec deux valeurs différentes.".into(),
            Self::NotUtf8 => {
                "Des lettres de ce champ sont arrivées abîmées\u{a0}: le texte doit être en UTF-8. Saisissez-le à nouveau."
                    .into()
            }
            Self::Nested => "Ce champ doit être un texte, un nombre, ou vrai ou faux\u{a0}: ni liste ni objet.".into(),
            Self::File => "Les fichiers ne sont pas acceptés ici.".into(),
            Self::TooLong(most) => format!("Ce texte est trop long\u{a0}: {most} caractères au plus."),
            Self::TooShort(least) => format!("Ce texte est trop court\u{a0}: {least} caractères au moins."),
            Self::NoMatch => "Ce texte n’a pas la forme attendue. Vérifiez-le.".into(),
            Self::NotADate => "Saisissez une date, par exemple 2026-12-24.".into(),
            Self::NotACountry => "Choisissez un pays de la liste.".into(),
            Self::Disposable => {
                "Cette adresse est de celles que l’on jette après usage. Donnez-en une que vous lisez\u{a0}: \
                 sans cela, rien ne vous parviendrait."
                    .into()
            }
            Self::NotAChoice(values) => format!("Choisissez l’une de ces valeurs\u{a0}: {}.", values.join(", ")),
            Self::NotANumber => "Saisissez un nombre, par exemple 120 ou 120,5.".into(),
            Self::TooSmall(least) => format!("Saisissez un nombre d’au moins {}.", french_number(*least)),
            Self::TooLarge(most) => format!("Saisissez un nombre d’au plus {}.", french_number(*most)),
            Self::NotAPhone => {
                "Nous ne reconnaissons pas ce numéro de téléphone. Vérifiez-le, \
                 ou commencez par l’indicatif du pays, par exemple +33."
                    .into()
            }
            Self::NotATick => "Une case cochée vaut «\u{a0}on\u{a0}», «\u{a0}true\u{a0}», «\u{a0}1\u{a0}» ou «\u{a0}yes\u{a0}».".into(),
            Self::Email(InvalidEmail::Syntax) => {
                "Ce n’est pas une adresse e-mail. Exemple\u{a0}: camille@exemple.fr.".into()
            }
            Self::Email(InvalidEmail::LocalPartNotAscii) => {
                "La partie avant le @ contient des lettres (accents, autres alphabets) que le courrier électronique \
                 ne transporte pas partout. Donnez une adresse sans elles."
                    .into()
            }
            Self::Email(InvalidEmail::Domain) => {
                "La partie après le @ n’est pas un nom de domaine, comme exemple.fr.".into()
            }
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Missing => "This field is needed.".into(),
            Self::Ambiguous => "This field came twice, with two different values.".into(),
            Self::NotUtf8 => {
                "Letters of this field arrived broken: the text must be UTF-8. Please type it again.".into()
            }
            Self::Nested => "This field must be a text, a number, or true or false: no list and no object.".into(),
            Self::File => "Files are not accepted here.".into(),
            Self::TooLong(most) => format!("This text is too long: {most} characters at most."),
            Self::TooShort(least) => format!("This text is too short: {least} characters at least."),
            Self::NoMatch => "This text does not look as it should. Please check it.".into(),
            Self::NotADate => "Enter a date, such as 2026-12-24.".into(),
            Self::NotACountry => "Choose a country of the list.".into(),
            Self::Disposable => {
                "This is an address of the kind that is thrown away. Please give one that you read: \
                 otherwise nothing would reach you."
                    .into()
            }
            Self::NotAChoice(values) => format!("Choose one of these values: {}.", values.join(", ")),
            Self::NotANumber => "Enter a number, such as 120 or 120.5.".into(),
            Self::TooSmall(least) => format!("Enter a number of at least {least}."),
            Self::TooLarge(most) => format!("Enter a number of at most {most}."),
            Self::NotAPhone => {
                "We do not recognise this telephone number. Check it, \
                 or begin with the code of its country, such as +44."
                    .into()
            }
            Self::NotATick => "A ticked box says `on`, `true`, `1` or `yes`.".into(),
            Self::Email(InvalidEmail::Syntax) => {
                "This is not an e-mail address. An example: camille@example.com.".into()
            }
            Self::Email(InvalidEmail::LocalPartNotAscii) => {
                "The part before the @ has letters (accents, other alphabets) that e-mail cannot carry everywhere. \
                 Please give an address without them."
                    .into()
            }
            Self::Email(InvalidEmail::Domain) => {
                "The part after the @ is not a domain name, such as example.com.".into()
            }
        }
    }
}

fn french_number(number: f64) -> String {
    number.to_string().replace('.', ",")
}
