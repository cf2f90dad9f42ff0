//! What ends or moves a wait: an activity that is waited for, a date that changes.

use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil::Date};

use super::Draft;
use crate::activity::{Fact, Way};
use crate::calendar::{self, Period};
use crate::computed::trait_of;
use crate::lead::Enrolment;
use crate::schedule::{Repeated, moment};
use crate::sequence::{Act, Shift, Step, Until};
use crate::{CampaignId, TraitValue, zone};

/// Clocks differ, and many tell whole seconds: what is dated this little before a step still counts as since it began.
const SKEW: SignedDuration = SignedDuration::from_mins(1);

impl Draft<'_> {
    /// The zone that the lead lives in.
    pub(super) fn zone(&self) -> TimeZone {
        zone::of_lead(self.bundle, &self.lead)
    }

    /// The date that the lead's trait tells.
    fn date(&self, name: &str) -> Option<Date> {
        match trait_of(self.bundle, &self.lead, name)?.as_ref() {
            TraitValue::Text(text) => calendar::date(text),
            _ => None,
        }
    }

    /// When a `wait_until` ends for this lead; none if the date is not known.
    pub(super) fn ends_at(&self, until: &Until) -> Option<Timestamp> {
        let local = match until {
            Until::Date { moment } => *moment,
            Until::Trait { name, shift, at } => {
                let date = self.date(name)?;
                let day = match shift {
                    None => Some(date),
                    Some(Shift::Before(period)) => period.from(date, -1),
                    Some(Shift::After(period)) => period.from(date, 1),
                };
                day?.to_datetime(*at)
            }
        };
        moment(local, Repeated::First, &self.zone())
    }

    /// The next anniversary that is not celebrated yet, and its moment; none if the date is not known.
    pub(super) fn next_round(
        &self,
        enrolment: &Enrolment,
        each: Period,
        on: &str,
        at: Time,
        after: Timestamp,
    ) -> Option<(Date, Timestamp)> {
        let zone = self.zone();
        let date = self.date(on)?;
        let today = after.to_zoned(zone.clone()).date();
        let tomorrow_of_last = enrolment.round.and_then(|round| round.on.tomorrow().ok());
        let mut earliest = tomorrow_of_last.map_or(today, |day| day.max(today));
        // Today's moment may be past; the one after it is not.
        for _ in 0..2 {
            let day = each.next(date, earliest)?;
            let due = moment(day.to_datetime(at), Repeated::First, &zone)?;
            if due > after {
                return Some((day, due));
            }
            earliest = day.tomorrow().ok()?;
        }
        None
    }

    /// Moves the waits whose date is another one by now: a trait changed, or the lead's zone, or the campaign's file.
    pub(super) fn move_waits(&mut self) {
        for id in self.under_way() {
            let Some(campaign) = self.bundle.campaign(&id) else { continue };
            let enrolment = &self.lead.enrolments[&id];
            let Some((step_id, step)) =
                enrolment.step.as_ref().and_then(|step| campaign.sequence.steps.get_key_value(step))
            else {
                // Nothing else would ever make it due.
                if enrolment.due_at.is_none() {
                    self.leave_gone_step(campaign);
                }
                continue;
            };
            match self.moved(enrolment, step) {
                None => {}
                Some(Some(due_at)) => {
                    let local = due_at.to_zoned(self.zone());
                    let because = format!("its date is now {}", local.strftime("%Y-%m-%d %H:%M %Q"));
                    let (campaign, step) = (id, step_id.clone());
                    self.record(
                        self.now,
                        Fact::StepDeferred { campaign, step, due_at, because, has_place: false },
                    );
                }
                // The new date is past already.
                Some(None) => self.begin(campaign, Some(step_id.clone())),
            }
        }
    }

    /// When a step is due that waits for another date than it did; `None` within if that is past or not known.
    fn moved(&self, enrolment: &Enrolment, step: &Step) -> Option<Option<Timestamp>> {
        match &step.act {
            Act::WaitUntil { until, .. } => {
                let due = self.ends_at(until);
                (due != enrolment.due_at).then(|| due.filter(|due| *due > self.now))
            }
            Act::Every { each, on, at, .. } => {
                let still_stands = enrolment.due_at.is_some_and(|due| {
                    let just_before = due - SignedDuration::from_secs(1);
                    let next = self.next_round(enrolment, *each, on, *at, just_before);
                    next.is_some_and(|(_, next)| next == due)
                });
                let next = self.next_round(enrolment, *each, on, *at, self.now).map(|(_, next)| next);
                (!still_stands && next.is_some() && next != enrolment.due_at).then_some(next)
            }
            // An edit made it of an `every` that waited for its date to be told: nothing else would ever make it due.
            _ if enrolment.due_at.is_none() => Some(None),
            _ => None,
        }
    }

    /// Goes on where one of the first `seen` activities is what a `wait_for` waits for.
    pub(super) fn end_waits(&mut self, seen: usize) {
        for id in self.under_way() {
            let Some(campaign) = self.bundle.campaign(&id) else { continue };
            let enrolment = &self.lead.enrolments[&id];
            let Some(step_id) = enrolment.step.clone() else { continue };
            let Some(step) = campaign.sequence.steps.get(&step_id) else { continue };
            let Act::WaitFor { kinds, .. } = &step.act else { continue };
            let happened = self.activities[..seen].iter().any(|activity| {
                activity.fact.counted_kind().is_some_and(|kind| kinds.iter().any(|wanted| wanted == kind))
                    && activity.at + SKEW >= enrolment.step_began_at
                    && self.belongs_to(&activity.fact, &id, enrolment.number)
            });
            if happened {
                let next = step.next.clone();
                self.take_way(campaign, &step_id, Way::Happened);
                self.begin(campaign, next);
            }
        }
    }

    /// Whether an e-mail event is about one of this enrolment's e-mails; other facts belong to every enrolment.
    fn belongs_to(&self, fact: &Fact, campaign: &CampaignId, enrolment: u32) -> bool {
        let send_id = match fact {
            Fact::EmailSent { send_id, .. } => send_id,
            Fact::MagnetDownloaded { campaign: other, .. } => return other == campaign,
            _ => match fact.email_event() {
                Some(event) => &event.send_id,
                None => return true,
            },
        };
        let send = self.lead.sends.get(send_id);
        send.is_some_and(|send| send.campaign == *campaign && send.enrolment == enrolment)
    }
}
