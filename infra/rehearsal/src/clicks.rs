//! Clicks and downloads that were taken for a person's, until the log told that a scanner had followed the links.

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
            Fact::MagnetDownloaded { send_id: Some(send_id), .. } => self.0.contains(&(send_id, activity.at)),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn clicks_and_downloads_of_the_named_e_mail_and_moments_are_disowned() {
        let (scanned, other) = ("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210");
        let activity = |minute: u32, fact: serde_json::Value| {
            let mut activity = fact;
            activity["at"] = json!(format!("2026-03-01T09:{minute:02}:00Z"));
            serde_json::from_value::<Activity>(activity).expect("an activity")
        };
        let click = |minute, send_id| {
            activity(minute, json!({"kind": "email_clicked", "send_id": send_id, "machine": false}))
        };
        let download = |minute, send_id| {
            activity(
                minute,
                json!({"kind": "magnet_downloaded", "campaign": "guide", "send_id": send_id, "machine": false}),
            )
        };
        let clicked_at = ["2026-03-01T09:01:00Z", "2026-03-01T09:02:00Z"];
        let told = json!({"kind": "clicks_disowned", "send_id": scanned, "clicked_at": clicked_at});
        let log = [activity(3, told)];
        let disowned = Disowned::of(&log);
        for (expected, activity) in [
            (true, click(1, scanned)),
            (true, download(2, scanned)),
            (false, click(1, other)),
            (false, download(2, other)),
            (false, click(5, scanned)),
            (false, download(5, scanned)),
        ] {
            assert_eq!(disowned.has(&activity), expected, "{activity:?}");
        }
    }
}
