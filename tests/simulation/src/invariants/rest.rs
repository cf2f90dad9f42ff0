//! Once faults stop: everything that is due ends, and nobody is stuck.

use domain::Lead;
use domain::lead::{EnrolmentState, SendOutcome};
use domain::sequence::Act;
use jiff::SignedDuration;

use super::{Found, Rule, hold};
use crate::agenda::{hours, secs};
use crate::deployments::bundles;
use crate::world::{REST, World};

/// Whoever is due is served within this, once nothing goes wrong any more.
const SERVED_WITHIN: SignedDuration = hours(1);

impl World {
    /// A tick begins.
    pub fn observe_tick(&mut self) {
        let longest = self.table.first_due().map_or(SignedDuration::ZERO, |due| self.now.duration_since(due));
        let stopped = self.gate.stopped.is_some() || self.oracle.pace.resumed_since(self.now - SERVED_WITHIN);
        let calm = self.now > self.ends_at - REST + SERVED_WITHIN;
        let served = !calm || longest < SERVED_WITHIN || stopped;
        let found = hold(served, Rule::Stuck, || format!("somebody has been due for {longest:#}"));
        let for_ever = self.gate.stopped.is_some() && self.oracle.pace.is_stopped_too_long(self.now);
        let resumes = hold(!for_ever, Rule::Stuck, || format!("nobody has resumed: {:?}", self.gate.stopped));
        let doubted = self.oracle.pace.doubts_too_long(self.now);
        let trusts =
            hold(!doubted, Rule::Doubt, || "the carrier answers, and nobody trusts it again".to_owned());
        self.judge(found.and(resumes).and(trusts));
    }

    /// Nothing happens any more, or nothing but what comes round for ever.
    pub fn observe_end(&mut self) {
        let mut found = hold(self.queue.is_empty(), Rule::Lost, || "messages are left on the queue".into());
        let stopped = &self.gate.stopped;
        found = found.and_then(|()| {
            hold(stopped.is_none(), Rule::Stuck, || format!("sending is stopped still: {stopped:?}"))
        });
        let stopped = self.gate.has_stopped_confirmations(self.now);
        found =
            found.and_then(|()| hold(!stopped, Rule::Stuck, || "confirmations are stopped still".to_owned()));
        let erasing = self.table.marks.values().any(|mark| mark.erasing.is_some());
        found = found
            .and_then(|()| hold(!erasing, Rule::Stuck, || "an erasure was begun and is not done".to_owned()));
        for stored in self.table.all() {
            found = found.and_then(|()| self.is_at_rest(&stored.lead));
        }
        self.judge(found);
    }

    fn is_at_rest(&self, lead: &Lead) -> Found {
        let name = self.name(&lead.id);
        let just_now = self.now - secs(600);
        let due = lead.due_at();
        hold(due.is_none_or(|due| due > just_now), Rule::Stuck, || {
            format!("{name} has been due since {due:?}")
        })?;
        let indexed = self.table.indexed(&lead.id);
        hold(indexed == due, Rule::Index, || {
            format!("{name} is due at {due:?}, and the index says {indexed:?}")
        })?;
        let suppressed = lead.suppression.is_some() || !self.oracle.complained.contains(&lead.id);
        hold(suppressed, Rule::Lost, || format!("{name} complained and is not suppressed"))?;
        for (send_id, send) in &lead.sends {
            let open = lead.claim.as_ref().is_some_and(|claim| claim.send_id == *send_id);
            hold(open || send.outcome != SendOutcome::Claimed, Rule::Stuck, || {
                format!("{send_id} has no outcome")
            })?;
        }
        for (campaign, enrolment) in &lead.enrolments {
            let campaign = bundles()[self.deployed].campaign(campaign);
            let step =
                campaign.zip(enrolment.step.as_ref()).and_then(|(it, step)| it.sequence.steps.get(step));
            let waits_for_a_date = step.is_some_and(|step| matches!(step.act, Act::Every { .. }));
            let ends =
                enrolment.state != EnrolmentState::Waiting || enrolment.due_at.is_some() || waits_for_a_date;
            hold(ends, Rule::Stuck, || format!("{name} waits for nothing: {enrolment:?}"))?;
        }
        Ok(())
    }
}
