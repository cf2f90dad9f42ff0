//! Counts: what happened in a simulation, over all leads.

use std::collections::BTreeMap;

use domain::activity::Way;
use domain::lead::{EnrolmentState, Purpose};
use domain::{Activity, CampaignId, Fact, Lead, Stage, StepId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

/// What happened, in numbers of leads or e-mails.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Who posted the form.
    pub leads: u64,
    /// Who was asked to confirm, and did.
    pub confirmed: u64,
    /// Who reached a campaign's goal.
    pub converted: u64,
    /// Who left.
    pub left: u64,
    /// Whose address is suppressed by a bounce or a complaint.
    pub suppressed: u64,
    /// Each stage that was reached.
    pub stages: BTreeMap<Stage, u64>,
    /// Each step of each campaign.
    pub steps: BTreeMap<CampaignId, BTreeMap<StepId, StepCounts>>,
    /// How enrolments ended, or that they had not.
    pub ended: BTreeMap<CampaignId, Ended>,
    /// All e-mails, confirmations and alerts too, by the organisation's day.
    pub emails_by_day: BTreeMap<Date, u64>,
    /// The most e-mails that left within one hour.
    pub busiest_hour: u64,
    /// The days from the form to the goal.
    pub days_to_goal: BTreeMap<i64, u64>,
    /// What AWS has to do.
    pub work: Work,
}

/// Counts as a simulation goes on.
pub(super) struct Counter<'a> {
    pub counts: Counts,
    /// The organisation's, for its days.
    zone: TimeZone,
    /// The event that counts as a conversion.
    goal: Option<&'a str>,
    by_hour: BTreeMap<i64, u64>,
}

/// One step.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct StepCounts {
    /// Who came to it.
    pub began: u64,
    /// E-mails that left by it.
    pub sent: u64,
    /// Those that were opened.
    pub opened: u64,
    /// Those that were clicked in.
    pub clicked: u64,
    /// E-mails that were not wanted.
    pub skipped: u64,
    /// Times that its e-mail had to wait for a limit.
    pub deferred: u64,
    /// The ways that were taken from it.
    pub ways: BTreeMap<String, u64>,
    /// Who stood there at the end of the simulation.
    pub waiting: u64,
}

/// How the enrolments of a campaign ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Ended {
    /// Began.
    pub enrolled: u64,
    /// Came to the sequence's end.
    pub completed: u64,
    /// Reached the goal.
    pub goal_reached: u64,
    /// Ended by a step, a condition, a withdrawal or a suppression.
    pub exited: u64,
    /// Are still under way.
    pub waiting: u64,
}

/// What AWS is asked to do, in numbers of calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Work {
    /// HTTP requests: forms, links, web events.
    pub requests: u64,
    /// Events of SES about the e-mails.
    pub feedback: u64,
    /// E-mails handed to SES.
    pub emails: u64,
    /// Transactions of a profile and its record.
    pub commits: u64,
}

impl<'a> Counter<'a> {
    pub fn new(zone: TimeZone, goal: Option<&'a str>) -> Self {
        Self { counts: Counts::default(), zone, goal, by_hour: BTreeMap::new() }
    }

    /// Adds what one decision brought about for `leads` leads.
    pub fn add(&mut self, activities: &[Activity], lead: &Lead, leads: u64) {
        self.counts.work.commits += leads;
        for Activity { at, fact } in activities {
            self.add_fact(*at, fact, lead, leads);
        }
    }

    fn add_fact(&mut self, at: Timestamp, fact: &Fact, lead: &Lead, leads: u64) {
        match fact {
            Fact::OptInConfirmed { .. } => self.counts.confirmed += leads,
            Fact::ConsentWithdrawn { .. } => self.counts.left += leads,
            Fact::Suppressed { .. } => self.counts.suppressed += leads,
            Fact::StageChanged { to, .. } => *self.counts.stages.entry(*to).or_default() += leads,
            Fact::Enrolled { campaign, .. } => self.counts.of(campaign).enrolled += leads,
            Fact::StepBegan { campaign, step, .. } => self.counts.step(campaign, step).began += leads,
            Fact::StepDeferred { campaign, step, .. } => self.counts.step(campaign, step).deferred += leads,
            Fact::StepSkipped { campaign, step, .. } => self.counts.step(campaign, step).skipped += leads,
            Fact::BranchTaken { campaign, step, way, case, .. } => {
                let name = way_name(way);
                // The second case of a branch is `then 2`.
                let way = if *case == 0 { name } else { format!("{name} {}", case + 1) };
                *self.counts.step(campaign, step).ways.entry(way).or_default() += leads;
            }
            Fact::HeldOut { campaign, step } => {
                *self.counts.step(campaign, step).ways.entry("held out".to_owned()).or_default() += leads;
            }
            Fact::VariantChosen { campaign, step, variant, .. } => {
                *self.counts.step(campaign, step).ways.entry(variant.to_string()).or_default() += leads;
            }
            Fact::EmailSent { send_id, .. } => {
                if let Some(send) = lead.sends.get(send_id) {
                    self.add_email(at, leads);
                    if !matches!(send.purpose, Purpose::Confirmation { .. }) {
                        self.counts.step(&send.campaign, &send.step).sent += leads;
                    }
                }
            }
            Fact::EnrolmentEnded { campaign, state, .. } => {
                let ended = self.counts.of(campaign);
                match state {
                    EnrolmentState::Completed => ended.completed += leads,
                    EnrolmentState::GoalReached => ended.goal_reached += leads,
                    EnrolmentState::Exited => ended.exited += leads,
                    EnrolmentState::Waiting => {}
                }
            }
            Fact::Occurred { kind, .. }
                if Some(kind.as_str()) == self.goal && lead.history.times(kind) == 1 =>
            {
                self.counts.converted += leads;
                let days = at.duration_since(lead.created_at).as_hours() / 24;
                *self.counts.days_to_goal.entry(days).or_default() += leads;
            }
            _ => {}
        }
    }

    fn add_email(&mut self, at: Timestamp, leads: u64) {
        self.counts.work.emails += leads;
        *self.counts.emails_by_day.entry(at.to_zoned(self.zone.clone()).date()).or_default() += leads;
        let hour = self.by_hour.entry(at.as_second().div_euclid(3600)).or_default();
        *hour += leads;
        self.counts.busiest_hour = self.counts.busiest_hour.max(*hour);
    }

    /// Counts those who stand somewhere when the simulation ends.
    pub fn rest(&mut self, lead: &Lead, leads: u64) {
        for (campaign, enrolment) in &lead.enrolments {
            if enrolment.state == EnrolmentState::Waiting {
                self.counts.of(campaign).waiting += leads;
                if let Some(step) = &enrolment.step {
                    self.counts.step(campaign, step).waiting += leads;
                }
            }
        }
    }
}

impl Counts {
    pub(super) fn step(&mut self, campaign: &CampaignId, step: &StepId) -> &mut StepCounts {
        self.steps.entry(campaign.clone()).or_default().entry(step.clone()).or_default()
    }

    fn of(&mut self, campaign: &CampaignId) -> &mut Ended {
        self.ended.entry(campaign.clone()).or_default()
    }

    /// The days within which a share of those who converted did so; none if nobody did.
    pub fn days_to_goal_of(&self, share: f64) -> Option<i64> {
        let all: u64 = self.days_to_goal.values().sum();
        let mut sum = 0;
        self.days_to_goal.iter().find_map(|(days, leads)| {
            sum += leads;
            (sum as f64 >= share * all as f64 && all > 0).then_some(*days)
        })
    }

    /// The day on which most e-mails left.
    pub fn busiest_day(&self) -> Option<(Date, u64)> {
        let most =
            self.emails_by_day.iter().max_by_key(|(day, emails)| (**emails, std::cmp::Reverse(**day)))?;
        Some((*most.0, *most.1))
    }
}

/// As the log spells it.
fn way_name(way: &Way) -> String {
    serde_json::to_value(way).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
