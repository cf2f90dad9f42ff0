//! The names of events: whatever people write, in the one spelling that campaigns use.

/// The name in snake case: `Quote Requested`, `quoteRequested` and `quote-requested` are all `quote_requested`.
pub(super) fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (place, letter) in letters.iter().enumerate() {
        if !letter.is_alphanumeric() {
            begin_word(&mut snake);
            continue;
        }
        if letter.is_uppercase() {
            let before = place.checked_sub(1).and_then(|place| letters.get(place));
            let after_small = before.is_some_and(|before| before.is_lowercase() || before.is_numeric());
            // The last capital of several begins the next word: `PDFOpened`.
            let ends_capitals = before.is_some_and(|before| before.is_uppercase())
                && letters.get(place + 1).is_some_and(|after| after.is_lowercase());
            if after_small || ends_capitals {
                begin_word(&mut snake);
            }
        }
        snake.extend(letter.to_lowercase());
    }
    snake.trim_matches('_').to_owned()
}

fn begin_word(snake: &mut String) {
    if !snake.is_empty() && !snake.ends_with('_') {
        snake.push('_');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("Quote Requested", "quote_requested")]
    #[case("quoteRequested", "quote_requested")]
    #[case("quote_requested", "quote_requested")]
    #[case("  Quote – requested! ", "quote_requested")]
    #[case("PDFOpened", "pdf_opened")]
    #[case("openedPDF", "opened_pdf")]
    #[case("Step2Done", "step2_done")]
    #[case("Devis demandé", "devis_demandé")]
    #[case("…", "")]
    fn a_name_is_spelled_in_snake_case(#[case] name: &str, #[case] expected: &str) {
        assert_eq!(snake_case(name), expected);
    }

    proptest! {
        #[test]
        fn spelling_it_twice_changes_nothing(name in "[a-zA-Z0-9 _-]{0,30}") {
            let once = snake_case(&name);
            prop_assert_eq!(snake_case(&once), once.clone());
        }
    }
}
