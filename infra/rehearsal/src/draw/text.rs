//! Text in a picture: how wide it is, where it breaks, and how it is escaped.

/// The width of a text in pixels, near enough: fonts differ from machine to machine, and none is known here.
pub(super) fn width(text: &str, size: f64) -> f64 {
    // A little more than most fonts need, so that no line leaves its box.
    text.chars().map(|c| em(c) * size * 1.08).sum()
}

fn em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '’' => 0.30,
        'f' | 'r' | 't' | ' ' | '(' | ')' | '-' | '"' | '`' => 0.38,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.88,
        c if c.is_uppercase() => 0.68,
        c if c.is_ascii() => 0.56,
        c if ('\u{2e80}'..='\u{ffef}').contains(&c) || c > '\u{1f000}' => 1.05,
        _ => 0.60,
    }
}

/// The text in lines of at most that width; what does not fit in `most` lines ends in an ellipsis.
pub(super) fn wrap(text: &str, size: f64, room: f64, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        for piece in pieces(word, size, room) {
            let line = lines.last_mut().map(std::mem::take).unwrap_or_default();
            let joined = if line.is_empty() { piece.clone() } else { format!("{line} {piece}") };
            if line.is_empty() || width(&joined, size) <= room {
                lines.pop();
                lines.push(joined);
            } else {
                lines.pop();
                lines.extend([line, piece]);
            }
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            while width(last, size) + width("…", size) > room && last.pop().is_some() {}
            last.push('…');
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// A word that is wider than a line breaks anywhere.
fn pieces(word: &str, size: f64, room: f64) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for c in word.chars() {
        let wide = pieces.last().is_some_and(|piece| width(piece, size) + em(c) * size > room);
        if wide {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces
}

/// As XML wants it; characters that XML has no place for are left out (XML 1.0, section 2.2).
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() && !matches!(c, '\t' | '\n') || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_words_and_long_words_anywhere() {
        assert_eq!(wrap("one two three", 10.0, 45.0, 9), ["one two", "three"]);
        assert_eq!(wrap("abcdefghijkl", 10.0, 30.0, 9).concat(), "abcdefghijkl");
        assert_eq!(wrap("one two three four", 10.0, 45.0, 2), ["one two", "three…"]);
        assert!(wrap("  ", 10.0, 45.0, 2).is_empty());
    }

    #[test]
    fn markup_becomes_text() {
        assert_eq!(escape("<a href=\"x\">&\u{7}</a>"), "&lt;a href=&quot;x&quot;&gt;&amp;&lt;/a&gt;");
    }
}
