//! `sillon preview --once`: what is to be said of every e-mail, for a terminal or a program.

use std::collections::BTreeSet;
use std::process::ExitCode;

use domain::{Bundle, Campaign, Locale};
use email::inspect::{self, Weight};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::files::Loaded;
use super::mails::{self, Mail};
use super::samples::Sample;
use crate::Format;
use crate::terminal::{coloured, count, print};

/// 1 if an e-mail or a file has an error.
pub fn run(loaded: &Loaded, as_json: bool, now: Timestamp) -> anyhow::Result<ExitCode> {
    if as_json && loaded.has_errors() {
        return crate::infra::tell(&loaded.findings, Format::Json);
    }
    eprint!("{}", campaign_file::render(&loaded.findings, coloured(&std::io::stderr())));
    let Some(bundle) = &loaded.bundle else { return Ok(ExitCode::from(1)) };
    let mut said = Said::default();
    for campaign in bundle.campaigns.values() {
        let samples = loaded.samples(bundle, campaign);
        for mail in mails::mails(bundle, campaign) {
            for language in &bundle.organisation.locales {
                for sample in &samples {
                    said.inspect(bundle, campaign, &mail, language, sample, now);
                }
            }
        }
    }
    let told = if as_json {
        format!("{}\n", Value::from(said.mails))
    } else {
        let renderings = count(said.mails.len(), "rendering");
        let (errors, warnings) = (count(said.errors, "error"), count(said.flags - said.errors, "warning"));
        format!("{}{renderings}: {errors}, {warnings}.\n", said.lines)
    };
    print(told)?;
    Ok(ExitCode::from(u8::from(said.errors > 0 || loaded.has_errors())))
}

#[derive(Default)]
struct Said {
    mails: Vec<Value>,
    lines: String,
    /// So that what holds for every lead is told once.
    seen: BTreeSet<(String, String)>,
    flags: usize,
    errors: usize,
}

impl Said {
    fn inspect(
        &mut self,
        bundle: &Bundle,
        campaign: &Campaign,
        mail: &Mail,
        language: &Locale,
        sample: &Sample,
        now: Timestamp,
    ) {
        let place = format!("{}/{} ({language})", campaign.id, mail.key);
        let mut value = json!({
            "campaign": campaign.id, "email": mail.name, "step": mail.key, "language": language, "lead": sample.name,
        });
        match mails::render(bundle, campaign, mail, language, sample, now) {
            Ok(message) => {
                let found = inspect::inspect(&message);
                let flags: Vec<Value> = found
                    .flags
                    .iter()
                    .map(|flag| {
                        self.tell(&place, sample, flag.weight, &flag.reason, &flag.mend);
                        json!({
                            "severity": flag.weight.as_str(),
                            "about": flag.about,
                            "reason": flag.reason,
                            "mend": flag.mend,
                        })
                    })
                    .collect();
                let links =
                    found.links.iter().map(|link| json!({ "text": link.text, "address": link.address }));
                value["subject"] = json!(message.subject);
                value["preheader"] = json!(found.preheader);
                value["size"] = json!(found.size);
                value["links"] = links.collect();
                value["flags"] = flags.into();
            }
            Err(error) => {
                let (reason, mend) = (error.to_string(), "mend the template: this lead would get nothing");
                self.tell(&place, sample, Weight::Error, &reason, mend);
                value["flags"] = json!([
                    { "severity": "error", "about": "template", "reason": reason, "mend": mend },
                ]);
            }
        }
        self.mails.push(value);
    }

    fn tell(&mut self, place: &str, sample: &Sample, weight: Weight, reason: &str, mend: &str) {
        if !self.seen.insert((place.to_owned(), reason.to_owned())) {
            return;
        }
        self.flags += 1;
        self.errors += usize::from(weight == Weight::Error);
        let line = format!("{place}, {}: {}: {reason}\n  {mend}\n", sample.name, weight.as_str());
        self.lines.push_str(&line);
    }
}
