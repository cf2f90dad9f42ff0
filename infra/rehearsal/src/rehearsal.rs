//! One lead in simulated time: inputs come, time passes, and everything that falls due happens at its moment.

use domain::{
    Activity, Bundle, Decision, EmailAddress, Input, InputBody, InputId, Lead, LeadKey, Rejection, Score,
    SendId, decide,
    decide::is_past_retention,
    input::{NewLead, SendResult},
};
use jiff::Timestamp;

use crate::carrier::{Answer, Carrier};
use crate::mail::Mail;

/// How many ticks may fall on one moment before something is taken to go round in a circle.
const MOST_TICKS_AT_ONCE: usize = 1_000;
/// Leads that are rehearsed from nothing get their ids by this key; it guards nothing.
const KEY: &str = "the key of rehearsals";

/// A lead stays due although it was served: a fault of the rules, never of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("at {0} the lead stays due although it was served")]
pub struct Stuck(pub Timestamp);

/// One lead, or none yet, at a moment of simulated time.
#[derive(Debug, Clone)]
pub struct Rehearsal<'a> {
    bundle: &'a Bundle,
    now: Timestamp,
    /// The lead as it was when the rehearsal began.
    before: Option<Lead>,
    lead: Option<Lead>,
    log: Vec<Activity>,
    mails: Vec<Mail>,
    carrier: Carrier,
    inputs: u64,
}

impl<'a> Rehearsal<'a> {
    /// Begins at `now` with nobody.
    pub fn new(bundle: &'a Bundle, now: Timestamp) -> Self {
        let carrier = Carrier::default();
        Self { bundle, now, before: None, lead: None, log: Vec::new(), mails: Vec::new(), carrier, inputs: 0 }
    }

    /// Begins at `now` with a lead that is on its way already. Its log and e-mails so far are not those of the rehearsal.
    pub fn of_lead(bundle: &'a Bundle, lead: Lead, now: Timestamp) -> Self {
        Self { before: Some(lead.clone()), lead: Some(lead), ..Self::new(bundle, now) }
    }

    /// Whom a form or a server's event makes known.
    pub fn new_lead(email: EmailAddress) -> Option<NewLead> {
        LeadKey::new(KEY).ok().map(|key| NewLead::of(&key, email))
    }

    /// The campaigns that are rehearsed.
    pub fn bundle(&self) -> &'a Bundle {
        self.bundle
    }

    /// The moment that it is.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The lead, once there is one.
    pub fn lead(&self) -> Option<&Lead> {
        self.lead.as_ref()
    }

    /// Whether there was a lead, and it did nothing for so long that nothing is left of it.
    pub fn is_erased(&self) -> bool {
        self.lead.is_none() && (self.before.is_some() || !self.log.is_empty())
    }

    /// The lead's score now.
    pub fn score(&self) -> Option<Score> {
        self.lead.as_ref().map(|lead| Score::of(self.bundle, lead, self.now))
    }

    /// What happened in the rehearsal, in order.
    pub fn log(&self) -> &[Activity] {
        &self.log
    }

    /// The e-mails that the carrier was handed, in order.
    pub fn mails(&self) -> &[Mail] {
        &self.mails
    }

    /// The lead after the first `activities` of the log.
    pub fn lead_after(&self, activities: usize) -> Option<Lead> {
        let log = self.log.get(..activities).unwrap_or(&self.log);
        log.iter()
            .try_fold(self.before.clone(), |lead, activity| domain::evolve(lead, activity).map(Some))
            .ok()
            .flatten()
    }

    /// Chooses the carrier's answer to the next e-mail that has none chosen yet. It takes all others.
    pub fn answer_next(&mut self, answer: Answer) {
        self.carrier.next.push_back(answer);
    }

    /// Lets time pass until `moment`: whatever falls due on the way happens at its time and in its order. A moment that
    /// is past changes nothing but what is due already. Answers how many e-mails the carrier was handed.
    pub fn pass_until(&mut self, moment: Timestamp) -> Result<usize, Stuck> {
        let before = self.mails.len();
        let mut at_once = 0;
        while let Some(due) = self.due_at().filter(|due| *due <= moment.max(self.now)) {
            at_once = if due > self.now { 0 } else { at_once + 1 };
            self.now = self.now.max(due);
            if at_once > MOST_TICKS_AT_ONCE || !self.tick() {
                return Err(Stuck(self.now));
            }
        }
        self.now = self.now.max(moment);
        Ok(self.mails.len() - before)
    }

    /// Lets time pass until `at`, and then applies an input that happens at that moment; what it makes due at once
    /// happens at once. Answers what became of the input.
    pub fn apply(&mut self, at: Timestamp, body: InputBody) -> Result<Result<(), Rejection>, Stuck> {
        self.pass_until(at)?;
        let outcome = self.decide(at, body).map(|_| ());
        self.pass_until(self.now)?;
        Ok(outcome)
    }

    /// When something falls due next.
    pub fn due_at(&self) -> Option<Timestamp> {
        self.lead.as_ref().and_then(Lead::due_at)
    }

    /// Does what is due, and hands what is claimed to the carrier. False if nothing was done.
    fn tick(&mut self) -> bool {
        // Erased: nothing more falls due, and whoever comes again is somebody new.
        if self.lead.take_if(|lead| is_past_retention(self.bundle, lead, self.now)).is_some() {
            return true;
        }
        let tick = InputBody::Tick { worker: "rehearsal".to_owned() };
        let Ok(order) = self.decide(self.now, tick) else { return false };
        let Some(send_id) = order else { return true };
        let claimed = self.lead.as_ref().and_then(|lead| lead.sends.get(&send_id));
        let claimed = claimed.filter(|send| send.purpose.is_email());
        let result = match claimed {
            Some(_) => self.carrier.send(&send_id),
            // A webhook takes every notification.
            None => Some(SendResult::Accepted { message_id: String::new() }),
        };
        self.mails.extend(claimed.map(|send| Mail {
            send_id: send_id.clone(),
            campaign: send.campaign.clone(),
            step: send.step.clone(),
            purpose: send.purpose.clone(),
            at: self.now,
            activities: self.log.len(),
        }));
        if let Some(result) = result {
            // That the answer comes late or twice cannot be here.
            let _ = self.decide(self.now, InputBody::SendResult { send_id, result });
        }
        true
    }

    /// What the store does, without a store. Answers the e-mail that is to be sent.
    fn decide(&mut self, at: Timestamp, body: InputBody) -> Result<Option<SendId>, Rejection> {
        self.inputs += 1;
        let input = Input { id: InputId::of("rehearsal", &[&self.inputs.to_string()]), at, body };
        let Decision { lead, activities, order, .. } =
            decide(self.bundle, self.lead.as_ref(), &input, self.now)?;
        self.lead = Some(lead);
        self.log.extend(activities);
        Ok(order)
    }
}
