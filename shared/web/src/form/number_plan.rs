//! What tells a country's telephone numbers from its neighbours': how many digits they have, and which come first.
//!
//! `phonelib` knows each country's calling code, trunk prefix and lengths, but lets a number of any allowed length begin
//! as it likes: `06 12 34 56 78` would be a Belgian number. So countries whose people write their numbers alike, and
//! share a language, are told apart here.

/// Lengths and leading digits after the trunk prefix, after the plans that national regulators have filed with the ITU
/// (ITU-T E.129, "Presentation of national numbering plans"). Generous: new blocks are opened beside the old ones.
const PLANS: [(&str, &[(usize, &str)]); 15] = [
    ("AU", &[(6, "13"), (9, "2 3 4 5 7 8 14"), (10, "1")]),
    ("BE", &[(8, "1 2 3 42 43 5 6 7 8 9"), (9, "45 46 47 48 49")]),
    ("CH", &[(9, "21 22 24 26 27 31 32 33 34 41 43 44 51 52 55 56 58 61 62 68 69 7 80 81 84 86 87 90 91")]),
    ("CI", &[(10, "01 05 07 21 25 27")]),
    ("DZ", &[(8, "1 2 3 4"), (9, "5 6 7 8 9")]),
    ("FR", &[(9, "1 2 3 4 5 6 73 74 75 76 77 78 79 8 9")]),
    ("GB", &[(7, "8"), (9, "1 8"), (10, "1 2 3 5 7 8 9")]),
    ("GP", &[(9, "590 69 70 80 81 82 89 97")]),
    ("IE", &[(7, "2 4 5 6 9"), (8, "1 2 4 5 6 9"), (9, "1 2 4 5 6 7 8 9"), (10, "1 8")]),
    ("MA", &[(9, "52 53 6 7 80 89")]),
    ("MC", &[(8, "3 4 8 9"), (9, "4 6 7")]),
    ("MQ", &[(9, "596 69 70 80 81 82 89 97")]),
    ("NL", &[(7, "80 90"), (8, "80 90"), (9, "1 2 3 4 5 6 7 8 9"), (10, "80 90"), (11, "6 97")]),
    ("NZ", &[(8, "2 3 4 6 7 9"), (9, "2 5 8"), (10, "2 5 8")]),
    ("RE", &[(9, "262 263 69 80 81 82 89 97")]),
];

/// Where nobody dials a zero before a number that does not begin with it: a zero was meant for a neighbour.
const WITHOUT_TRUNK_ZERO: [&str; 11] = ["CZ", "DK", "ES", "GR", "LU", "NC", "NO", "PT", "SG", "SN", "TN"];

/// Whether people of that country would write a number of theirs so: as it was `typed`, and the `number` in it without
/// calling code and trunk prefix. A country that is not told apart writes as it likes.
pub(super) fn may_be_of(country: &str, typed: &str, number: &str) -> bool {
    if WITHOUT_TRUNK_ZERO.contains(&country) && typed.starts_with('0') && !number.starts_with('0') {
        return false;
    }
    let plan = PLANS.iter().find(|(known, _)| *known == country);
    plan.is_none_or(|(_, blocks)| {
        blocks.iter().any(|(length, leads)| {
            number.len() == *length && leads.split(' ').any(|lead| number.starts_with(lead))
        })
    })
}
