//! Reads what matters from an e-mail's HTML. It comes from our own layout, so that attributes stand in double quotes.

/// An image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Image {
    /// Where it comes from.
    pub source: String,
    /// What stands for it; none if nothing was written.
    pub alternative: Option<String>,
}

/// The hidden line at the beginning.
pub(super) fn preheader(html: &str) -> String {
    let hidden = html.split_once("class=\"preheader\"").and_then(|(_, after)| after.split_once('>'));
    let line = hidden.and_then(|(_, after)| after.split_once("</div>")).map_or("", |(line, _)| line);
    // What fills the rest of the line begins with this character.
    let line = line.split(['\u{34F}', '\u{200C}']).next().unwrap_or_default();
    let line = line.split("&#847;").next().unwrap_or_default();
    plain(line).trim().to_owned()
}

pub(super) fn images(html: &str) -> Vec<Image> {
    tags(html, "img")
        .map(|(tag, _)| Image {
            source: attribute(tag, "src").unwrap_or_default(),
            alternative: attribute(tag, "alt"),
        })
        .collect()
}

/// The attributes of every tag of that name, and what follows it.
pub(super) fn tags<'h>(html: &'h str, name: &'static str) -> impl Iterator<Item = (&'h str, &'h str)> {
    let mut rest = html;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once('<')?;
            rest = after;
            let Some(after) = after.strip_prefix(name) else { continue };
            if !after.starts_with([' ', '>', '/', '\n']) {
                continue;
            }
            let end = end_of_tag(after);
            rest = after.get(end + 1..).unwrap_or_default();
            return Some((&after[..end], rest));
        }
    })
}

fn end_of_tag(after_name: &str) -> usize {
    let mut quoted = false;
    let end = after_name.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b'>' && !quoted
    });
    end.unwrap_or(after_name.len())
}

pub(super) fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    Some(plain(value.split_once('"')?.0))
}

/// Text without tags and character references.
pub(super) fn plain(html: &str) -> String {
    crate::plain_text::without_tags(html)
}
