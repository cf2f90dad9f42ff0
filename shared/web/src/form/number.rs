//! Reads numbers as people write them.

use crate::language::Tongue;

/// The number, if it is finite. Groups of digits may be set apart by spaces or apostrophes; the decimals follow a
/// point or a comma. Where both stand, the last one leads the decimals. A lone comma before three digits is read as
/// the language reads it.
pub(crate) fn number(text: &str, tongue: Tongue) -> Option<f64> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace() && !"'’".contains(*c)).collect();
    let plain = match (compact.rfind('.'), compact.rfind(',')) {
        (Some(point), Some(comma)) if comma > point => compact.replace('.', "").replace(',', "."),
        (Some(_), Some(_)) => compact.replace(',', ""),
        (None, Some(_)) if tongue == Tongue::English && is_grouped(&compact) => compact.replace(',', ""),
        (None, Some(_)) => compact.replace(',', "."),
        _ => compact,
    };
    // What Rust reads as a number besides: `inf`, `nan`.
    let numeric = plain.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    plain.parse().ok().filter(|number: &f64| numeric && number.is_finite())
}

/// `1,200` and `1,200,000`.
fn is_grouped(text: &str) -> bool {
    let mut groups = text.trim_start_matches(['+', '-']).split(',');
    let first = groups.next().unwrap_or_default();
    (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("120", Some(120.0))]
    #[case(" 1 200,5 ", Some(1200.5))]
    #[case("1\u{202f}200", Some(1200.0))]
    #[case("1'200.50", Some(1200.5))]
    #[case("1.200,5", Some(1200.5))]
    #[case("1,200.5", Some(1200.5))]
    #[case("-3,5", Some(-3.5))]
    #[case("1e3", Some(1000.0))]
    #[case("1,200", Some(1.2))]
    #[case("1,2,3", None)]
    #[case("inf", None)]
    #[case("NaN", None)]
    #[case("1e999", None)]
    #[case("0x10", None)]
    #[case("120 m²", None)]
    #[case("", None)]
    #[case("-", None)]
    #[case("١٢", None)]
    fn in_french(#[case] text: &str, #[case] expected: Option<f64>) {
        assert_eq!(number(text, Tongue::French), expected);
    }

    #[rstest]
    #[case("1,200", Some(1200.0))]
    #[case("1,200,000", Some(1_200_000.0))]
    #[case("120,5", Some(120.5))]
    #[case("1.5", Some(1.5))]
    fn in_english(#[case] text: &str, #[case] expected: Option<f64>) {
        assert_eq!(number(text, Tongue::English), expected);
    }
}
