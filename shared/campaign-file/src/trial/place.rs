//! Where in its files an e-mail stands that cannot be written.

use std::error::Error as _;
use std::ops::Range;

use email::{Part, RenderError};
use minijinja::Error;

use super::{Attempt, Written};
use crate::folder::TextFile;
use crate::source::{Source, Span};

/// A place in a file.
pub(super) struct Place<'a> {
    pub source: &'a Source,
    pub span: Span,
    /// The tag of the template in which it stands: `{{ … }}` or `{% … %}`.
    pub tag: String,
}

impl<'a> Attempt<'a, '_> {
    /// None for a fault of our own files.
    pub(super) fn place(&self, written: Written<'_>, error: &RenderError) -> Option<Place<'a>> {
        let file = if written.of_step {
            self.files.campaign.as_ref()?
        } else {
            source(&self.files.emails, &format!("{}.{}.md", written.name, written.locale))?
        };
        let body = if written.of_step { 0 } else { file.text.len() - written.source.body.len() };
        let at = |span: Span| Place { source: file, span, tag: String::new() };
        match error {
            RenderError::Template { part, line, source, .. } => {
                let (text, start) = match part {
                    Part::Body => (written.source.body.as_str(), body),
                    Part::Subject => {
                        (written.source.subject.as_str(), file.text.find(&written.source.subject)?)
                    }
                    Part::Preheader => {
                        let preheader = written.source.preheader.as_deref()?;
                        (preheader, file.text.find(preheader)?)
                    }
                };
                let inner = source.as_ref().map(innermost);
                let partial = inner.and_then(Error::name).and_then(|name| self.partial(name, written));
                let (file, text, start) =
                    partial.map_or((file, text, start), |file| (file, file.text.as_str(), 0));
                let line = inner.and_then(Error::line).unwrap_or(*line);
                let part = inner.and_then(Error::range).unwrap_or_else(|| of_line(text, line));
                let part = part.start.min(text.len())..part.end.min(text.len());
                Some(Place {
                    source: file,
                    span: start + part.start..start + part.end,
                    tag: tag(text, &part).to_owned(),
                })
            }
            RenderError::LinkToNowhere { label, .. } => {
                let link = link(&file.text[body..], label);
                Some(Place {
                    tag: file.text[body..][link.clone()].to_owned(),
                    ..at(body + link.start..body + link.end)
                })
            }
            RenderError::TooDeep { .. } => {
                let deep = email::place_too_deep(&file.text[body..]).unwrap_or(0..0);
                Some(at(body + deep.start..body + deep.start))
            }
            _ => None,
        }
    }

    /// The file of a partial, in the language of the e-mail or what stands in for it.
    fn partial(&self, name: &str, written: Written<'_>) -> Option<&'a Source> {
        let languages = self.bundle.partials.iter().find(|(known, _)| known.as_str() == name)?.1;
        let (locale, _) = self.bundle.organisation.in_language(languages, written.locale)?;
        source(&self.folder.partials, &format!("{name}.{locale}.md"))
    }
}

fn source<'a>(files: &'a [TextFile], file_name: &str) -> Option<&'a Source> {
    files.iter().find(|file| file.file_name == file_name).map(|file| &file.source)
}

fn innermost(error: &Error) -> &Error {
    let mut at = error;
    while let Some(inner) = at.source().and_then(|source| source.downcast_ref()) {
        at = inner;
    }
    at
}

fn of_line(text: &str, line: usize) -> Range<usize> {
    let start = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    start..start + text[start..].lines().next().unwrap_or_default().len()
}

/// The tag around a part of a template.
fn tag<'t>(text: &'t str, part: &Range<usize>) -> &'t str {
    let (Some(before), Some(after)) = (text.get(..part.end), text.get(part.start..)) else { return "" };
    let start = before.rfind("{{").max(before.rfind("{%")).unwrap_or(part.start);
    let end =
        after.find("}}").into_iter().chain(after.find("%}")).min().map_or(text.len(), |end| part.start + end);
    text.get(start..end).unwrap_or_default()
}

/// The link with that label; or else the first without an address, or with one that comes from a value.
fn link(body: &str, label: &str) -> Range<usize> {
    let mut starts = body.match_indices("](").map(|(at, _)| at);
    let whole = |at: usize| {
        let start = body[..at].rfind('[').unwrap_or(at);
        let end = body[at..].find(')').map_or(body.len(), |end| at + end + 1);
        start..end
    };
    let labelled = body.find(&format!("[{label}](")).filter(|_| !label.is_empty());
    let labelled = labelled.map(|start| start + label.len() + 1);
    let open = |at: &usize| {
        let address = body[at + 2..].trim_start();
        address.starts_with(')') || address.starts_with("{{")
    };
    labelled.or_else(|| starts.find(open)).map_or(0..0, whole)
}
