//! The carrier of e-mails and what it tells later, and the webhook's receiver.

use std::collections::{BTreeMap, BTreeSet};

use app::Notification;
use domain::input::{CarrierLimit, Feedback, FeedbackKind, SendResult};
use domain::{LeadId, SendId};
use email::Message;
use jiff::{SignedDuration, Timestamp};

use crate::agenda::{Event, TaskId, hours, millis, secs};
use crate::draw::Draw;
use crate::invariants::Rule;
use crate::mutations::Mutation;
use crate::people;
use crate::world::World;

/// An answer within this, or nobody knows.
const TIME_OUT: SignedDuration = secs(10);

/// In some worlds the carrier answers nobody for hours or days.
pub fn outage(draw: &mut Draw, begin: Timestamp) -> Option<(Timestamp, Timestamp)> {
    if !draw.chance(150) {
        return None;
    }
    let from = begin + hours(draw.between(0, 24 * 6));
    Some((from, from + hours(draw.between(1, 72))))
}

/// What the carrier has seen.
#[derive(Debug, Default)]
pub struct Carrier {
    /// Every e-mail that it was handed.
    messages: BTreeMap<SendId, Message>,
    /// Those that left.
    accepted: BTreeSet<SendId>,
    /// When they did.
    taken_at: Vec<Timestamp>,
    /// What programs were answered last.
    answers: BTreeMap<SendId, SendResult>,
    /// The calls that have no answer yet: the programs that wait, and whom the calls are about.
    in_the_air: BTreeSet<(TaskId, LeadId)>,
}

impl Carrier {
    /// Whether a program handed it over.
    pub fn has_seen(&self, send_id: &SendId) -> bool {
        self.messages.contains_key(send_id)
    }

    /// Whether the e-mail left.
    pub fn has_accepted(&self, send_id: &SendId) -> bool {
        self.accepted.contains(send_id)
    }

    /// What the program that called last was answered about it.
    pub fn answer(&self, send_id: &SendId) -> Option<&SendResult> {
        self.answers.get(send_id)
    }

    /// How many e-mails left since then.
    pub fn taken_since(&self, then: Timestamp) -> usize {
        self.taken_at.iter().filter(|at| **at > then).count()
    }

    /// Whether an e-mail to the lead, or about it, is being handed over.
    pub fn is_busy_with(&self, lead: &LeadId) -> bool {
        self.in_the_air.iter().any(|(_, busy)| busy == lead)
    }

    /// The lead was erased. Calls about it go on, and those about whoever comes back may go on beside them.
    pub fn forget_lead(&mut self, lead: &LeadId) {
        self.in_the_air.retain(|(_, busy)| busy != lead);
    }

    /// The program waits no longer.
    pub fn forget(&mut self, task: TaskId) {
        self.in_the_air.retain(|(waiting, _)| *waiting != task);
    }
}

impl World {
    /// A program hands over an e-mail. Answers how long the call takes, and what comes of it.
    pub fn hand_over(&mut self, message: &Message) -> (SignedDuration, SendResult) {
        let send_id = message.send_id.clone();
        self.observe_hand_over(message);
        if let Some(lead) = self.oracle.lead_of(&send_id)
            && !self.oracle.is_of_before(&send_id, self.now)
        {
            self.carrier.in_the_air.insert((self.current, lead));
        }
        self.carrier.messages.insert(send_id.clone(), message.clone());
        let (step, name) = (&message.step, message.to.first().cloned().unwrap_or_default());
        let faults = self.faults;
        let soon = millis(self.draw.between(5, 9_000));
        if self.account.enabled && self.draw.chance(faults.pause) {
            self.pause_account();
        }
        if let Some(limit) = self.limit() {
            self.tell(|| format!("hands over {step} for {name}: over the account's limit ({limit:?})"));
            return (soon, SendResult::Throttled { code: "account".into(), limit });
        }
        if self.is_out() {
            self.tell(|| format!("hands {step} for {name} to nobody: the carrier is out"));
            return (TIME_OUT, SendResult::Uncertain { code: "time_out".into() });
        }
        if self.draw.chance(faults.time_out) {
            match self.draw.between(0, 3) {
                0 => self.tell(|| format!("hands {step} for {name} to nobody, and no answer comes")),
                1 => {
                    self.tell(|| format!("hands over {step} for {name}, and no answer comes"));
                    self.accept(&send_id);
                }
                _ => {
                    self.tell(|| format!("hands over {step} for {name}, which arrives late"));
                    let at = self.now + millis(self.draw.between(0, 14_000));
                    self.agenda.note(at, Event::LateAcceptance(send_id));
                }
            }
            return (TIME_OUT, SendResult::Uncertain { code: "time_out".into() });
        }
        if self.draw.chance(faults.refuse) {
            self.tell(|| format!("hands over {step} for {name}: refused for now"));
            return (soon, SendResult::Rejected { code: "try_later".into(), retryable: true });
        }
        if self.draw.chance(faults.full) {
            self.tell(|| format!("hands over {step} for {name}: takes nothing at the moment"));
            let limit = {
                let all = [CarrierLimit::Rate, CarrierLimit::Rate, CarrierLimit::Day, CarrierLimit::Access];
                self.draw.pick(&all)
            };
            return (soon, SendResult::Throttled { code: "too_fast".into(), limit });
        }
        if self.draw.chance(faults.refuse_for_good) {
            self.tell(|| format!("hands over {step} for {name}: refused for good"));
            return (soon, SendResult::Rejected { code: "no".into(), retryable: false });
        }
        self.tell(|| format!("hands over {step} for {name}: taken"));
        self.accept(&send_id);
        (soon, SendResult::Accepted { message_id: format!("m-{send_id}") })
    }

    /// Whether the carrier answers nobody.
    fn is_out(&self) -> bool {
        !self.calm && self.outage.is_some_and(|(from, until)| from <= self.now && self.now < until)
    }

    /// Why the account may send nothing now.
    fn limit(&self) -> Option<CarrierLimit> {
        #[expect(clippy::cast_precision_loss, reason = "a count of e-mails")]
        let sent = self.carrier.taken_since(self.now - hours(24)) as f64;
        let full = self.account.per_day.is_some_and(|most| sent >= most);
        full.then_some(CarrierLimit::Day).or((!self.account.enabled).then_some(CarrierLimit::Paused))
    }

    /// The e-mail leaves.
    pub fn accept(&mut self, send_id: &SendId) {
        let Some(message) = self.carrier.messages.get(send_id).cloned() else { return };
        if !self.carrier.accepted.insert(send_id.clone()) {
            let step = &message.step;
            self.violate(Rule::OneAcceptance, format!("{step} ({send_id}) left twice"));
        }
        self.carrier.taken_at.push(self.now);
        self.observe_acceptance(&message);
        people::receive(self, &message);
    }

    /// The program hears the answer.
    pub fn carrier_answers(&mut self, message: &Message, result: SendResult) -> SendResult {
        self.carrier.answers.insert(message.send_id.clone(), result.clone());
        self.observe_answer(&result);
        let result = match (self.mutation, result) {
            (Some(Mutation::UncertainTakenForRefused), SendResult::Uncertain { code }) => {
                SendResult::Rejected { code, retryable: true }
            }
            (_, result) => result,
        };
        let send_id = message.send_id.clone();
        let lead = self.oracle.lead_of(&send_id);
        if let Some(lead) = lead.clone() {
            self.carrier.in_the_air.remove(&(self.current, lead));
        }
        if let (Some(running), Some(lead)) = (self.running.get_mut(&self.current), lead) {
            running.answers.push((lead, send_id, result.clone()));
        }
        result
    }

    /// A program posts a notification.
    pub fn call_webhook(&mut self, notification: &Notification) -> (SignedDuration, SendResult) {
        let (takes, result) = self.webhook_answers(notification);
        self.carrier.answers.insert(notification.id.clone(), result.clone());
        (takes, result)
    }

    fn webhook_answers(&mut self, notification: &Notification) -> (SignedDuration, SendResult) {
        let name = &notification.webhook;
        let faults = self.faults;
        self.observe_notification(notification);
        if self.draw.chance(faults.time_out) {
            self.tell(|| format!("tells {name}, and no answer comes"));
            return (TIME_OUT, SendResult::Uncertain { code: "time_out".into() });
        }
        if self.draw.chance(faults.refuse) {
            self.tell(|| format!("tells {name}: refused for now"));
            return (millis(80), SendResult::Rejected { code: "503".into(), retryable: true });
        }
        self.tell(|| format!("tells {name}"));
        (millis(80), SendResult::Accepted { message_id: String::new() })
    }

    /// The carrier tells what became of an e-mail, through the queue: in any order, and perhaps twice.
    pub fn feed_back(&mut self, message: &Message, after: SignedDuration, kind: FeedbackKind, machine: bool) {
        if let Some(lead) = message.lead.clone() {
            let send_id = message.send_id.clone();
            if matches!(kind, FeedbackKind::Complaint | FeedbackKind::Bounce { permanent: true }) {
                self.oracle.complained(lead.clone());
            }
            let of_confirmation = message.unproven;
            let feedback = Feedback { send_id, kind, of_confirmation, machine, detail: None };
            self.queue_feedback(lead, feedback, after);
        }
    }
}
