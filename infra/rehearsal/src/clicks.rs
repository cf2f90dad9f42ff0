//! Clicks that were taken for a person's, until the log told that a scanner had followed the links.

use std::collections::BTreeSet;

use domain::{Activity, Fact, SendId};
use jiff::Timestamp;

/// The clicks of a lead's log that weigh nothing any more.
#[derive(Debug, Default)]
pub(crate) struct Disowned<'a>(BTreeSet<(&'a SendId, Timestamp)>);

impl<'a> Disowned<'a> {
    /// All that the log tells of, also later than the clicks.
    pub fn of(log: &'a [Activity]) -> Self {
        let disowned = log.iter().filter_map(|activity| match &activity.fact {
            Fact::ClicksDisowned { send_id, clicked_at } => Some((send_id, clicked_at)),
            _ => None,
        });
        Self(disowned.flat_map(|(send_id, at)| at.iter().map(move |at| (send_id, *at))).collect())
    }

    /// Whether this is one of them.
    pub fn has(&self, activity: &Activity) -> bool {
        match &activity.fact {
            Fact::EmailClicked(event) => self.0.contains(&(&event.send_id, activity.at)),
            _ => false,
        }
    }
}
