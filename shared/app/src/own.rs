//! A lead's own data: all that is stored of it, to be handed to it (GDPR, articles 15 and 20).

use domain::consent::Proof;
use domain::{Activity, Fact, Lead, LeadId, Score};
use jiff::Timestamp;
use serde::Serialize;

use crate::App;
use crate::ports::{Clock, LeadStore, StoreError};

/// A file holds about so many bytes of JSON. A function answers with 6 MB at most (Lambda quotas, "Invocation payload"), in
/// which each quotation mark and backslash of the file counts twice.
const MOST_BYTES: usize = 2_000_000;

/// Everything that is stored of a lead, and what follows from it.
#[derive(Debug, Clone)]
pub struct OwnData {
    /// When it was read.
    pub exported_at: Timestamp,
    /// The state: address, traits, consent, preferences, places in sequences, e-mails.
    pub profile: Lead,
    /// The points, each with its reason.
    pub score: Score,
    /// All that ever happened to it, in order, and who read it along with all others.
    pub activities: Vec<Activity>,
}

/// A file of a lead's data: all of it, unless it is too much for one.
#[derive(Debug, Serialize)]
pub struct Part<'a> {
    /// When it was read.
    pub exported_at: Timestamp,
    /// Which file it is, the first being 1; none if there is one only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<usize>,
    /// Of how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<usize>,
    /// In the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<&'a Lead>,
    /// What it agreed to, each with its proof, by the forms among these activities.
    pub agreements: Vec<Agreement>,
    /// In the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<&'a Score>,
    /// Those of this part. The parts follow one another, and what happens meanwhile is in the last.
    pub activities: &'a [Activity],
}

/// One form that the lead filled in, and the sentence that it agreed to by that.
#[derive(Debug, Clone, Serialize)]
pub struct Agreement {
    /// When.
    pub at: Timestamp,
    /// The wording, and where the request came from.
    #[serde(flatten)]
    pub proof: Proof,
}

impl<S: LeadStore, C: Clock> App<S, C> {
    /// All that is stored of a lead; none for one that is gone. Reading changes nothing.
    pub async fn own_data(&self, lead: &LeadId) -> Result<Option<OwnData>, StoreError> {
        let Some(stored) = self.store.load(lead).await? else { return Ok(None) };
        let records = self.store.records(lead).await?;
        let mut activities: Vec<Activity> =
            records.into_iter().flat_map(|record| record.activities).collect();
        let reads = self.store.reads_of_all(stored.lead.created_at).await?;
        for read in reads {
            let place = activities.partition_point(|activity| activity.at <= read.at);
            activities.insert(place, read);
        }
        let now = self.clock.now();
        Ok(Some(OwnData {
            exported_at: now,
            score: Score::of(&self.bundle, &stored.lead, now),
            profile: stored.lead,
            activities,
        }))
    }
}

impl OwnData {
    /// The files that it makes, one at least.
    pub fn parts(&self) -> Vec<Part<'_>> {
        let mut ends = Vec::new();
        let mut bytes = size(&self.profile) + size(&self.score);
        for (place, activity) in self.activities.iter().enumerate() {
            let more = size(activity) + agreement(activity).as_ref().map_or(0, size);
            if bytes + more > MOST_BYTES && place > ends.last().copied().unwrap_or_default() {
                ends.push(place);
                bytes = 0;
            }
            bytes += more;
        }
        ends.push(self.activities.len());
        let several = ends.len() > 1;
        let begins = std::iter::once(0).chain(ends.iter().copied());
        let part = |(place, (begin, end)): (usize, (usize, &usize))| {
            let activities = &self.activities[begin..*end];
            Part {
                exported_at: self.exported_at,
                part: several.then_some(place + 1),
                of: several.then_some(ends.len()),
                profile: (place == 0).then_some(&self.profile),
                agreements: activities.iter().filter_map(agreement).collect(),
                score: (place == 0).then_some(&self.score),
                activities,
            }
        };
        begins.zip(&ends).enumerate().map(part).collect()
    }

    /// What it agreed to, the latest first.
    pub fn agreements(&self) -> impl Iterator<Item = Agreement> {
        self.activities.iter().rev().filter_map(agreement)
    }
}

fn agreement(activity: &Activity) -> Option<Agreement> {
    match &activity.fact {
        Fact::FormSubmitted { proof, .. } => Some(Agreement { at: activity.at, proof: proof.clone() }),
        _ => None,
    }
}

/// As JSON.
fn size(value: &impl Serialize) -> usize {
    serde_json::to_vec(value).map_or(0, |json| json.len())
}
