//! The nearest known name to one that nobody knows.

use strsim::damerau_levenshtein;

/// Comparing takes time and memory by the length of both; nobody slips in a name that is longer.
const LONGEST: usize = 100;

/// How many names a mend lists before it says "and more".
const LISTED: usize = 15;

/// The known name that was probably meant: one that differs in at most a third of its letters.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let wanted = name.to_lowercase().replace(['-', ' '], "_");
    known
        .into_iter()
        .map(|candidate| {
            let folded = candidate.to_lowercase().replace('-', "_");
            // The beginning of a name is as good as the whole of it.
            let begins = wanted.len() >= 3 && folded.starts_with(&wanted);
            (if begins { 1 } else { damerau_levenshtein(&wanted, &folded) }, candidate)
        })
        .filter(|(distance, candidate)| {
            let length = candidate.chars().count().max(name.chars().count());
            *distance <= (length / 3).max(1) && *distance < length
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The known name that was meant beyond doubt: one slip or two from it, and from no other.
pub fn certain<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    meant(name, known, 2)
}

/// The key that was meant beyond doubt. Keys are few and fixed: if all its letters are there, or it is long, that another is one
/// slip farther away leaves no doubt. A short word may be another word (`end` is not `send`).
pub fn certain_key<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = |name: &str| {
        let mut letters: Vec<char> = name.to_lowercase().chars().collect();
        letters.sort_unstable();
        letters
    };
    let known: Vec<&str> = known.into_iter().collect();
    let by_key = meant(name, known.iter().copied(), 1);
    let is_slip = |meant: &&str| name.chars().count() >= 5 || letters(meant) == letters(name);
    by_key.filter(is_slip).or_else(|| certain(name, known))
}

/// The known name that is one slip or two away, if every other is at least so many slips farther.
fn meant<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, farther: usize) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let mut close: Vec<(usize, &str)> = known
        .into_iter()
        .map(|candidate| {
            let folded = candidate.to_lowercase().replace('-', "_");
            (damerau_levenshtein(&name.to_lowercase().replace(['-', ' '], "_"), &folded), candidate)
        })
        .filter(|(distance, candidate)| *distance <= 3 && *candidate != name)
        .collect();
    close.sort_unstable();
    close.dedup();
    let (distance, meant) = *close.first()?;
    let alone = close.get(1).is_none_or(|(next, _)| *next >= distance + farther);
    let slips = if name.chars().count() >= 8 { 2 } else { 1 };
    (alone && distance <= slips && name.chars().count() >= 3 * distance.max(1)).then_some(meant)
}

/// The mend for an unknown name: the nearest known one, or all of them, or how to declare it.
pub fn mend<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, declare: &str) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let and = |help: String| if declare.is_empty() { help } else { format!("{help}, or {declare}") };
    match nearest(name, known.iter().copied()) {
        Some(meant) => and(format!("write `{meant}`")),
        None if known.is_empty() => declare.to_owned(),
        None => and(format!("known: {}", list(&known))),
    }
}

/// Names in backticks, with commas.
pub fn list(names: &[&str]) -> String {
    let mut shown: Vec<String> = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
    if names.len() > LISTED {
        shown.push(format!("and {} more", names.len() - LISTED));
    }
    shown.join(", ")
}
