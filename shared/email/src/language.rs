//! Which of the built-in languages an e-mail speaks where its campaign brings no words of its own.

use domain::{Locale, Organisation};

/// One language's e-mail. Each text is a template.
#[derive(Debug)]
pub(crate) struct Words {
    pub subject: &'static str,
    pub preheader: &'static str,
    pub body: &'static str,
}

/// The first of `wanted`, the organisation's default and English that is built in, with its region or without.
/// `built_in` pairs each language with its words; English must be among them, and stands first.
pub(crate) fn words<W>(
    organisation: &Organisation,
    wanted: &Locale,
    built_in: &[(&'static str, W)],
) -> (&'static str, W)
where
    W: Copy,
{
    let find = |locale: &Locale| {
        let language = locale.as_str().split('-').next().unwrap_or_default();
        built_in.iter().find(|(code, _)| *code == language)
    };
    let found = find(wanted).or_else(|| find(organisation.default_locale()));
    *found.unwrap_or(&built_in[0])
}
