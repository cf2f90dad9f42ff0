//! Rehearses a scenario, up to the first step that comes otherwise than told.

use std::collections::BTreeSet;

use campaign_file::tree::Place;
use domain::consent::Visitor;
use domain::input::{Feedback, FeedbackKind, Submission, Track, TrackKind};
use domain::lead::Purpose;
use domain::{Activity, Bundle, CampaignId, Fact, InputBody, Lead, SendId, TopicId, fold};
use jiff::Timestamp;

use super::deed::Deed;
use super::hold;
use super::moment::When;
use super::{Given, Named, Scenario, Step};
use crate::words::WallTime;
use crate::{Rehearsal, words};

/// What came of a scenario.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What was expected and did not come; empty if the story came true.
    pub failures: Vec<Failure>,
    /// What happened, in order, up to the failures.
    pub timeline: Vec<Line>,
}

/// Something that came otherwise.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Where it is told.
    pub place: Place,
    /// When.
    pub at: WallTime,
    /// What was expected.
    pub expected: String,
    /// What came instead.
    pub got: String,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// By the scenario's clock.
    pub at: WallTime,
    /// In words.
    pub text: String,
}

/// Rehearses the scenario.
pub fn play(bundle: &Bundle, scenario: &Scenario) -> Outcome {
    let mut stage = Stage {
        scenario,
        rehearsal: Rehearsal::new(bundle, scenario.given.start),
        told: 0,
        checked: 0,
        heard: 0,
        outcome: Outcome { failures: Vec::new(), timeline: Vec::new() },
    };
    stage.set();
    for step in &scenario.steps {
        stage.take(step);
        if !stage.outcome.failures.is_empty() {
            stage.tell_how_it_stands();
            break;
        }
    }
    stage.outcome
}

/// A lead that agreed to e-mails before the story begins.
fn of_consenting_lead<'a>(bundle: &'a Bundle, scenario: &Scenario) -> Option<Rehearsal<'a>> {
    let Given { email, start, locale, .. } = &scenario.given;
    let new_lead = Rehearsal::new_lead(email.clone())?;
    let agreed = [
        Fact::LeadCreated { lead: new_lead.id, email: new_lead.email },
        Fact::ConsentGranted { campaign: scenario.campaign.clone() },
    ];
    let log = agreed.map(|fact| Activity { at: *start, fact });
    let lead = Lead { locale: Some(locale.clone()), ..fold(&log).ok()?? };
    Some(Rehearsal::of_lead(bundle, lead, *start))
}

struct Stage<'a> {
    scenario: &'a Scenario,
    rehearsal: Rehearsal<'a>,
    /// The activities that stand in the timeline.
    told: usize,
    /// The e-mails that were expected.
    checked: usize,
    /// The activities whose notifications were expected.
    heard: usize,
    outcome: Outcome,
}

impl Stage<'_> {
    /// Makes known what is known of the lead before the scenario begins.
    fn set(&mut self) {
        let given = &self.scenario.given;
        if given.consent {
            self.rehearsal =
                of_consenting_lead(self.rehearsal.bundle(), self.scenario).unwrap_or(self.rehearsal.clone());
        }
        // Who agreed long ago is heard of now, so that the moments at which to look at audiences are set.
        if given.traits.is_empty() && !given.consent {
            return;
        }
        let kind = TrackKind::Identify { traits: given.traits.clone(), time_zone: given.time_zone.clone() };
        let new_lead = Rehearsal::new_lead(given.email.clone());
        // A lead that is not known yet may state anything.
        let _ = self.rehearsal.apply(given.start, InputBody::Track(Track { new_lead, kind }));
    }

    fn take(&mut self, step: &Step) {
        let now = self.rehearsal.now();
        let at = match step.when {
            When::After(length) => now.checked_add(length).ok(),
            When::At(moment) => moment.from(now, &self.scenario.given.zone).filter(|at| *at >= now),
        };
        let Some(at) = at else {
            return self.fail(&step.place, "a moment after the step before", "one that is past");
        };
        let refused = match self.happen(step, at) {
            Ok(refused) => refused,
            Err((expected, got)) => return self.fail(&step.place, expected, got),
        };
        self.tell();
        self.check(step, refused);
    }

    /// Lets time pass until `at`, and what happens then happen. Answers why it was refused, if it was.
    fn happen(&mut self, step: &Step, at: Timestamp) -> Result<Option<String>, (String, String)> {
        let stuck = |stuck: crate::Stuck| ("that time passes".to_owned(), stuck.to_string());
        self.rehearsal.pass_until(at).map_err(stuck)?;
        let Some(deed) = &step.deed else { return Ok(None) };
        if let Deed::Answer(answer) = deed {
            self.rehearsal.answer_next(answer.clone());
            return Ok(None);
        }
        let body = self.input(deed, at)?;
        let outcome = self.rehearsal.apply(at, body).map_err(stuck)?;
        Ok(outcome.err().map(|rejection| rejection.to_string()))
    }

    fn topics(&self, campaign: &CampaignId) -> BTreeSet<TopicId> {
        let form = self.rehearsal.bundle().campaign(campaign).and_then(|campaign| campaign.form.as_ref());
        form.map(|form| form.topics.iter().cloned().collect()).unwrap_or_default()
    }

    fn input(&self, deed: &Deed, at: Timestamp) -> Result<InputBody, (String, String)> {
        let given = &self.scenario.given;
        let lead = self.rehearsal.lead();
        let track =
            |kind| InputBody::Track(Track { new_lead: Rehearsal::new_lead(given.email.clone()), kind });
        let feedback = |email: &Named, kind, machine, detail: Option<String>| {
            let send_id = self.last(email)?;
            Ok::<_, (String, String)>(InputBody::Feedback(Feedback {
                send_id,
                kind,
                of_confirmation: false,
                machine,
                detail,
            }))
        };
        let visitor = Visitor::default();
        let nobody = || ("a lead with an address".to_owned(), "nobody yet".to_owned());
        Ok(match deed {
            Deed::Submit { campaign, traits } => InputBody::SubmitForm(Submission {
                lead: Rehearsal::new_lead(given.email.clone()).ok_or_else(nobody)?,
                campaign: campaign.clone(),
                traits: traits.clone(),
                // Somebody who wants it all; `prefers` leaves some.
                topics: self.topics(campaign),
                locale: given.locale.clone(),
                time_zone: given.time_zone.clone(),
                touch: Default::default(),
                visitor,
            }),
            Deed::Confirm => {
                let consent = lead.map(|lead| &lead.consent);
                let request = consent.and_then(|consent| consent.request.as_ref()).map(|open| open.number);
                // A link that was used before names the last request.
                let request = request.or(consent.map(|consent| consent.requests)).unwrap_or_default();
                InputBody::Confirm { request, seen: None, visitor }
            }
            Deed::Click { email, link, machine } => {
                feedback(email, FeedbackKind::Click, *machine, link.clone())?
            }
            Deed::Open { email, machine } => feedback(email, FeedbackKind::Open, *machine, None)?,
            Deed::Bounce { email, permanent } => {
                feedback(email, FeedbackKind::Bounce { permanent: *permanent }, false, None)?
            }
            Deed::Complain { email } => feedback(email, FeedbackKind::Complaint, false, None)?,
            Deed::Download { campaign, machine } => {
                InputBody::DownloadMagnet { campaign: campaign.clone(), machine: *machine }
            }
            Deed::Event { name, properties } => {
                track(TrackKind::Event { name: name.clone(), properties: properties.clone() })
            }
            Deed::View { url } => track(TrackKind::Page { url: Some(url.clone()), title: None }),
            Deed::Identify { traits, time_zone } => {
                track(TrackKind::Identify { traits: traits.clone(), time_zone: time_zone.clone() })
            }
            Deed::Leave => InputBody::Leave { through: domain::activity::Withdrawal::Page, visitor },
            Deed::Pause { length } => self.preferences(&[], None, Some(at + *length)),
            Deed::Prefer { left_topics, locale, paused_for } => {
                self.preferences(left_topics, locale.clone(), paused_for.map(|length| at + length))
            }
            Deed::Answer(_) => return Err(("something that happens to the lead".into(), "none".into())),
        })
    }

    /// The page of preferences posts everything: what is not told stays.
    fn preferences(
        &self,
        left: &[domain::TopicId],
        locale: Option<domain::Locale>,
        paused_until: Option<Timestamp>,
    ) -> InputBody {
        let preferences = self.rehearsal.lead().map(|lead| lead.preferences.clone()).unwrap_or_default();
        let mut left_topics = preferences.left_topics;
        left_topics.extend(left.iter().cloned());
        InputBody::ChangePreferences {
            left_topics,
            locale,
            paused_until: paused_until.or(preferences.paused_until),
        }
    }

    /// The last e-mail of that name.
    fn last(&self, named: &Named) -> Result<SendId, (String, String)> {
        let mut mails = self.rehearsal.mails().iter().rev();
        let found = mails.find(|mail| hold::name_of(mail).as_ref() == Some(named));
        found
            .map(|mail| mail.send_id.clone())
            .ok_or_else(|| (format!("that the e-mail `{}` had left", hold::shown(named)), "none left".into()))
    }

    fn check(&mut self, step: &Step, refused: Option<String>) {
        let mails = &self.rehearsal.mails()[self.checked..];
        let mut failures = hold::mails(&self.rehearsal, self.scenario, step, mails);
        failures.extend(hold::notifications(&self.rehearsal, step, self.heard));
        match (&refused, step.expected.refused) {
            (Some(why), false) => {
                failures.push((
                    step.place.clone(),
                    "that this happens".into(),
                    format!("it was refused: {why}"),
                ));
            }
            (None, true) => {
                failures.push((step.place.clone(), "that this is refused".into(), "it happened".into()));
            }
            _ => {}
        }
        for (place, claim) in &step.expected.claims {
            let unmet = hold::unmet(&self.rehearsal, claim);
            failures.extend(unmet.map(|(expected, got)| (place.clone(), expected, got)));
        }
        self.checked = self.rehearsal.mails().len();
        self.heard = self.rehearsal.log().len();
        for (place, expected, got) in failures {
            self.fail(&place, expected, got);
        }
    }

    fn fail(&mut self, place: &Place, expected: impl Into<String>, got: impl Into<String>) {
        let at = self.moment(self.rehearsal.now());
        let (place, expected, got) = (place.clone(), expected.into(), got.into());
        self.outcome.failures.push(Failure { place, at, expected, got });
    }

    fn moment(&self, at: Timestamp) -> WallTime {
        WallTime::new(at, &self.scenario.given.zone)
    }

    /// Adds what happened since to the timeline.
    fn tell(&mut self) {
        let log = self.rehearsal.log();
        let lines: Vec<Line> = log[self.told..]
            .iter()
            .filter_map(|activity| {
                let text = match &activity.fact {
                    Fact::EmailSent { send_id, .. } => self.mail(send_id)?,
                    // What begins and is due at once tells itself by what it does.
                    Fact::StepBegan { due_at, because: None, .. }
                        if due_at.is_some_and(|due| due <= activity.at) =>
                    {
                        return None;
                    }
                    fact => words::tell(fact, &self.scenario.given.zone)?,
                };
                Some(Line { at: self.moment(activity.at), text })
            })
            .collect();
        self.told = log.len();
        self.outcome.timeline.extend(lines);
    }

    /// An e-mail that left, with its subject.
    fn mail(&self, send_id: &SendId) -> Option<String> {
        let mail = self.rehearsal.mails().iter().find(|mail| mail.send_id == *send_id)?;
        if mail.purpose == Purpose::Alert {
            return Some(format!("sales is alerted by `{}/{}`", mail.campaign, mail.step));
        }
        let name = hold::name_of(mail).map_or_else(|| mail.step.to_string(), |named| hold::shown(&named));
        let subject = match self.rehearsal.message(mail)? {
            Ok(message) => format!("“{}”", message.subject),
            Err(error) => format!("which cannot be written: {error}"),
        };
        Some(format!("the e-mail `{name}` leaves: {subject}"))
    }

    fn tell_how_it_stands(&mut self) {
        let Some(lead) = self.rehearsal.lead() else {
            if self.rehearsal.is_erased() {
                let at = self.moment(self.rehearsal.now());
                self.outcome.timeline.push(Line { at, text: "so it stands: the lead is erased".into() });
            }
            return;
        };
        let score = self.rehearsal.score().map(|score| {
            let bands = self.rehearsal.bundle().organisation.score.temperature;
            let temperature = score.temperature(bands).as_str();
            format!(
                "score {} (fit {}, engagement {}), {temperature}",
                score.total, score.fit, score.engagement
            )
        });
        let mut told = vec![format!("consent {}", lead.consent.state.as_str())];
        told.push(format!("stage {}", lead.stage.as_str()));
        told.extend(score);
        for (campaign, enrolment) in &lead.enrolments {
            let step = enrolment.step.as_ref().map_or("no step", domain::StepId::as_str);
            told.push(format!("{} in `{campaign}` at `{step}`", enrolment.state.as_str().replace('_', " ")));
        }
        let at = self.moment(self.rehearsal.now());
        self.outcome.timeline.push(Line { at, text: format!("so it stands: {}", told.join(", ")) });
    }
}
