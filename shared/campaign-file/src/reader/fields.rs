//! Mappings whose keys are known.

use super::Reader;
use crate::nearest;
use crate::rule::Rule;
use crate::shape::Shape;
use crate::yaml::{Content, Entry, Node};

/// A mapping whose keys are all known.
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    reader: Reader<'a>,
    pub node: &'a Node,
    what: &'a str,
    known: Known<'a>,
}

/// The keys that a mapping may have.
#[derive(Clone, Copy)]
pub enum Known<'a> {
    /// Only these.
    Names(&'a [&'a str]),
    /// Those of a shape.
    Shape(&'static Shape),
    /// Those of several shapes, between which the reader tells.
    Shapes(&'static [&'static Shape]),
}

impl<'a> Known<'a> {
    /// The keys' names, each once.
    pub fn names(self) -> Vec<&'a str> {
        let all: Vec<&'a str> = match self {
            Self::Names(given) => given.to_vec(),
            Self::Shape(shape) => shape.names().collect(),
            Self::Shapes(shapes) => shapes.iter().flat_map(|shape| shape.names()).collect(),
        };
        let mut names: Vec<&'a str> = Vec::new();
        for name in all {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn has(self, name: &str) -> bool {
        match self {
            Self::Names(given) => given.contains(&name),
            Self::Shape(shape) => shape.names().any(|known| known == name),
            Self::Shapes(shapes) => shapes.iter().any(|shape| shape.names().any(|known| known == name)),
        }
    }
}

impl<'a> From<&'a [&'a str]> for Known<'a> {
    fn from(names: &'a [&'a str]) -> Self {
        Self::Names(names)
    }
}

impl<'a, const N: usize> From<&'a [&'a str; N]> for Known<'a> {
    fn from(names: &'a [&'a str; N]) -> Self {
        Self::Names(names)
    }
}

impl<'a> From<&'a Vec<&'a str>> for Known<'a> {
    fn from(names: &'a Vec<&'a str>) -> Self {
        Self::Names(names)
    }
}

impl From<&'static Shape> for Known<'_> {
    fn from(shape: &'static Shape) -> Self {
        Self::Shape(shape)
    }
}

impl From<&'static [&'static Shape]> for Known<'_> {
    fn from(shapes: &'static [&'static Shape]) -> Self {
        Self::Shapes(shapes)
    }
}

impl<'a> Reader<'a> {
    /// A mapping. Keys that are not among the known ones are findings.
    pub fn fields(&self, node: &'a Node, what: &'a str, known: impl Into<Known<'a>>) -> Option<Fields<'a>> {
        let known = known.into();
        let Content::Map(_) = &node.content else {
            self.wrong_type(
                node,
                &format!("{what} as a mapping"),
                format!("known keys: {}", nearest::list(&known.names())),
            );
            return None;
        };
        let fields = Fields { reader: *self, node, what, known };
        for entry in fields.unknown_keys() {
            let message = format!("unknown key `{}` in {what}", entry.key);
            let help = nearest::mend(&entry.key, known.names(), "");
            let told = self.error(&entry.key_span, message, help).rule(Rule::UnknownKey);
            if let Some(meant) =
                nearest::certain_key(&entry.key, known.names()).filter(|key| node.get(key).is_none())
            {
                self.rename(told, &entry.key_span, &entry.key, meant);
            }
        }
        Some(fields)
    }
}

impl<'a> Fields<'a> {
    /// The value of a key that may be missing.
    pub fn get(&self, key: &str) -> Option<&'a Node> {
        self.node.get(key)
    }

    fn unknown_keys(&self) -> impl Iterator<Item = &'a Entry> {
        let known = self.known;
        self.node.entries().iter().filter(move |entry| !known.has(&entry.key))
    }

    /// The value of a key that must be there.
    pub fn need(&self, key: &str) -> Option<&'a Node> {
        let found = self.node.get(key);
        // An unknown key that comes near was told of with this one as its mend.
        let misspelt =
            || self.unknown_keys().any(|entry| nearest::nearest(&entry.key, self.known.names()) == Some(key));
        if found.is_none() && !misspelt() {
            self.reader
                .error(
                    &self.node.lead_in,
                    format!("`{key}` is missing from {}", self.what),
                    format!("add `{key}:`"),
                )
                .rule(Rule::MissingKey);
        }
        found
    }
}
