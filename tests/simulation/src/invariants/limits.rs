//! Frequency cap, quiet hours, closed days and windows, by the clock of whoever claimed.

use std::collections::BTreeMap;

use domain::lead::Purpose;
use domain::sequence::Act;
use domain::{CampaignId, Fact, SendId};
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

use super::{Found, Rule, Sight, hold};

/// So many e-mails with a magnet within a day wait for neither cap nor quiet hours.
const MOST_EXEMPT: usize = 3;
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What counts for a lead's limits.
#[derive(Debug, Default)]
pub struct Limits {
    zone: Option<String>,
    /// Claims that count for the cap, unless they were refused.
    counted: BTreeMap<SendId, Timestamp>,
    /// The e-mail that carried the magnet, by campaign and enrolment.
    carried: BTreeMap<(CampaignId, u32), SendId>,
    /// Claims that waited for neither cap nor quiet hours, unless they were refused.
    exempted: BTreeMap<SendId, Timestamp>,
}

impl Limits {
    pub fn see(&mut self, sight: &Sight<'_>) -> Found {
        match &sight.activity.fact {
            Fact::FormSubmitted { time_zone, .. } | Fact::Identified { time_zone, .. } => {
                self.zone = time_zone.clone().or_else(|| self.zone.take());
            }
            Fact::SendRejected { send_id, .. } | Fact::SendThrottled { send_id, .. } => {
                self.counted.remove(send_id);
                self.exempted.remove(send_id);
                self.carried.retain(|_, carried| carried != send_id);
            }
            Fact::SendClaimed {
                send_id,
                campaign,
                enrolment,
                purpose: Purpose::Nurture { email, exempt },
                ..
            } => {
                let key = (campaign.clone(), *enrolment);
                let magnet =
                    sight.bundle.campaign(campaign).is_some_and(|it| it.magnet_emails.contains(email));
                let at = sight.activity.at;
                let of_late = self.exempted.values().filter(|before| **before + DAY > at).count();
                let waited_for = magnet && !self.carried.contains_key(&key) && of_late < MOST_EXEMPT;
                hold(waited_for == *exempt, Rule::Cap, || {
                    format!("{email} is exempt: {exempt}, and should be: {waited_for}")
                })?;
                if magnet {
                    self.carried.entry(key).or_insert_with(|| send_id.clone());
                }
                self.window(sight)?;
                if *exempt {
                    self.exempted.insert(send_id.clone(), at);
                } else {
                    self.cap(sight)?;
                    self.quiet(sight)?;
                    self.counted.insert(send_id.clone(), at);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn local(&self, sight: &Sight<'_>) -> Zoned {
        let name = self.zone.as_deref().unwrap_or(&sight.bundle.organisation.time_zone);
        sight.activity.at.to_zoned(TimeZone::get(name).unwrap_or(TimeZone::UTC))
    }

    fn cap(&self, sight: &Sight<'_>) -> Found {
        let Some(cap) = sight.bundle.organisation.limits.per_lead else { return Ok(()) };
        let from = sight.activity.at - cap.per;
        let within = self.counted.values().filter(|at| **at > from).count();
        hold(within < cap.count as usize, Rule::Cap, || {
            format!("{within} e-mails were claimed in the span before")
        })
    }

    fn quiet(&self, sight: &Sight<'_>) -> Found {
        let limits = &sight.bundle.organisation.limits;
        let local = self.local(sight);
        if let Some(quiet) = &limits.quiet_hours {
            let within = lies_within(local.time(), quiet.from, quiet.to);
            hold(!within, Rule::Hours, || format!("claimed at {local}, in quiet hours"))?;
        }
        let closed =
            limits.closed_days.iter().any(|day| (day.month, day.day) == (local.month(), local.day()));
        hold(!closed, Rule::Hours, || format!("claimed at {local}, on a closed day"))
    }

    fn window(&self, sight: &Sight<'_>) -> Found {
        let Fact::SendClaimed { campaign, step, .. } = &sight.activity.fact else { return Ok(()) };
        let step = sight.bundle.campaign(campaign).and_then(|campaign| campaign.sequence.steps.get(step));
        let Some(Act::Send { between: Some(window), .. }) = step.map(|step| &step.act) else { return Ok(()) };
        let local = self.local(sight);
        let day = match local.weekday() {
            Weekday::Monday => 0,
            Weekday::Tuesday => 1,
            Weekday::Wednesday => 2,
            Weekday::Thursday => 3,
            Weekday::Friday => 4,
            Weekday::Saturday => 5,
            Weekday::Sunday => 6,
        };
        let open = window.days[day] && lies_within(local.time(), window.from, window.to);
        hold(open, Rule::Hours, || format!("claimed at {local}, outside its window"))
    }
}

fn lies_within(time: Time, from: Time, to: Time) -> bool {
    if from < to { from <= time && time < to } else { from <= time || time < to }
}
