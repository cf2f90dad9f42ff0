//! Where in HTML that an author wrote by hand something stands: where a reader sees it, or within a tag.

/// The spot that a reader of HTML has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Spot {
    /// Between tags: what stands here is shown.
    #[default]
    Text,
    Tag,
    /// Within an attribute's value, after this quotation mark.
    Quoted(char),
    Comment,
}

impl Spot {
    /// The spot after the first character of `rest`.
    pub fn after(self, rest: &str) -> Self {
        let first = rest.chars().next().unwrap_or_default();
        match self {
            Self::Text if rest.starts_with("<!--") => Self::Comment,
            Self::Text if first == '<' && opens_tag(&rest[1..]) => Self::Tag,
            Self::Comment if rest.starts_with("-->") => Self::Text,
            Self::Tag if first == '>' => Self::Text,
            Self::Tag if matches!(first, '"' | '\'') => Self::Quoted(first),
            Self::Quoted(mark) if first == mark => Self::Tag,
            _ => self,
        }
    }
}

/// HTML Living Standard, section 13.2.5.6 (tag open state).
fn opens_tag(after: &str) -> bool {
    after.starts_with(|next: char| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?'))
}
