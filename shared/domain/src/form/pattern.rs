//! What a text must look like, as a regular expression.

use regex_lite::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// A longer expression is nobody's to understand.
const MOST_CHARACTERS: usize = 300;
/// Bytes that a compiled expression may take: `\d{1000}` passes, `(\d{99}){99}` does not.
const MOST_BYTES: usize = 100_000;
/// Brackets within brackets.
const DEEPEST: u32 = 20;

/// A regular expression in the syntax of Rust's `regex` crate, without Unicode classes such as `\p{L}`: `regex-lite`, which
/// the AWS SDK brings along, reads it in time linear in the text. It must match the whole text, as `pattern` in HTML.
///
/// It is kept as its source and compiled when a text is to be looked at: a cold start pays nothing for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pattern(String);

/// Why a text is no expression that may be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// Too long to read.
    #[error("the pattern has {0} characters, and {MOST_CHARACTERS} is the most")]
    TooLong(usize),
    /// No expression, or one that would take too much memory.
    #[error("not a pattern: {0}")]
    Syntax(String),
}

impl Pattern {
    /// Reads an expression.
    pub fn parse(source: &str) -> Result<Self, InvalidPattern> {
        let characters = source.chars().count();
        if characters > MOST_CHARACTERS {
            return Err(InvalidPattern::TooLong(characters));
        }
        // By itself first: `a)(b` is none, although it would be one in brackets.
        compile(source).and_then(|_| compile(&whole(source))).map_err(InvalidPattern::Syntax)?;
        Ok(Self(source.to_owned()))
    }

    /// The source.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the whole text looks so. An expression that was never checked refuses nobody.
    pub fn matches(&self, text: &str) -> bool {
        compile(&whole(&self.0)).map_or(true, |expression| expression.is_match(text))
    }
}

fn whole(source: &str) -> String {
    format!("^(?:{source})$")
}

fn compile(source: &str) -> Result<Regex, String> {
    RegexBuilder::new(source)
        .size_limit(MOST_BYTES)
        .nest_limit(DEEPEST)
        .build()
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::the_whole_text("[A-Z]+", "AB", true)]
    #[case::not_a_part("[A-Z]+", "AB1", false)]
    #[case::with_anchors("^[A-Z]+$", "AB", true)]
    #[case::a_choice("FR|BE", "FRBE", false)]
    #[case::letters_beyond_ascii("[a-zéè]+", "été", true)]
    #[case::capitals_or_not("(?i)fr", "FR", true)]
    #[case::any_character(".{4}", "éàü👋", true)]
    #[case::a_postcode(r"\d{5}", "69003", true)]
    fn a_text_is_matched(#[case] pattern: &str, #[case] text: &str, #[case] expected: bool) {
        assert_eq!(Pattern::parse(pattern).unwrap().matches(text), expected);
    }

    #[rstest]
    #[case::open("[A-Z")]
    #[case::brackets_the_wrong_way("a)(b")]
    #[case::a_comment_that_swallows_the_end("(?x)a # rest")]
    #[case::large("((a{99}){99}){99}")]
    #[case::deep("((((((((((((((((((((((a))))))))))))))))))))))")]
    #[case::looking_around("(?=a)b")]
    #[case::a_unicode_class(r"\p{L}+")]
    fn a_pattern_is_refused(#[case] pattern: &str) {
        assert!(matches!(Pattern::parse(pattern), Err(InvalidPattern::Syntax(_))));
    }

    #[test]
    fn a_pattern_is_short() {
        assert!(Pattern::parse(&"a".repeat(300)).is_ok());
        assert_eq!(Pattern::parse(&"a".repeat(301)), Err(InvalidPattern::TooLong(301)));
    }

    #[test]
    fn a_pattern_of_many_ways_takes_no_longer() {
        let pattern = Pattern::parse("(a|a?)+b").unwrap();
        assert!(!pattern.matches(&"a".repeat(20_000)));
    }
}
