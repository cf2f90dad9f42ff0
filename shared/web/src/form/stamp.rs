//! When our own page showed the form: a signed time, since nobody fills in a form in a blink.

use app::token::{Shown, TokenKeys};
use domain::CampaignId;
use jiff::{SignedDuration, Timestamp};

use super::Posted;

/// The hidden field. No trait can be called so.
pub(super) const FIELD: &str = "_shown";

/// How much earlier a page counts as shown that bears what somebody has typed before. It is longer than anybody may be asked to
/// take, and than the clocks of two machines differ, so that the page can be sent at once.
const BEFORE: SignedDuration = SignedDuration::from_hours(1);

/// What the time between page and post tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Nothing against whoever posts.
    Human,
    /// Nobody types so fast.
    TooSoon,
    /// The page is older than a day, or its stamp is not one of ours for this form.
    Stale,
}

/// Judges a post. One without a stamp comes from a page that is not ours, or says so; there is nothing to measure. Nor is
/// there by a stamp from the future: the clocks of two machines differ, and that is not the visitor's fault.
pub(super) fn judge(
    keys: &TokenKeys,
    campaign: &CampaignId,
    posted: &Posted,
    fill_time: SignedDuration,
    now: Timestamp,
) -> Pace {
    let Some(token) = posted.first(FIELD) else { return Pace::Human };
    match keys.open::<Shown>(token, now) {
        Ok(shown) if shown.campaign != *campaign => Pace::Stale,
        Ok(shown) if (0..millis(fill_time)).contains(&(now.as_millisecond() - shown.at)) => Pace::TooSoon,
        Ok(_) => Pace::Human,
        Err(_) => Pace::Stale,
    }
}

/// The stamp of a page that is shown now; `filled` says that it bears what the visitor typed before.
pub(super) fn stamp(keys: &TokenKeys, campaign: &CampaignId, filled: bool, now: Timestamp) -> String {
    let at = now.as_millisecond() - if filled { millis(BEFORE) } else { 0 };
    keys.sign(Shown { campaign: campaign.clone(), at }, now)
}

fn millis(span: SignedDuration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
