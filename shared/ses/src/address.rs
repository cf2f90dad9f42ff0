//! Addresses as SES wants them in headers: names in ASCII, whatever letters they have.
//!
//! SES refuses a sender whose name is not ASCII, unless it is written as encoded words (RFC 2047; API reference,
//! `FromEmailAddress`). Subject and bodies need no such care, since their character set is named beside them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// An encoded word has at most 75 characters (RFC 2047, section 2): 12 of them frame it, and 45 bytes make 60 of Base64.
const BYTES_OF_A_WORD: usize = 45;

/// `Name <address>`, or an address, with the name quoted or encoded as far as it must be.
pub(crate) fn in_header(text: &str) -> String {
    let named = text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<'));
    let Some((name, address)) = named else { return text.trim().to_owned() };
    let name = unquoted(name.trim());
    if name.is_empty() {
        address.trim().to_owned()
    } else {
        format!("{} <{}>", phrase(&name), address.trim())
    }
}

fn phrase(name: &str) -> String {
    if !name.is_ascii() || name.contains("=?") {
        return encoded(name);
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || " !#$%&'*+-/=?^_`{|}~".contains(c);
    if name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// The name alone, without the quotes it may have, and without anything that could end a header.
fn unquoted(name: &str) -> String {
    let inner = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    let name = match inner {
        Some(inner) => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => name.to_owned(),
    };
    name.chars().filter(|c| !c.is_control()).collect()
}

fn encoded(name: &str) -> String {
    let mut words: Vec<String> = vec![String::new()];
    for character in name.chars() {
        match words.last_mut() {
            Some(word) if word.len() + character.len_utf8() <= BYTES_OF_A_WORD => word.push(character),
            _ => words.push(character.to_string()),
        }
    }
    let encoded = words.iter().map(|word| format!("=?UTF-8?B?{}?=", STANDARD.encode(word)));
    encoded.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_left_quoted_or_encoded() {
        let table = [
            ("ada@example.com", "ada@example.com"),
            ("Ada Lovelace <ada@example.com>", "Ada Lovelace <ada@example.com>"),
            ("\"Ada\" <ada@example.com>", "Ada <ada@example.com>"),
            ("Soleil, SARL <a@example.com>", "\"Soleil, SARL\" <a@example.com>"),
            (r#""The \"best\"" <a@example.com>"#, r#""The \"best\"" <a@example.com>"#),
            ("Hélène <h@example.com>", "=?UTF-8?B?SMOpbMOobmU=?= <h@example.com>"),
            (
                "=?UTF-8?B?SMOpbMOobmU=?= <h@example.com>",
                "=?UTF-8?B?PT9VVEYtOD9CP1NNT3BiTU9vYm1VPT89?= <h@example.com>",
            ),
            ("<a@example.com>", "a@example.com"),
            ("Ada\r\nBcc: x@example.com <ada@example.com>", "\"AdaBcc: x@example.com\" <ada@example.com>"),
        ];
        for (text, expected) in table {
            assert_eq!(in_header(text), expected, "{text}");
        }
    }

    #[test]
    fn long_names_become_several_words_of_at_most_75_characters() {
        let name = "L'équipe énergétique des économies d'énergie à Orléans-la-Forêt".repeat(3);
        let header = in_header(&format!("{name} <a@example.com>"));
        let (words, _) = header.rsplit_once(' ').unwrap();
        let mut decoded = Vec::new();
        for word in words.split(' ') {
            assert!(word.len() <= 75, "{word}");
            let text = word.strip_prefix("=?UTF-8?B?").unwrap().strip_suffix("?=").unwrap();
            decoded.extend(STANDARD.decode(text).unwrap());
        }
        assert_eq!(String::from_utf8(decoded).unwrap(), name);
    }
}
