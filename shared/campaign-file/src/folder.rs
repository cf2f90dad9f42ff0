//! What lies on the disk: the files of `infra/`, read whole and within limits.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::finding::{Findings, Severity};
use crate::rule::Rule;
use crate::source::Source;

/// Larger than any file that a person writes.
const LARGEST: u64 = 1_000_000;

/// Longer than any line that a person writes; each finding shows its line.
const LONGEST_LINE: usize = 20_000;
/// More campaigns, or files in a folder, than a person keeps apart.
const MOST_FILES: usize = 10_000;

/// `infra/`.
pub(crate) struct Folder {
    /// `sillon.yaml`, if it could be read.
    pub organisation: Option<Source>,
    /// The folders below `campaigns`, by name.
    pub campaigns: Vec<CampaignFolder>,
    /// The files of `partials/`, by name.
    pub partials: Vec<TextFile>,
}

/// `infra/campaigns/<name>/`.
pub(crate) struct CampaignFolder {
    pub path: PathBuf,
    pub name: String,
    /// `campaign.yaml`, if it could be read.
    pub campaign: Option<Source>,
    /// The files of `emails/`, by name.
    pub emails: Vec<TextFile>,
    /// The names of all files of `emails/`, readable or not.
    pub email_names: Vec<String>,
}

/// `infra/campaigns/<name>/emails/<file_name>`, or `infra/partials/<file_name>`.
pub(crate) struct TextFile {
    pub file_name: String,
    pub source: Source,
}

/// Reads the folder. What cannot be read is a finding.
pub(crate) fn read(infra: &Path, texts: &BTreeMap<PathBuf, String>, findings: &Findings) -> Folder {
    let file = |path: &Path, missing: &str| file_or_text(path, missing, texts, findings);
    let organisation = file(&infra.join("sillon.yaml"), "it describes the organisation: create it");
    let campaigns = infra.join("campaigns");
    let names = match names(&campaigns) {
        Ok(names) => names,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let help = "create `campaigns/<name>/campaign.yaml`";
            findings.add_for_path(Severity::Warning, &campaigns, "there is no campaign yet", help);
            Vec::new()
        }
        Err(error) => {
            findings.add_for_path(
                Severity::Error,
                &campaigns,
                format!("cannot be read: {error}"),
                "make it readable",
            );
            Vec::new()
        }
    };
    let campaigns = names
        .into_iter()
        .filter_map(|name| {
            let path = campaigns.join(&name);
            if path.is_dir() {
                return Some(campaign(path, name, &file, findings));
            }
            let help = "a campaign is a folder with a `campaign.yaml` in it";
            findings
                .add_for_path(Severity::Warning, &path, "nothing reads this file", help)
                .rule(Rule::UnreadFile);
            None
        })
        .collect();
    let (partials, _) = text_files(&infra.join("partials"), "a partial", &file, findings);
    Folder { organisation, campaigns, partials }
}

fn campaign(
    path: PathBuf,
    name: String,
    file: &impl Fn(&Path, &str) -> Option<Source>,
    findings: &Findings,
) -> CampaignFolder {
    let campaign = file(&path.join("campaign.yaml"), "every campaign's folder has one: create it");
    let (emails, email_names) = text_files(&path.join("emails"), "an e-mail", file, findings);
    CampaignFolder { path, name, campaign, emails, email_names }
}

/// The files of a folder that need not exist, and the names of all, readable or not.
fn text_files(
    folder: &Path,
    what: &str,
    file: &impl Fn(&Path, &str) -> Option<Source>,
    findings: &Findings,
) -> (Vec<TextFile>, Vec<String>) {
    let names = match names(folder) {
        Ok(names) => names,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            findings.add_for_path(
                Severity::Error,
                folder,
                format!("cannot be read: {error}"),
                "make it readable",
            );
            Vec::new()
        }
    };
    let files = names
        .iter()
        .filter_map(|name| {
            let path = folder.join(name);
            if path.extension().is_none_or(|ending| ending != "md") {
                let help = format!("{what}'s file is named `<name>.<language>.md`");
                findings
                    .add_for_path(Severity::Warning, &path, "nothing reads this file", help)
                    .rule(Rule::UnreadFile);
                return None;
            }
            let source = file(&path, "create it")?;
            Some(TextFile { file_name: name.clone(), source })
        })
        .collect();
    (files, names)
}

/// The names in a folder in alphabetical order, without hidden ones. Names that are not text become text.
fn names(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names: Vec<String> = fs::read_dir(folder)?
        .filter_map(Result::ok)
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    if names.len() > MOST_FILES {
        let message = format!("holds {} files, and {MOST_FILES} is the most that is read", names.len());
        return Err(std::io::Error::other(message));
    }
    Ok(names)
}

/// A text that stands in the place of a file, or else the file.
fn file_or_text(
    path: &Path,
    missing: &str,
    texts: &BTreeMap<PathBuf, String>,
    findings: &Findings,
) -> Option<Source> {
    match texts.get(path) {
        Some(text) => Some(Source::new(path.display().to_string(), text)),
        None => file(path, missing, findings),
    }
}

/// A file, read whole. What keeps it from being read is a finding, which ends in `missing` if there is none.
pub(crate) fn file(path: &Path, missing: &str, findings: &Findings) -> Option<Source> {
    let fault = |message: String, help: &str| findings.add_for_path(Severity::Error, path, message, help);
    let size = match fs::metadata(path) {
        Ok(found) if found.is_file() => found.len(),
        Ok(_) => {
            fault("is not a file".to_owned(), missing);
            return None;
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            // The other ending that YAML has.
            let other = path.with_extension("yml");
            let name = other.file_name().filter(|_| other.is_file()).map(|name| name.to_string_lossy());
            let rename = name.map(|name| format!("rename `{name}`"));
            fault("there is no such file".to_owned(), rename.as_deref().unwrap_or(missing));
            return None;
        }
        Err(error) => {
            fault(format!("cannot be read: {error}"), "make it readable");
            return None;
        }
    };
    if size > LARGEST {
        fault(format!("has {size} bytes, and {LARGEST} is the most that is read"), "make it shorter")
            .rule(Rule::Limit);
        return None;
    }
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            fault(format!("cannot be read: {error}"), "make it readable");
            return None;
        }
    };
    let shown = path.display().to_string();
    match String::from_utf8(bytes) {
        Ok(text) if text.lines().any(|line| line.len() > LONGEST_LINE) => {
            let message = format!("has a line of more than {LONGEST_LINE} bytes");
            findings.add_for_path(Severity::Error, path, message, "break it into several").rule(Rule::Limit);
            None
        }
        Ok(text) => Some(Source::new(shown, &text)),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            // What is not UTF-8 is shown as U+FFFD.
            let part = valid..valid + char::REPLACEMENT_CHARACTER.len_utf8();
            let readable = Source::new(shown, &String::from_utf8_lossy(&error.into_bytes()));
            let message = "the text is not UTF-8 here".to_owned();
            findings.add(Severity::Error, &readable, &part, message, "save the file as UTF-8".to_owned());
            None
        }
    }
}
