//! Makes a visitor's text fit to be kept: one line, no control characters, not endless.

/// The text without white space around it, and with each run of control characters and line breaks made one space. A
/// name with a line break in it loses nothing and cannot become a header of an e-mail.
pub(crate) fn fold(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let parts: Vec<&str> = text.split(breaks).map(str::trim).filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// The text's first characters.
pub(crate) fn cut(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_folded_to_one_line() {
        assert_eq!(fold("  Jean\r\nBcc: all@example.org\t "), "Jean Bcc: all@example.org");
        assert_eq!(fold("Anne\u{2028}Marie  de\0 Y"), "Anne Marie  de Y");
        assert_eq!(fold("\r\n\t"), "");
        assert_eq!(fold("Zoë 👩‍🌾"), "Zoë 👩‍🌾");
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("éàü", 2), "éà");
        assert_eq!(cut("é", 2), "é");
    }
}
