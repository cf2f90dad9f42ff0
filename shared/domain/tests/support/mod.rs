//! A small organisation with two campaigns, and a lead that things happen to.
#![allow(dead_code)]

use std::collections::{BTreeMap, BTreeSet};

use domain::activity::Withdrawal;
use domain::attribution::Touch;
use domain::bundle::Bundle;
use domain::campaign::{Campaign, ConsentTerms, Form, ReEntry};
use domain::consent::Visitor;
use domain::input::{Feedback, FeedbackKind, NewLead, SendResult, Submission, Track, TrackKind};
use domain::organisation::{FrequencyCap, Limits, Organisation, Sales};
use domain::schedule::{QuietHours, Window};
use domain::score::{Bands, CampaignScoring, Decay, FitRule, PointCap, PointRule, Scoring};
use domain::sequence::{Act, Case, Sequence, Step};
use domain::{
    Activity, CampaignId, Condition, Decision, EmailAddress, EmailName, Fact, Input, InputBody, InputId,
    Lead, LeadKey, Locale, Rejection, Score, SendId, SenderId, Stage, StepId, TopicId, Traits, decide,
};
use jiff::{SignedDuration, Timestamp, civil::time};

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

pub fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

pub fn condition(source: &str) -> Condition {
    Condition::parse(source).expect("a condition")
}

pub fn campaign_id(text: &str) -> CampaignId {
    CampaignId::parse(text).expect("a campaign id")
}

pub fn step_id(text: &str) -> StepId {
    StepId::parse(text).expect("a step id")
}

pub fn send(email: &str, between: Option<Window>) -> Act {
    Act::Send {
        email: EmailName::parse(email).expect("a name"),
        between,
        topic: None,
        subject: None,
        until: None,
    }
}

pub fn sequence(steps: Vec<(&str, Act, Option<&str>)>) -> Sequence {
    Sequence {
        first: steps.first().map(|(id, _, _)| step_id(id)),
        steps: steps
            .into_iter()
            .map(|(id, act, next)| (step_id(id), Step { act, next: next.map(step_id) }))
            .collect(),
    }
}

pub fn office_hours() -> Window {
    Window {
        days: [true, true, true, true, true, false, false],
        from: time(9, 0, 0, 0),
        to: time(18, 0, 0, 0),
    }
}

fn campaign(id: &str, double_opt_in: bool, sequence: Sequence) -> Campaign {
    let fr = Locale::parse("fr").expect("a locale");
    Campaign {
        id: campaign_id(id),
        title: BTreeMap::from([(fr.clone(), id.to_owned())]),
        sender: SenderId::parse("bonjour").expect("a sender"),
        topic: Some(TopicId::parse("conseils").expect("a topic")),
        goal: Some("quote_requested".into()),
        budget: None,
        form: Some(Form {
            consent: ConsentTerms { double_opt_in, wording: BTreeMap::from([(fr, "J'accepte.".into())]) },
            ..Form::default()
        }),
        audience: None,
        magnet: None,
        score: CampaignScoring::default(),
        sequence,
        exit_when: Some(condition("lead.customer == true")),
        priority: 0,
        re_entry: ReEntry::Never,
        paused: false,
        removed_steps: BTreeMap::new(),
        emails: BTreeMap::new(),
        magnet_emails: BTreeSet::from([EmailName::parse("welcome").expect("a name")]),
    }
}

/// `guide`: welcome, three days, a case study in office hours, a click or a reminder, then sales or one more mail.
/// `news`: no confirmation, one mail a day.
pub fn bundle() -> Bundle {
    let guide = sequence(vec![
        ("welcome", send("welcome", None), Some("pause")),
        ("pause", Act::Wait { length: days(3) }, Some("case")),
        ("case", send("case", Some(office_hours())), Some("click")),
        (
            "click",
            Act::WaitFor {
                kinds: vec!["email_clicked".into()],
                within: days(4),
                otherwise: Some(step_id("reminder")),
            },
            Some("choice"),
        ),
        ("reminder", send("reminder", None), Some("choice")),
        (
            "choice",
            Act::Branch {
                cases: vec![Case { when: condition("score.total >= 40"), first: Some(step_id("sales")) }],
                otherwise: Some(step_id("patience")),
            },
            None,
        ),
        ("sales", Act::Alert, None),
        ("patience", Act::Wait { length: days(7) }, Some("voices")),
        ("voices", send("voices", None), None),
    ]);
    let news = sequence(vec![
        ("one", send("one", None), Some("night")),
        ("night", Act::Wait { length: days(1) }, Some("two")),
        ("two", send("two", None), Some("three")),
        ("three", send("three", None), None),
    ]);
    let points = [
        ("form_submitted", 10.0, None),
        ("email_clicked", 5.0, None),
        ("magnet_downloaded", 5.0, None),
        ("quote_requested", 20.0, None),
        ("page_viewed", 1.0, Some(PointCap { points: 10.0, days: 1 })),
        ("email_complained", -50.0, None),
    ];
    Bundle {
        content_hash: String::new(),
        traits: BTreeMap::new(),
        organisation: Organisation {
            name: "Atelier".into(),
            postal_address: "Lyon".into(),
            website: None,
            privacy_policy: None,
            time_zone: "Europe/Paris".into(),
            locales: vec![Locale::parse("fr").expect("a locale")],
            senders: BTreeMap::new(),
            topics: BTreeMap::new(),
            traits: BTreeMap::new(),
            computed: BTreeMap::new(),
            events: Vec::new(),
            sales: Sales::default(),
            limits: Limits {
                per_lead: Some(FrequencyCap { count: 2, per: SignedDuration::from_hours(24) }),
                quiet_hours: Some(QuietHours { from: time(21, 0, 0, 0), to: time(8, 0, 0, 0) }),
                ..Limits::default()
            },
            retention: None,
            score: Scoring {
                fit: vec![FitRule {
                    when: condition("lead.housing == \"house\" && lead.surface >= 100"),
                    points: 30.0,
                    because: "a large house".into(),
                }],
                grades: None,
                decay: Some(Decay::HalfLife(days(30))),
                points: points
                    .into_iter()
                    .map(|(kind, points, at_most)| {
                        (kind.to_owned(), PointRule { points, at_most, group: None })
                    })
                    .collect(),
                groups: BTreeMap::new(),
                temperature: Bands { warm: 20.0, hot: 50.0 },
            },
            stages: BTreeMap::from([
                (Stage::Mql, condition("score.total >= 40")),
                (Stage::Sql, condition("occurred(\"quote_requested\")")),
            ]),
            segments: BTreeMap::from([("homeowners".into(), condition("lead.housing == \"house\""))]),
            webhooks: BTreeMap::new(),
            turnstile: None,
        },
        campaigns: [campaign("guide", true, guide), campaign("news", false, news)]
            .into_iter()
            .map(|campaign| (campaign.id.clone(), campaign))
            .collect(),
        partials: BTreeMap::new(),
    }
}

pub fn visitor() -> Visitor {
    Visitor { ip: Some("192.0.2.7".into()), user_agent: Some("Firefox".into()) }
}

/// One lead, its log, and the inputs that were seen: what the store does, without a store.
pub struct World {
    pub bundle: Bundle,
    pub now: Timestamp,
    pub lead: Option<Lead>,
    pub log: Vec<Activity>,
    seen: BTreeSet<InputId>,
}

impl World {
    pub fn begin(now: &str) -> Self {
        Self { bundle: bundle(), now: at(now), lead: None, log: Vec::new(), seen: BTreeSet::new() }
    }

    pub fn lead(&self) -> &Lead {
        self.lead.as_ref().expect("a lead")
    }

    pub fn score(&self) -> Score {
        Score::of(&self.bundle, self.lead(), self.now)
    }

    /// Applies an input unless it was seen before; commits it.
    pub fn input(&mut self, id: &str, at: Timestamp, body: InputBody) -> Result<Decision, Rejection> {
        let id = InputId::of("test", &[id]);
        if self.seen.contains(&id) {
            return Err(Rejection::NothingToDo);
        }
        let decision =
            decide(&self.bundle, self.lead.as_ref(), &Input { id: id.clone(), at, body }, self.now)?;
        self.seen.insert(id);
        self.lead = Some(decision.lead.clone());
        self.log.extend(decision.activities.clone());
        Ok(decision)
    }

    fn unique(&self) -> String {
        format!("unique {}", self.seen.len())
    }

    pub fn now_input(&mut self, body: InputBody) -> Result<Decision, Rejection> {
        let (id, now) = (self.unique(), self.now);
        self.input(&id, now, body)
    }

    pub fn submit(&mut self, campaign: &str, traits: Traits) {
        let body = submission(campaign, traits);
        self.now_input(body).expect("a valid form is never refused");
    }

    pub fn confirm(&mut self) {
        self.answer_request(None);
    }

    /// The button was pressed on a page that named these campaigns.
    pub fn confirm_seen(&mut self, campaigns: &[&str]) {
        self.answer_request(Some(campaigns.iter().map(|id| campaign_id(id)).collect()));
    }

    fn answer_request(&mut self, seen: Option<std::collections::BTreeSet<CampaignId>>) {
        let request = self.lead().consent.request.as_ref().expect("an open request").number;
        self.now_input(InputBody::Confirm { request, seen, visitor: visitor() }).expect("an open request");
    }

    pub fn leave(&mut self) -> Result<Decision, Rejection> {
        self.now_input(InputBody::Leave { through: Withdrawal::OneClick, visitor: visitor() })
    }

    pub fn tick(&mut self) -> Option<SendId> {
        self.now_input(InputBody::Tick { worker: "w".into() }).ok().and_then(|decision| decision.order)
    }

    pub fn answer(&mut self, send_id: &SendId, result: SendResult) -> Result<Decision, Rejection> {
        self.now_input(InputBody::SendResult { send_id: send_id.clone(), result })
    }

    /// Lets time pass; every e-mail that falls due is sent. Answers what was sent, as `time step`.
    pub fn pass(&mut self, span: SignedDuration) -> Vec<String> {
        let until = self.now + span;
        let mut sent = Vec::new();
        while let Some(due) = self.lead().due_at().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            if let Some(send_id) = self.tick() {
                let step = self.lead().sends[&send_id].step.clone();
                sent.push(format!("{} {step}", self.now.strftime("%m-%d %H:%M")));
                self.answer(&send_id, SendResult::Accepted { message_id: "m".into() }).expect("claimed");
            }
        }
        self.now = until;
        sent
    }

    pub fn click(&mut self, step: &str) {
        let send_id = self.send_of(step);
        let feedback = Feedback {
            send_id,
            kind: FeedbackKind::Click,
            of_confirmation: false,
            machine: false,
            detail: None,
        };
        self.now_input(InputBody::Feedback(feedback)).expect("a click");
    }

    pub fn send_of(&self, step: &str) -> SendId {
        let sends = self.lead().sends.iter();
        sends.filter(|(_, send)| send.step.as_str() == step).map(|(id, _)| id.clone()).next().expect("sent")
    }

    pub fn kinds(&self) -> Vec<String> {
        self.log.iter().map(Activity::kind).collect()
    }

    pub fn step(&self, campaign: &str) -> &str {
        let step = self.lead().enrolments[&campaign_id(campaign)].step.as_ref();
        step.map_or("", StepId::as_str)
    }
}

pub fn submission(campaign: &str, traits: Traits) -> InputBody {
    let key = LeadKey::new("0123456789abcdef").expect("a key");
    let email = EmailAddress::parse("ada@example.com").expect("an address");
    InputBody::SubmitForm(Submission {
        lead: NewLead::of(&key, email),
        campaign: campaign_id(campaign),
        traits,
        topics: BTreeSet::new(),
        locale: Locale::parse("fr").expect("a locale"),
        time_zone: None,
        touch: Touch::default(),
        visitor: visitor(),
    })
}

pub fn event(name: &str) -> InputBody {
    InputBody::Track(Track {
        new_lead: None,
        kind: TrackKind::Event { name: name.into(), properties: Default::default() },
    })
}

pub fn page() -> InputBody {
    InputBody::Track(Track { new_lead: None, kind: TrackKind::Page { url: None, title: None } })
}

pub fn house() -> Traits {
    Traits::from([("housing".into(), "house".into()), ("surface".into(), domain::TraitValue::Number(120.0))])
}

pub fn claimed(decision: &Decision) -> bool {
    decision.activities.iter().any(|activity| matches!(activity.fact, Fact::SendClaimed { .. }))
}
