//! Subjects: what makes an inbox cut them, and a spam filter or a reader distrust them.

use super::{Flag, SUBJECT_ON_PHONE, Weight};

/// Beyond this, a desktop's inbox cuts it, too.
const LONGEST: usize = 70;
/// Letters from which capitals alone shout: `OK` and `PDF` do not.
const SHOUT: usize = 8;
/// Words that promise money for nothing.
const PROMISES: [&str; 10] = [
    "100%",
    "act now",
    "buy now",
    "free!!!",
    "guaranteed",
    "winner",
    "gratuit !",
    "gagnant",
    "urgent",
    "gratis!",
];

pub(super) fn flags(subject: &str) -> Vec<Flag> {
    let mut flags = Vec::new();
    let mut add = |weight, reason: String, mend: &str| flags.push(Flag::new(weight, "subject", reason, mend));
    let length = subject.chars().count();
    if subject.trim().is_empty() {
        add(Weight::Error, "the subject is empty for this lead".into(), "give its values a `default`");
        return flags;
    }
    if length > LONGEST {
        let reason = format!("the subject has {length} characters: inboxes cut it at about {LONGEST}");
        add(Weight::Warning, reason, &format!("say the most in the first {SUBJECT_ON_PHONE}, for phones"));
    }
    let letters: Vec<char> = subject.chars().filter(|c| c.is_alphabetic()).collect();
    let capitals = letters.iter().filter(|c| c.is_uppercase()).count();
    if letters.len() >= SHOUT && capitals * 10 > letters.len() * 7 {
        let reason = "the subject is in capitals: it shouts, and spam filters count it".into();
        add(Weight::Error, reason, "write it as a sentence");
    }
    let marks = subject.matches(['!', '¡']).count();
    if marks > 1 {
        let reason = format!("the subject has {marks} exclamation marks: spam filters count them");
        add(Weight::Warning, reason, "one at most");
    }
    let signs = subject.matches(['€', '$', '£', '%']).count();
    if signs > 1 {
        let reason =
            format!("the subject has {signs} signs of money or percent: it reads like an offer of spam");
        add(Weight::Warning, reason, "name one figure at most, and the rest in the text");
    }
    let start = subject.to_lowercase();
    if ["re:", "re :", "fw:", "fwd:", "tr:", "tr :", "aw:", "wg:"].iter().any(|fake| start.starts_with(fake))
    {
        let reason =
            "the subject pretends to be an answer, which the law calls misleading (CAN-SPAM Act)".into();
        add(Weight::Error, reason, "leave the `RE:` or `FW:` out");
    }
    if let Some(promise) = PROMISES.iter().find(|promise| start.contains(**promise)) {
        let reason = format!("`{}` is what spam promises", promise.trim_end_matches('!').trim());
        add(Weight::Warning, reason, "say what the reader will find");
    }
    flags
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Ana, votre guide est là", &[])]
    #[case("Votre PDF !", &[])]
    #[case("Votre toit : 480 € par an ?", &[])]
    #[case("", &["is empty"])]
    #[case("VOTRE GUIDE EST LÀ", &["in capitals"])]
    #[case("Vite!! Plus que deux jours", &["2 exclamation marks"])]
    #[case("-50 % : 500 € de moins", &["2 signs of money"])]
    #[case("RE: votre demande", &["pretends to be an answer"])]
    #[case("Fwd: look", &["pretends to be an answer"])]
    #[case("A very long subject that goes on and on until no inbox of any kind can show all", &["characters"])]
    #[case("Act now and see", &["is what spam promises"])]
    fn subjects_are_judged(#[case] subject: &str, #[case] told: &[&str]) {
        let found = flags(subject);
        assert_eq!(found.len(), told.len(), "{found:?}");
        for (flag, part) in found.iter().zip(told) {
            assert!(flag.reason.contains(part), "{}", flag.reason);
        }
    }
}
