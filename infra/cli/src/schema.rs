//! `sillon schema`: what the files may hold, for editors and for readers.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use campaign_file::{DOCUMENTS, Document};

use crate::WrongUse;
use crate::terminal::{print, print_line};

/// Prints the schema of one kind of file or the reference of all; or writes all schemas into a folder.
pub fn run(kind: Option<&str>, as_markdown: bool, out: Option<&Path>) -> anyhow::Result<ExitCode> {
    if as_markdown {
        if kind.is_some() || out.is_some() {
            return Err(WrongUse(
                "the reference is one page: leave the kind of file and `--out` out".to_owned(),
            )
            .into());
        }
        print(campaign_file::reference())?;
        return Ok(ExitCode::SUCCESS);
    }
    let chosen: Vec<&Document> = match kind {
        None => DOCUMENTS.iter().collect(),
        Some(kind) => vec![document(kind)?],
    };
    match (out, chosen.as_slice()) {
        (None, [document]) => print(text(document)?)?,
        (None, _) => {
            let known = known();
            return Err(WrongUse(format!("name one of {known}, or give a folder by `--out`")).into());
        }
        (Some(folder), documents) => {
            std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
            for document in documents {
                let path = folder.join(format!("{}.json", document.name));
                std::fs::write(&path, text(document)?).with_context(|| path.display().to_string())?;
                print_line(path.display())?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn document(kind: &str) -> anyhow::Result<&'static Document> {
    let found = DOCUMENTS.iter().find(|document| document.name == kind);
    found.ok_or_else(|| WrongUse(format!("`{kind}` is no kind of file: name one of {}", known())).into())
}

fn known() -> String {
    DOCUMENTS.iter().map(|document| format!("`{}`", document.name)).collect::<Vec<_>>().join(", ")
}

fn text(document: &Document) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(&campaign_file::schema(document))? + "\n")
}
