//! What the files are made of: one table from which come the keys that readers know, the JSON Schema and the reference.
//!
//! A new key is a new row. A new step is a new shape in [`sequence::STEPS`], whose first key is what it does.

pub(crate) mod campaign;
pub(crate) mod email;
pub(crate) mod form;
mod markdown;
pub(crate) mod organisation;
pub mod scenario;
mod schema;
pub(crate) mod score;
pub(crate) mod sequence;

pub use markdown::reference;
pub use schema::schema;

/// A mapping of certain keys.
#[derive(Debug)]
pub struct Shape {
    /// One word in kebab case, its own among all shapes.
    pub name: &'static str,
    /// What it is, as findings call it: `` `form` ``, `a sender`.
    pub title: &'static str,
    /// What it is for, in a sentence or two of Markdown.
    pub about: &'static str,
    pub keys: &'static [Key],
    /// Keys of which at least one is there; none if there is no such rule.
    pub one_of: &'static [&'static str],
}

/// A key of a mapping.
#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
    /// What it means, in a sentence or two of Markdown.
    pub about: &'static str,
    /// A good value, as YAML on one line; empty where the shape within has examples of its own.
    pub example: &'static str,
}

/// What a value is.
#[derive(Debug)]
pub enum Kind {
    /// Anything: the reader tells.
    Any,
    /// A text of any form.
    Text,
    Number,
    /// A whole number from the first to the second.
    Whole(u32, u32),
    Boolean,
    /// `true`, and never `false`.
    True,
    /// `3d`, `1d 12h`, `PT36H`.
    Duration,
    /// `mon-fri 09:00-18:00`.
    Window,
    /// `21:00-08:00`.
    Hours,
    /// `2 per 24h`.
    Amount,
    /// A condition in CEL.
    Condition,
    /// One text, or one for each language.
    Localised,
    /// A text of a certain form: what it is, and the pattern that all good ones match.
    Like(&'static str, &'static str),
    /// One of these words.
    Choice(&'static [&'static str]),
    Shape(&'static Shape),
    /// One of these, told apart by their first keys.
    OneShape(&'static [&'static Shape]),
    List(&'static Kind),
    /// A mapping whose keys are names of the user's own.
    Named(&'static Kind),
    Either(&'static [Kind]),
}

/// A file, or kind of files, that has a schema.
#[derive(Debug)]
pub struct Document {
    /// What `sillon schema` calls it.
    pub name: &'static str,
    pub root: &'static Shape,
}

/// Every kind of file.
pub static DOCUMENTS: &[Document] = &[
    Document { name: "organisation", root: &organisation::ORGANISATION_FILE },
    Document { name: "campaign", root: &campaign::CAMPAIGN_FILE },
    Document { name: "scenario", root: &scenario::SCENARIO },
    Document { name: "e-mail", root: &email::FRONT_MATTER },
];

impl Shape {
    /// The names of its keys, in the order of the table.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|key| key.name)
    }

    /// Every shape that stands in this one, itself first, each once, in the order of the table.
    pub(crate) fn within(&'static self) -> Vec<&'static Shape> {
        let mut found: Vec<&'static Shape> = Vec::new();
        let mut open = vec![self];
        while let Some(shape) = open.pop() {
            if found.iter().any(|known| known.name == shape.name) {
                continue;
            }
            found.push(shape);
            let mut inner: Vec<&'static Shape> = Vec::new();
            shape.keys.iter().for_each(|key| key.kind.shapes(&mut inner));
            open.extend(inner.into_iter().rev());
        }
        found
    }
}

impl Kind {
    fn shapes(&'static self, into: &mut Vec<&'static Shape>) {
        match self {
            Kind::Shape(shape) => into.push(shape),
            Kind::OneShape(shapes) => into.extend(shapes.iter().copied()),
            Kind::List(inner) | Kind::Named(inner) => inner.shapes(into),
            Kind::Either(kinds) => kinds.iter().for_each(|kind| kind.shapes(into)),
            _ => {}
        }
    }
}

/// A key that must be there.
pub(crate) const fn need(name: &'static str, kind: Kind, about: &'static str, example: &'static str) -> Key {
    Key { name, kind, required: true, about, example }
}

/// A key that may be left out.
pub(crate) const fn may(name: &'static str, kind: Kind, about: &'static str, example: &'static str) -> Key {
    Key { name, kind, required: false, about, example }
}

/// `https://example.org/page`; `http` only on this machine.
pub(crate) const PAGE: Kind = Kind::Like("the address of a web page", "^https?://");
/// `name@example.org`.
pub(crate) const ADDRESS: Kind = Kind::Like("an e-mail address", "@");
/// `quote_requested`.
pub(crate) const EVENT: Kind = Kind::Like("the name of an event", "^[A-Za-z]");
