//! Reads `magnet`: the guide one gets, a file of the campaign's folder or a page elsewhere.

use std::path::{Component, Path};

use domain::campaign::Magnet;

use crate::address;
use crate::reader::Reader;
use crate::rule::Rule;
use crate::shape::campaign::MAGNET;
use crate::yaml::Node;

/// An answer of API Gateway holds 6 MB of base64; less the rest of the answer.
const LARGEST: u64 = 4_000_000;

/// Reads the section; `folder` is the campaign's.
pub(crate) fn read<'a>(reader: Reader<'a>, node: &'a Node, folder: &Path) -> Option<Magnet> {
    let fields = reader.fields(node, "`magnet`", &MAGNET)?;
    match (fields.get("file"), fields.get("url")) {
        (Some(file), None) => {
            let path = reader.text(file, "a path in the campaign's folder")?;
            match check_file(folder, path) {
                Ok(()) => Some(Magnet::File(path.to_owned())),
                Err((message, help)) => {
                    reader.error(&file.span, message, help).rule(Rule::MissingFile);
                    None
                }
            }
        }
        (None, Some(url)) => reader.parsed(url, "the address of a page", address::page).map(Magnet::Url),
        (Some(_), Some(url)) => {
            reader
                .error(&url.lead_in, "a magnet is a file or a page, not both", "leave one of the two out")
                .rule(Rule::Contradiction);
            None
        }
        (None, None) => {
            reader
                .error(
                    &node.lead_in,
                    "the magnet is missing",
                    "add `file: files/guide.pdf` or `url: https://...`",
                )
                .rule(Rule::MissingKey);
            None
        }
    }
}

fn check_file(folder: &Path, path: &str) -> Result<(), (String, String)> {
    let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if !inside || path.contains('\\') || path.chars().any(char::is_control) {
        let message = format!("`{path}` leads out of the campaign's folder");
        return Err((message, "write a path in it, such as `files/guide.pdf`".to_owned()));
    }
    let full = folder.join(path);
    let missing = || {
        let near = crate::nearest::mend(path, files(folder).iter().map(String::as_str), "put the file there");
        (format!("there is no file `{}`", full.display()), near)
    };
    let (Ok(real), Ok(real_folder)) = (full.canonicalize(), folder.canonicalize()) else {
        return Err(missing());
    };
    if !real.starts_with(real_folder) {
        let message = format!("`{path}` is a link out of the campaign's folder");
        return Err((message, "put the file itself there".to_owned()));
    }
    let metadata = std::fs::metadata(&real).map_err(|_| missing())?;
    if !metadata.is_file() {
        return Err((format!("`{path}` is not a file"), "name a file".to_owned()));
    }
    if metadata.len() > LARGEST {
        let message = format!(
            "`{path}` has {} bytes, and {LARGEST} is the most that can be handed out",
            metadata.len()
        );
        return Err((message, "make it smaller, or put it on a web page and write `url:`".to_owned()));
    }
    if metadata.len() == 0 {
        return Err((format!("`{path}` is empty"), "put the real file there".to_owned()));
    }
    Ok(())
}

/// What lies in `files/`, for the mend of a slip.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join("files")).into_iter().flatten().filter_map(Result::ok);
    let mut names: Vec<String> =
        entries.map(|entry| format!("files/{}", entry.file_name().to_string_lossy())).collect();
    names.sort();
    names
}
