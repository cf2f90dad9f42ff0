//! How deep a condition may nest: the CEL parser recurses, and a stack that runs out would end the whole program.

/// Longer than anybody reads.
const LONGEST: usize = 2_000;
/// What a bracket costs in the parser's stack, if an operator costs 1; measured on a stack of 2 MB, unoptimised.
const BRACKET: usize = 6;
/// What fits on such a stack, with room to spare.
const BUDGET: usize = 50;

/// Where a condition becomes too deep or too long, in bytes.
pub(super) fn excess(text: &str) -> Option<usize> {
    if text.len() > LONGEST {
        return Some(text.floor_char_boundary(LONGEST));
    }
    // The cost of each open bracket, and of the operators beside it since the last `&&`, `||` or comma.
    let mut open: Vec<usize> = vec![0];
    let mut quote: Option<char> = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if let Some(mark) = quote {
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == mark {
                quote = None;
            }
            continue;
        }
        match c {
            '"' | '\'' => quote = Some(c),
            '(' | '[' | '{' => open.push(BRACKET),
            ')' | ']' | '}' if open.len() > 1 => {
                open.pop();
            }
            '&' | '|' | ',' => {
                if let Some(level) = open.last_mut() {
                    *level = if *level >= BRACKET { BRACKET } else { 0 };
                }
            }
            '+' | '-' | '*' | '/' | '%' | '<' | '>' | '=' | '!' | '?' | 'i' => {
                let doubled = matches!(c, '=' | 'i') && !begins_operator(text, at);
                if let Some(level) = open.last_mut().filter(|_| !doubled) {
                    *level += 1;
                }
            }
            _ => {}
        }
        if open.iter().sum::<usize>() > BUDGET {
            return Some(at);
        }
    }
    None
}

/// Whether the `=` at `at` is not the second half of an operator, or the `i` begins the word `in`.
fn begins_operator(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    if text[at..].starts_with('=') {
        return !matches!(before, Some('=' | '!' | '<' | '>'));
    }
    let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.');
    text[at..].starts_with("in") && !word(before) && !word(text[at + 2..].chars().next())
}
