//! Who did something lately is not erased for doing nothing.

use std::collections::BTreeSet;

use domain::{Activity, Fact};
use jiff::{SignedDuration, Timestamp};

use super::{Found, Rule, hold};
use crate::agenda::{hours, millis};
use crate::world::MOST_SKEW;

/// As the version of the campaigns has it that erases anybody.
const KEPT: SignedDuration = hours(9 * 24);

/// When a lead did something.
#[derive(Debug, Default)]
pub struct Silence {
    did: BTreeSet<Timestamp>,
}

impl Silence {
    pub fn see(&mut self, activity: &Activity) {
        match &activity.fact {
            Fact::LeadCreated { .. }
            | Fact::FormSubmitted { .. }
            | Fact::OptInConfirmed { .. }
            | Fact::ConsentWithdrawn { .. }
            | Fact::PreferencesChanged { .. }
            | Fact::Identified { .. }
            | Fact::PageViewed { .. }
            | Fact::Occurred { .. }
            | Fact::MagnetDownloaded { machine: false, .. } => {
                self.did.insert(activity.at);
            }
            Fact::EmailClicked(event) if !event.machine => {
                self.did.insert(activity.at);
            }
            // A machine did that.
            Fact::ClicksDisowned { clicked_at, .. } => self.did.retain(|at| !clicked_at.contains(at)),
            _ => {}
        }
    }

    pub fn may_be_erased(&self, now: Timestamp) -> Found {
        let last = self.did.last().copied().unwrap_or(Timestamp::MIN);
        let silent = now.duration_since(last);
        hold(silent + millis(MOST_SKEW) >= KEPT, Rule::Retention, || {
            format!("it is erased for its silence, and did something {silent:#} ago")
        })
    }
}
