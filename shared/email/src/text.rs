//! Text that people typed, made fit for the spot where it stands.

use std::fmt::Write;

/// Characters that stand for something else while a template is filled (the private planes 15 and 16 of Unicode).
/// No text that comes in may hold one.
pub(crate) fn is_reserved(character: char) -> bool {
    character >= '\u{F0000}'
}

/// One line of text: line breaks, tabs and other control characters become spaces; marks that reverse the reading
/// direction vanish, since they could make an address look like another one.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .filter(|character| !is_reserved(*character) && !reorders(*character))
        .map(|character| if breaks_line(character) { ' ' } else { character })
        .collect()
}

/// The same, with runs of spaces folded and none at the ends: for subjects and preheaders.
pub(crate) fn header(text: &str) -> String {
    one_line(text).split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn breaks_line(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

/// The explicit bidirectional controls of Unicode Standard Annex 9, section 2.
fn reorders(character: char) -> bool {
    matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Looks as before, and takes up no room (Unicode, section 23.2).
const ZERO_WIDTH_NON_JOINER: char = '\u{200C}';

/// The same with a [`ZERO_WIDTH_NON_JOINER`] wherever a mail program would see a web or e-mail address, and make a link of it: after
/// `://`, `www.`, a dot that letters follow, and an `@` between letters or digits. Numbers stay as they are.
pub(crate) fn unlinked(value: &str) -> String {
    let mut written = String::with_capacity(value.len());
    for (place, character) in value.char_indices() {
        written.push(character);
        let (before, after) = (&value[..place], &value[place + character.len_utf8()..]);
        let begins_address = match character {
            '/' => before.ends_with(":/"),
            '.' => ends_with_www(before) || joins_domain(before, after),
            '@' => before.ends_with(char::is_alphanumeric) && after.starts_with(char::is_alphanumeric),
            _ => false,
        };
        if begins_address {
            written.push(ZERO_WIDTH_NON_JOINER);
        }
    }
    written
}

fn ends_with_www(before: &str) -> bool {
    before
        .len()
        .checked_sub(3)
        .and_then(|at| before.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

/// Whether a dot stands at the end of a word, and before two letters. Marks and the like end words as letters do.
fn joins_domain(before: &str, after: &str) -> bool {
    let ends_word = before.chars().next_back().is_some_and(|last| last != '.' && !last.is_whitespace());
    ends_word && after.chars().take(2).filter(|next| next.is_alphabetic()).count() == 2
}

/// For HTML that a marketer wrote by hand. Even between the attributes of a tag, where no quotes protect it, a value
/// must stay text: so everything in ASCII but letters and digits becomes a character reference.
pub(crate) fn html(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        if character.is_ascii() && !character.is_ascii_alphanumeric() {
            // Writing to a string does not fail.
            let _ = write!(escaped, "&#{};", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// For the inside of an address: only what RFC 3986, section 2.3, calls unreserved stays as it is.
pub(crate) fn percent_encoded(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
