//! What tells a country's telephone numbers from its neighbours': how many digits they have, and which come first.
//!
//! `phonelib` knows each country's calling code, trunk prefix and lengths, but lets a number of any allowed length begin
//! as it likes: `06 12 34 56 78` would be a Belgian number. So countries whose people write their numbers alike, and
//! share a language, are told apart here.

/// Lengths and leading digits after the trunk prefix, after the plans that national regulators have filed with the ITU
/// (ITU-T E.129, "Presentation of national numbering plans"). Generous: new blocks are opened beside the old ones.
const PLANS: [(&str, &[(usize, &str)]); 10] = [
    ("BE", &[(8, "1 2 3 42 43 5 6 7 8 9"), (9, "45 46 47 48 49")]),
    ("CH", &[(9, "21 22 24 26 27 31 32 33 34 41 43 44 51 52 55 56 58 61 62 68 69 7 8 9")]),
    ("DZ", &[(8, "2 3 4"), (9, "5 6 7 8 9")]),
    ("GB", &[(7, "8"), (9, "1 8"), (10, "1 203 204 207 208 23 24 28 29 3 5 7 8 9")]),
    ("GP", &[(9, "59 69 8 9")]),
    ("IE", &[(7, "2 4 5 6 9"), (8, "1 2 4 5 6 9"), (9, "1 4 5 6 7 8 9"), (10, "1 8")]),
    ("MA", &[(9, "5 6 7 8")]),
    ("MQ", &[(9, "59 69 8 9")]),
    ("NL", &[(7, "80 90"), (8, "80 90"), (9, "1 2 3 4 5 6 7 8 9"), (10, "80 90"), (11, "6 97")]),
    ("RE", &[(9, "26 69 8 9")]),
];

/// Whether the country may have this number, given without calling code and trunk prefix. A country that is not told
/// apart has them all.
pub(super) fn may_have(country: &str, number: &str) -> bool {
    let plan = PLANS.iter().find(|(known, _)| *known == country);
    plan.is_none_or(|(_, blocks)| {
        blocks.iter().any(|(length, leads)| {
            number.len() == *length && leads.split(' ').any(|lead| number.starts_with(lead))
        })
    })
}
