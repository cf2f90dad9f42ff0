//! What an edit of the campaigns would do: to the files, and to the leads that are on their way.
//!
//! What becomes of a lead is found out by rehearsing it under the edited campaigns; nothing is written.

mod caused;
mod changes;
mod flight;
mod looks;

use domain::Bundle;
use serde::Serialize;

pub use caused::Due;
pub use changes::{CampaignChange, Changes, StepChange, What};
pub use flight::{Flight, Standing};
pub use looks::{Looked, Looks};

/// An edit, weighed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The content hash of what is deployed.
    pub deployed: String,
    /// The content hash of what would be.
    pub edited: String,
    /// What the edit changes in the files.
    pub changes: Changes,
    /// What it does to leads; none if no leads were looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leads: Option<flight::Weighed>,
}

impl Plan {
    /// The files compared, and what `flight` has seen of the leads.
    pub fn of(deployed: &Bundle, edited: &Bundle, flight: Option<Flight<'_>>) -> Self {
        Self {
            deployed: deployed.content_hash.clone(),
            edited: edited.content_hash.clone(),
            changes: Changes::between(deployed, edited),
            leads: flight.map(Flight::weighed),
        }
    }

    /// The e-mails and alerts that would leave within a day because of the edit alone.
    pub fn sends(&self) -> usize {
        self.leads.as_ref().map_or(0, |leads| leads.due.iter().map(|due| due.by_this_edit).sum())
    }
}
