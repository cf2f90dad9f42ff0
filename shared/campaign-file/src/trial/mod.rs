//! Tries whether each e-mail can be written: in each of its languages, for a few made-up leads, by the engine that writes it
//! in earnest. What that engine cannot write, no lead gets.

mod leads;
mod place;
mod tell;

use std::collections::{BTreeMap, BTreeSet};

use domain::campaign::EmailSource;
use domain::sequence::Act;
use domain::{
    Bundle, CONFIRM_STEP, Campaign, CampaignId, EmailAddress, EmailName, Lead, LeadId, LeadKey, Locale,
    Score, SendId, StepId,
};
use email::{About, Links, RenderError, Trial};
use jiff::Timestamp;

use crate::finding::Findings;
use crate::folder::{CampaignFolder, Folder};
use crate::parallel;
use leads::{Made, Who};
pub use leads::{answer, of_type};

/// An e-mail that prints more than this is tried for two leads only: it takes long, and those two find most.
const LONG: usize = 64 * 1024;
/// Made-up leads get their ids by this key; it guards nothing.
const KEY: &str = "the key of made-up leads";
/// Where their links lead: nowhere (RFC 2606, section 2).
const NOWHERE: &str = "https://sillon.invalid";

/// Tells of every e-mail that cannot be written for one of them. What has an error already is not tried: it may be one that
/// the engine cannot stop.
pub(crate) fn check(bundle: &Bundle, folder: &Folder, findings: &Findings) {
    let enrolled: BTreeSet<&CampaignId> = bundle
        .campaigns
        .values()
        .flat_map(|campaign| campaign.sequence.steps.values())
        .filter_map(|step| if let Act::Enrol { campaign } = &step.act { Some(campaign) } else { None })
        .collect();
    let faulty = findings.faulty();
    let lots = parallel::map(folder.campaigns.iter().collect(), |campaigns: Vec<&CampaignFolder>| {
        let mut trials = BTreeMap::new();
        let mut told = Vec::new();
        for of_campaign in campaigns {
            let campaign =
                bundle.campaigns.values().find(|campaign| campaign.id.as_str() == of_campaign.name);
            let Some(campaign) = campaign else { continue };
            let findings = Findings::default();
            let by_form = campaign.audience.is_none() && !enrolled.contains(&campaign.id);
            Attempt {
                bundle,
                campaign,
                by_form,
                folder,
                files: of_campaign,
                faulty: &faulty,
                findings: &findings,
            }
            .all(&mut trials);
            told.push(findings);
        }
        told
    });
    lots.into_iter().for_each(|told| findings.absorb(told));
}

/// The e-mails of one campaign.
struct Attempt<'a, 'f> {
    bundle: &'a Bundle,
    campaign: &'a Campaign,
    /// Whether nobody enters it but by its form, and so with all that the form requires.
    by_form: bool,
    folder: &'a Folder,
    files: &'a CampaignFolder,
    /// The files that have errors.
    faulty: &'a BTreeSet<String>,
    findings: &'f Findings,
}

/// One e-mail in one language.
#[derive(Clone, Copy)]
struct Written<'a> {
    name: &'a EmailName,
    locale: &'a Locale,
    source: &'a EmailSource,
    /// Whether its subject is one that a step gives it: that stands in `campaign.yaml`.
    of_step: bool,
}

impl<'a> Attempt<'a, '_> {
    /// Whether all is well with the files that an e-mail comes from.
    fn may_try(&self, written: Written<'_>) -> bool {
        let file_name = format!("{}.{}.md", written.name, written.locale);
        let of_email =
            self.files.emails.iter().filter(|file| file.file_name == file_name).map(|file| &file.source);
        let of_step = self.files.campaign.iter().filter(|_| written.of_step);
        let includes = written.source.body.contains("include") || written.source.subject.contains("include");
        let partials = self.folder.partials.iter().filter(|_| includes).map(|file| &file.source);
        of_email.chain(of_step).chain(partials).all(|source| !self.faulty.contains(&source.path))
    }

    fn all(&self, trials: &mut BTreeMap<&'a Locale, Option<Trial<'a>>>) {
        for (name, languages) in &self.campaign.emails {
            for (locale, source) in languages {
                let trial = trials.entry(locale).or_insert_with(|| Trial::new(self.bundle, locale));
                let Some(trial) = trial else { continue };
                self.one(trial, Written { name, locale, source, of_step: false });
                for subject in self.subjects(name, locale) {
                    let source =
                        EmailSource { subject: subject.to_owned(), preheader: None, body: String::new() };
                    self.one(trial, Written { name, locale, source: &source, of_step: true });
                }
            }
        }
    }

    /// The subjects that steps give an e-mail in place of its own.
    fn subjects(&self, name: &EmailName, locale: &Locale) -> impl Iterator<Item = &'a str> {
        self.campaign.sequence.steps.values().filter_map(move |step| match &step.act {
            Act::Send { email, subject: Some(subjects), .. } if email == name => {
                subjects.get(locale).map(String::as_str)
            }
            _ => None,
        })
    }

    fn one(&self, trial: &Trial<'_>, written: Written<'_>) {
        if !self.may_try(written) {
            return;
        }
        let mut places = BTreeSet::new();
        let mut long = false;
        let leads = leads::made_up(self.bundle, self.campaign, self.by_form, written.source);
        for (index, made) in leads.iter().enumerate() {
            if long && index > 1 {
                return;
            }
            match self.write(trial, written, made) {
                Ok(bytes) => long |= bytes > LONG,
                Err(error) => {
                    let Some(place) = self.place(written, &error) else { continue };
                    if places.insert((place.source.path.clone(), place.span.start)) {
                        self.tell(&place, &error, made);
                    }
                    // What holds for everybody need not be told of each.
                    if made.who == Who::All {
                        return;
                    }
                }
            }
        }
    }

    fn write(&self, trial: &Trial<'_>, written: Written<'_>, made: &Made) -> Result<usize, RenderError> {
        let (Ok(key), Ok(address), Ok(step)) = (
            LeadKey::new(KEY),
            EmailAddress::parse("camille@example.com"),
            StepId::parse(written.name.as_str()),
        ) else {
            return Ok(0);
        };
        let now = Timestamp::UNIX_EPOCH;
        let mut lead = Lead::new(LeadId::of(&key, &address), address, now);
        lead.locale = Some(written.locale.clone());
        lead.traits = made.traits.clone();
        let points = if made.who == Who::All { 20.0 } else { 0.0 };
        let score =
            Score { fit: points, engagement: points, total: points * 2.0, grade: None, reasons: Vec::new() };
        let send_id = SendId::of(&lead.id, &self.campaign.id, &step, 1);
        let about = About {
            bundle: self.bundle,
            campaign: self.campaign,
            lead: &lead,
            score: &score,
            send_id: &send_id,
        };
        let confirm_url = format!("{NOWHERE}/c/check");
        let more: &[(&str, &str)] = if written.name.as_str() == CONFIRM_STEP {
            &[("confirm_url", &confirm_url), ("wording", "I agree.")]
        } else {
            &[]
        };
        trial.write(&about, &links(), written.name.as_str(), written.source, more)
    }
}

/// A magnet that is missing has been told of where it is named.
fn links() -> Links {
    Links {
        unsubscribe: format!("{NOWHERE}/u/check"),
        preferences: format!("{NOWHERE}/p/check"),
        magnet: Some(format!("{NOWHERE}/d/check")),
        events_token: Some("check".to_owned()),
    }
}
