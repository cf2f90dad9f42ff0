//! Looks at a finished e-mail as a careful colleague would: what readers, their programs and spam filters will mind.

mod html;
mod links;
mod subject;

use crate::Message;
pub use links::Link;

/// Where Gmail clips an e-mail (Gmail Help, "Message clipped": 102 KB of HTML).
pub const CLIPPED_AT: usize = 102 * 1024;
/// About what an inbox shows of a subject on a phone held upright.
pub const SUBJECT_ON_PHONE: usize = 38;
/// About what an inbox shows of subject and preheader on a desktop.
pub const LINE_ON_DESKTOP: usize = 100;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// The e-mail fails some of its readers.
    Error,
    /// It does less well than it could.
    Warning,
}

impl Weight {
    /// As the preview spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Something that is better changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// How bad it is.
    pub weight: Weight,
    /// What it is about: `subject`, `preheader`, `image`, `link`, `size`.
    pub about: &'static str,
    /// What is wrong, and why it matters.
    pub reason: String,
    /// What to do.
    pub mend: String,
}

impl Flag {
    fn new(weight: Weight, about: &'static str, reason: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { weight, about, reason: reason.into(), mend: mend.into() }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The line after the subject, as an inbox shows it.
    pub preheader: String,
    /// Bytes of HTML.
    pub html_size: usize,
    /// Bytes of both parts.
    pub size: usize,
    /// Every link, in the order of the text.
    pub links: Vec<Link>,
    /// The worst first.
    pub flags: Vec<Flag>,
}

/// Inspects an e-mail as it would leave.
pub fn inspect(message: &Message) -> Inspection {
    let preheader = html::preheader(&message.html);
    let links = links::links(&message.html);
    let mut flags = subject::flags(&message.subject);
    flags.extend(preheader_flags(&preheader, &message.subject));
    flags.extend(links.iter().flat_map(links::flags));
    flags.extend(html::images(&message.html).iter().filter_map(image_flag));
    flags.extend(size_flag(message.html.len()));
    flags.sort_by_key(|flag| flag.weight);
    flags.dedup();
    let size = message.html.len() + message.text.len();
    Inspection { preheader, html_size: message.html.len(), size, links, flags }
}

fn preheader_flags(preheader: &str, subject: &str) -> Option<Flag> {
    if preheader.is_empty() {
        let reason = "there is no preheader: inboxes show the first words of the text instead";
        return Some(Flag::new(Weight::Warning, "preheader", reason, "add `preheader:` to the front matter"));
    }
    (preheader == subject).then(|| {
        let reason = "the preheader repeats the subject: the line is lost";
        Flag::new(Weight::Warning, "preheader", reason, "say what the subject leaves open")
    })
}

fn image_flag(image: &html::Image) -> Option<Flag> {
    let name = &image.source;
    match image.alternative.as_deref() {
        None => {
            let reason = format!("the image {name} has no `alt`: who sees no images learns nothing of it");
            let mend = "write what it shows: `![what it shows](address)`, or `alt=\"\"` if it only decorates";
            Some(Flag::new(Weight::Error, "image", reason, mend))
        }
        Some("") => {
            let reason = format!("the image {name} has an empty `alt`: fine if it only decorates");
            Some(Flag::new(
                Weight::Warning,
                "image",
                reason,
                "write what it shows: `![what it shows](address)`",
            ))
        }
        Some(_) => None,
    }
}

fn size_flag(size: usize) -> Option<Flag> {
    let near = CLIPPED_AT * 9 / 10;
    let weight = if size > CLIPPED_AT { Weight::Error } else { Weight::Warning };
    (size > near).then(|| {
        let reason = format!(
            "the HTML has {} KB, and Gmail clips at {} KB: the link to leave would be cut off",
            size / 1024,
            CLIPPED_AT / 1024
        );
        Flag::new(weight, "size", reason, "shorten the text, or link to a page that tells the rest")
    })
}
