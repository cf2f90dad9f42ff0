//! Cohorts: leads for whom the same is true from now on, and for whom `decide` is asked once.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::activity::Withdrawal;
use domain::attribution::Touch;
use domain::consent::Visitor;
use domain::input::{Feedback, FeedbackKind, NewLead, SendResult, Submission, Track, TrackKind};
use domain::{Input, InputBody, InputId, Lead, SendId, decide, schedule};
use jiff::{SignedDuration, Timestamp};

use super::Simulation;
use super::arrivals::{self, Arrival};
use super::counts::{Counter, Counts};
use super::draw::Draw;
use super::reactions::{Doing, Outcome, Reactions};
use super::under_way::UnderWay;

/// A simulation under way.
pub(super) struct Run<'a> {
    simulation: &'a Simulation<'a>,
    reactions: Reactions<'a>,
    ends_at: Timestamp,
    draw: Draw,
    counter: Counter<'a>,
    /// Of every input: what no store keeps needs no other.
    input_id: InputId,
    /// The campaigns as text, which names every kind of activity that a rule asks about.
    written: String,
    /// Whether a kind is asked about, as far as that was looked up.
    asked: BTreeMap<String, bool>,
}

/// Leads for whom the same is true from now on.
#[derive(Clone)]
pub(super) struct Cohort {
    pub lead: Rc<Lead>,
    /// How many.
    pub leads: u64,
    pub now: Timestamp,
    /// What they will do, the next at the end.
    pub ahead: Vec<(Timestamp, SendId, Doing)>,
}

impl Cohort {
    /// When something happens to them next.
    pub fn next(&self) -> Option<Timestamp> {
        let due = self.lead.due_at().map(|due| due.max(self.now));
        due.into_iter().chain(self.ahead.last().map(|(at, ..)| *at)).min()
    }
}

impl<'a> Run<'a> {
    pub fn new(simulation: &'a Simulation<'a>) -> Self {
        let zone = schedule::zone(None, &simulation.bundle.organisation.time_zone);
        let days = i64::from(simulation.days) + i64::from(simulation.days_after);
        Self {
            simulation,
            reactions: Reactions::new(simulation.bundle, simulation.rates),
            ends_at: simulation.from + SignedDuration::from_hours(24 * days),
            draw: Draw::of(simulation.seed),
            counter: Counter::new(zone, simulation.campaign.goal.as_deref()),
            input_id: InputId::of("simulation", &[]),
            written: serde_json::to_string(simulation.bundle).unwrap_or_default(),
            asked: BTreeMap::new(),
        }
    }

    pub fn run(mut self, progress: &mut dyn FnMut(u64)) -> Counts {
        let arrivals = arrivals::of(self.simulation);
        let shares: Vec<f64> = arrivals.iter().map(|arrival| arrival.share).collect();
        let numbers = self.draw.multinomial(self.simulation.leads, &shares);
        let mut at_their_end = 0;
        for (arrival, leads) in arrivals.into_iter().zip(numbers).filter(|(_, leads)| *leads > 0) {
            let mut under_way = UnderWay::default();
            if let Some(cohort) = self.arrive(arrival, leads) {
                under_way.add(cohort);
            }
            while let Some(cohort) = under_way.first() {
                if let Some(done) = self.live(cohort, &mut under_way) {
                    at_their_end += done;
                    progress(at_their_end);
                }
            }
        }
        self.counter.counts
    }

    fn arrive(&mut self, arrival: Arrival, leads: u64) -> Option<Cohort> {
        let campaign = self.simulation.campaign;
        let locale = self.simulation.bundle.organisation.default_locale().clone();
        let submission = Submission {
            lead: NewLead::of(&arrivals::key()?, arrival.email),
            campaign: campaign.id.clone(),
            traits: arrival.traits,
            // They want it all: who leaves is a rate of its own.
            topics: campaign.form.iter().flat_map(|form| form.topics.iter().cloned()).collect(),
            locale,
            time_zone: None,
            touch: Touch::default(),
            visitor: Visitor::default(),
        };
        self.counter.counts.leads += leads;
        self.counter.counts.work.requests += leads;
        let lead = self.decide(None, InputBody::SubmitForm(submission), arrival.at, leads)?.0;
        Some(Cohort { lead, leads, now: arrival.at, ahead: Vec::new() })
    }

    /// Lives until the cohort divides, or has done all that its leads will do about an e-mail: then it, or its parts, are under
    /// way. Answers how many leads are at their end, if all are.
    fn live(&mut self, mut cohort: Cohort, under_way: &mut UnderWay) -> Option<u64> {
        loop {
            let due = cohort.lead.due_at().map(|due| due.max(cohort.now));
            let next = cohort.ahead.last().map(|(at, ..)| *at);
            match (due, next) {
                (_, Some(at)) if at <= self.ends_at && due.is_none_or(|due| at < due) => {
                    self.do_next(&mut cohort);
                    if cohort.ahead.is_empty() {
                        self.forget_unasked(&mut cohort);
                        under_way.add(cohort);
                        return None;
                    }
                }
                (Some(due), _) if due <= self.ends_at => {
                    cohort.now = due;
                    if let Some(order) = self.tick(&mut cohort) {
                        self.divide(cohort, &order, under_way);
                        return None;
                    }
                }
                _ => {
                    self.counter.rest(&cohort.lead, cohort.leads);
                    return Some(cohort.leads);
                }
            }
        }
    }

    /// Forgets what no rule asks about, so that those become alike whose difference no longer matters.
    fn forget_unasked(&mut self, cohort: &mut Cohort) {
        for kind in cohort.lead.history.kinds() {
            if !self.asked.contains_key(kind) {
                self.asked.insert(kind.to_owned(), self.written.contains(kind));
            }
        }
        let asked = |kind: &str| self.asked.get(kind).copied().unwrap_or(true);
        Rc::make_mut(&mut cohort.lead).history.forget_unasked(asked);
    }

    /// Does what is due. Answers the e-mail that left.
    fn tick(&mut self, cohort: &mut Cohort) -> Option<SendId> {
        let tick = InputBody::Tick { worker: "simulation".to_owned() };
        let (lead, order) = self.decide(Some(&cohort.lead), tick, cohort.now, cohort.leads)?;
        cohort.lead = lead;
        let send_id = order?;
        let result = SendResult::Accepted { message_id: "simulated".to_owned() };
        let answer = InputBody::SendResult { send_id: send_id.clone(), result };
        cohort.lead = self.decide(Some(&cohort.lead), answer, cohort.now, cohort.leads)?.0;
        Some(send_id)
    }

    /// Lots decide what the leads of a cohort do about an e-mail.
    fn divide(&mut self, cohort: Cohort, send_id: &SendId, under_way: &mut UnderWay) {
        let Some(send) = cohort.lead.sends.get(send_id).cloned() else { return };
        // SES tells that it sent and that it delivered.
        self.counter.counts.work.feedback += 2 * cohort.leads;
        let outcomes = self.reactions.to(&send, cohort.lead.sends.len() == 1);
        let shares: Vec<f64> = outcomes.iter().map(|outcome| outcome.share).collect();
        let numbers = self.draw.multinomial(cohort.leads, &shares);
        let mut idle = 0;
        for (Outcome { opened, clicked, doings, .. }, leads) in outcomes.into_iter().zip(numbers) {
            let step = self.counter.counts.step(&send.campaign, &send.step);
            step.opened += if opened { leads } else { 0 };
            step.clicked += if clicked { leads } else { 0 };
            self.counter.counts.work.feedback += u64::from(opened) * leads;
            if doings.is_empty() {
                idle += leads;
            } else if leads > 0 {
                under_way.add(self.with(&cohort, leads, send_id, doings));
            }
        }
        if idle > 0 {
            under_way.add(self.with(&cohort, idle, send_id, Vec::new()));
        }
    }

    fn with(
        &self,
        cohort: &Cohort,
        leads: u64,
        send_id: &SendId,
        doings: Vec<(SignedDuration, Doing)>,
    ) -> Cohort {
        let mut part = Cohort { leads, ..cohort.clone() };
        if self.reactions.delivery_matters() {
            part.ahead.push((cohort.now, send_id.clone(), Doing::Receive));
        }
        part.ahead
            .extend(doings.into_iter().map(|(delay, doing)| (cohort.now + delay, send_id.clone(), doing)));
        part.ahead.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
        part
    }

    fn do_next(&mut self, cohort: &mut Cohort) {
        let Some((at, send_id, doing)) = cohort.ahead.pop() else { return };
        cohort.now = cohort.now.max(at);
        let feedback = |kind| {
            InputBody::Feedback(Feedback {
                send_id: send_id.clone(),
                kind,
                of_confirmation: false,
                machine: false,
                detail: None,
            })
        };
        let work = &mut self.counter.counts.work;
        let body = match doing {
            Doing::Confirm => match &cohort.lead.consent.request {
                Some(request) => {
                    InputBody::Confirm { request: request.number, seen: None, visitor: Visitor::default() }
                }
                None => return,
            },
            Doing::Receive => feedback(FeedbackKind::Delivery),
            Doing::Bounce => feedback(FeedbackKind::Bounce { permanent: true }),
            Doing::Complain => feedback(FeedbackKind::Complaint),
            Doing::Open => feedback(FeedbackKind::Open),
            Doing::Click => feedback(FeedbackKind::Click),
            Doing::Leave => InputBody::Leave { through: Withdrawal::OneClick, visitor: Visitor::default() },
            Doing::Download(campaign) => InputBody::DownloadMagnet { campaign, machine: false },
            Doing::Event(name) => {
                let kind = TrackKind::Event { name, properties: Default::default() };
                InputBody::Track(Track { new_lead: None, kind })
            }
        };
        match body {
            InputBody::Feedback(_) => work.feedback += cohort.leads,
            _ => work.requests += cohort.leads,
        }
        if let Some((lead, _)) = self.decide(Some(&cohort.lead), body, cohort.now, cohort.leads) {
            cohort.lead = lead;
        }
    }

    /// Asks `decide`, and counts what it brings about. None if there is nothing to do.
    fn decide(
        &mut self,
        lead: Option<&Lead>,
        body: InputBody,
        now: Timestamp,
        leads: u64,
    ) -> Option<(Rc<Lead>, Option<SendId>)> {
        let input = Input { id: self.input_id.clone(), at: now, body };
        let decision = decide(self.simulation.bundle, lead, &input, now).ok()?;
        self.counter.add(&decision.activities, &decision.lead, leads);
        Some((Rc::new(decision.lead), decision.order))
    }
}
