//! The table of shapes as the reference that people read.

use std::fmt::Write;

use super::{DOCUMENTS, Document, Key, Kind, Shape};

const BEGINNING: &str = "# Reference

Every key of every file. `sillon schema --format markdown` writes this page; editors learn the same from the schemas in
`infra/schema`.

";

/// Every kind of file as one page of Markdown.
pub fn reference() -> String {
    let mut page = BEGINNING.to_owned();
    for document in DOCUMENTS {
        // Writing to a `String` cannot fail.
        let _ = write_document(&mut page, document);
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn write_document(page: &mut String, document: &Document) -> std::fmt::Result {
    for (at, shape) in document.root.within().into_iter().enumerate() {
        let level = if at == 0 { "##" } else { "###" };
        writeln!(page, "{level} {}\n\n{}\n", heading(shape), shape.about)?;
        writeln!(page, "| key | value | |\n|---|---|---|")?;
        for key in shape.keys {
            let name = if key.required { format!("**`{}`**", key.name) } else { format!("`{}`", key.name) };
            writeln!(page, "| {name} | {} | {} |", value(&key.kind), meaning(key))?;
        }
        if shape.keys.iter().any(|key| key.required) {
            writeln!(page, "\nKeys in bold must be there.")?;
        }
        writeln!(page)?;
    }
    Ok(())
}

/// Shapes of one title are told apart by their first key, or its only value.
fn heading(shape: &Shape) -> String {
    let first = shape.keys.first();
    let word = match first.map(|key| &key.kind) {
        Some(Kind::Choice([only])) if first.is_some_and(|key| key.name == "type") => only,
        _ => first.map_or("", |key| key.name),
    };
    match shape.title {
        "a step" => format!("A step: `{word}`"),
        "a field" => format!("A field: `type: {word}`"),
        title => title.strip_prefix("a ").map_or_else(|| capital(title), capital),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn meaning(key: &Key) -> String {
    let example = match key.example {
        "" => String::new(),
        example => format!(" Example: `{example}`"),
    };
    format!("{}{example}", key.about).replace('|', "\\|")
}

fn value(kind: &Kind) -> String {
    match kind {
        Kind::Any => "as the example".to_owned(),
        Kind::Text => "a text".to_owned(),
        Kind::Number => "a number".to_owned(),
        Kind::Whole(least, most) => format!("a whole number from {least} to {most}"),
        Kind::Boolean => "`true` or `false`".to_owned(),
        Kind::True => "`true`".to_owned(),
        Kind::Duration => "a duration: `15m`, `2h`, `3d`, `2w`".to_owned(),
        Kind::Window => "days and hours".to_owned(),
        Kind::Hours => "hours".to_owned(),
        Kind::Amount => "an amount for a time".to_owned(),
        Kind::Condition => "a condition".to_owned(),
        Kind::Localised => "a text, or one for each language".to_owned(),
        Kind::Like(what, _) => (*what).to_owned(),
        Kind::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Kind::Shape(shape) => link(shape),
        Kind::OneShape(shapes) => shapes.first().map_or_else(String::new, |shape| shape.title.to_owned()),
        Kind::List(inner) => format!("a list: {}", value(inner)),
        Kind::Named(inner) => format!("by name: {}", value(inner)),
        Kind::Either(kinds) => kinds.iter().map(value).collect::<Vec<_>>().join(", or "),
    }
}

fn link(shape: &Shape) -> String {
    let anchor: String = heading(shape)
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect();
    format!("[{}](#{anchor})", shape.title.replace('`', ""))
}
