//! `sillon new`: a campaign from a template.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::ValueEnum;
use domain::{Bundle, CampaignId, Organisation};
use include_dir::{Dir, include_dir};
use jiff::civil::Date;
use jiff::{Span, Timestamp};

use crate::terminal::print_line;
use crate::{Infra, WrongUse};

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");
/// An event lies so far ahead unless a date is given.
const DAYS_AHEAD: i64 = 30;

#[derive(clap::Args)]
pub struct Arguments {
    /// What kind of campaign.
    template: Template,
    /// Its id: the name of its folder, and of its address `/f/<id>`. The template's name, if it is left out.
    id: Option<String>,
    /// The day of the webinar or event; in thirty days, if it is left out.
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<Date>,
    #[command(flatten)]
    infra: Infra,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Template {
    /// A guide for an address, and e-mails that help.
    Magnet,
    /// A place, two reminders, and the recording.
    Webinar,
    /// Two weeks of trial: a start, help, and the question before they end.
    Trial,
    /// A welcome, and the best of what was written before.
    Newsletter,
    /// Who has been quiet is asked whether to stay; nobody fills in a form.
    WinBack,
    /// A meeting in person: a place, what one needs to know, and thanks.
    Event,
}

impl Template {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Some(bundle) = crate::infra::bundle_or_findings(&arguments.infra.folder, crate::Format::Text)? else {
        return Ok(ExitCode::from(1));
    };
    let template = arguments.template.name();
    let id = CampaignId::parse(arguments.id.clone().unwrap_or_else(|| template.clone()))
        .map_err(|fault| WrongUse(fault.to_string()))?;
    let folder = arguments.infra.folder.join("campaigns").join(id.as_str());
    if folder.exists() {
        let taken = format!("{} is there already: choose another id", folder.display());
        return Err(WrongUse(taken).into());
    }
    let words = Words::new(&bundle, arguments.date)?;
    let made = files(&template, &words);
    // All of it or nothing: a half-written campaign would be a fault of the user's.
    let part = folder.with_file_name(format!(".{id}.part"));
    let written = write(&part, &made).and_then(|()| fs::rename(&part, &folder));
    if written.is_err() {
        let _ = fs::remove_dir_all(&part);
    }
    written.with_context(|| format!("{}: cannot be written", folder.display()))?;
    for (path, _) in &made {
        print_line(folder.join(path).display())?;
    }
    print_line(format_args!(
        "\nNext: write your own words, then `sillon check`, `sillon test {id}` and `sillon preview`."
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn write(folder: &Path, files: &[(PathBuf, String)]) -> std::io::Result<()> {
    for (path, text) in files {
        let path = folder.join(path);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)?;
    }
    Ok(())
}

/// The template's files, in the organisation's languages and with its names. A language that the template does not
/// speak gets English, to be translated.
fn files(template: &str, words: &Words<'_>) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let Some(folder) = TEMPLATES.get_dir(template) else { return found };
    let mut folders = vec![folder];
    while let Some(next) = folders.pop() {
        folders.extend(next.dirs());
        for file in next.files() {
            let Ok(path) = file.path().strip_prefix(template) else { continue };
            let text = words.put_into(file.contents_utf8().unwrap_or_default());
            let name = path.display().to_string();
            match name.strip_suffix(".en.md") {
                None if name.ends_with(".md") => {}
                None => found.push((path.to_owned(), text)),
                Some(email) => found.extend(words.organisation.locales.iter().map(|locale| {
                    let own =
                        TEMPLATES.get_file(format!("{template}/{email}.{}.md", language(locale.as_str())));
                    let text = own.and_then(|file| file.contents_utf8()).map(|own| words.put_into(own));
                    (
                        PathBuf::from(format!("{email}.{locale}.md")),
                        text.unwrap_or_else(|| words.in_english(file)),
                    )
                })),
            }
        }
    }
    found.sort();
    found
}

fn language(locale: &str) -> &str {
    locale.split('-').next().unwrap_or(locale)
}

/// What takes the place of the templates' `@…@`.
struct Words<'a> {
    organisation: &'a Organisation,
    sender: String,
    website: String,
    date: Date,
}

impl<'a> Words<'a> {
    #[expect(clippy::disallowed_methods, reason = "the command is where the clock enters")]
    fn new(bundle: &'a Bundle, date: Option<Date>) -> anyhow::Result<Self> {
        let organisation = &bundle.organisation;
        let zone = domain::schedule::zone(None, &organisation.time_zone);
        let ahead = Span::new().days(DAYS_AHEAD);
        let today = Timestamp::now().to_zoned(zone).date();
        if let Some(date) = date.filter(|date| *date < today) {
            let past = format!(
                "{date} is past: give a day to come, such as `--date {}`",
                today.saturating_add(ahead)
            );
            return Err(WrongUse(past).into());
        }
        let date = date.unwrap_or_else(|| today.saturating_add(ahead));
        let sender = organisation.senders.keys().next().context("`sillon.yaml` names no sender")?;
        let website = organisation.website.clone().unwrap_or_else(|| "https://example.com".to_owned());
        let website = website.trim_end_matches('/').to_owned();
        Ok(Self { organisation, sender: sender.to_string(), website, date })
    }

    fn in_english(&self, file: &include_dir::File<'_>) -> String {
        self.put_into(file.contents_utf8().unwrap_or_default())
    }

    fn put_into(&self, text: &str) -> String {
        let mut parts = text.split('@');
        let mut out = parts.next().unwrap_or_default().to_owned();
        let mut name = parts.next();
        while let Some(token) = name {
            match (self.meaning(token), parts.next()) {
                (Some(meaning), Some(rest)) => {
                    out.push_str(&meaning);
                    out.push_str(rest);
                    name = parts.next();
                }
                // An address, say: the sign stands for itself.
                (_, rest) => {
                    out.push('@');
                    out.push_str(token);
                    name = rest;
                }
            }
        }
        out
    }

    fn meaning(&self, token: &str) -> Option<String> {
        let text = token.strip_prefix("T(").and_then(|token| token.strip_suffix(')'));
        Some(match token {
            "SENDER" => self.sender.clone(),
            "WEBSITE" => self.website.clone(),
            "LOCALE" => self.organisation.default_locale().to_string(),
            _ => match (text, token.strip_prefix("DATE")) {
                (Some(text), _) => self.in_all_languages(text),
                (None, Some("")) => self.date.to_string(),
                (None, Some(days)) => {
                    self.date.saturating_add(Span::new().days(days.parse::<i32>().ok()?)).to_string()
                }
                (None, None) => return None,
            },
        })
    }

    /// `English|French` as a mapping over the organisation's languages.
    fn in_all_languages(&self, text: &str) -> String {
        let (english, french) = text.split_once('|').unwrap_or((text, text));
        let entry = |locale: &domain::Locale| {
            let text = if language(locale.as_str()) == "fr" { french } else { english };
            format!("{locale}: {}", serde_json::Value::from(text))
        };
        let entries: Vec<String> = self.organisation.locales.iter().map(entry).collect();
        format!("{{ {} }}", entries.join(", "))
    }
}
