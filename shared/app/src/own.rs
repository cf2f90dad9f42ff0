//! A lead's own data: all that is stored of it, to be handed to it (GDPR, articles 15 and 20).

use domain::consent::Proof;
use domain::{Activity, Fact, Lead, LeadId, Score};
use jiff::Timestamp;
use serde::Serialize;

use crate::App;
use crate::ports::{Clock, LeadStore, StoreError};

/// Everything that is stored of a lead, and what follows from it.
#[derive(Debug, Clone, Serialize)]
pub struct OwnData {
    /// When it was read.
    pub exported_at: Timestamp,
    /// The state: address, traits, consent, preferences, places in sequences, e-mails.
    pub profile: Lead,
    /// What it agreed to, each with its proof.
    pub agreements: Vec<Agreement>,
    /// The points, each with its reason.
    pub score: Score,
    /// All that ever happened to it, in order, and who read it along with all others.
    pub activities: Vec<Activity>,
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
        let agreement = |activity: &Activity| match &activity.fact {
            Fact::FormSubmitted { proof, .. } => Some(Agreement { at: activity.at, proof: proof.clone() }),
            _ => None,
        };
        let now = self.clock.now();
        Ok(Some(OwnData {
            exported_at: now,
            agreements: activities.iter().filter_map(agreement).collect(),
            score: Score::of(&self.bundle, &stored.lead, now),
            profile: stored.lead,
            activities,
        }))
    }
}
