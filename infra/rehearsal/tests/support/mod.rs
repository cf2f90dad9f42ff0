//! One lead of the solar guide, to whom things happen.
#![allow(dead_code)]

use std::path::{Path, PathBuf};

use domain::consent::Visitor;
use domain::input::{Feedback, FeedbackKind, Submission, Track, TrackKind};
use domain::{Bundle, CampaignId, EmailAddress, InputBody, Locale, TopicId, TraitValue, Traits};
use jiff::SignedDuration;
use rehearsal::{Answer, Rehearsal};

pub fn infra() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub fn bundle() -> Bundle {
    campaign_file::read(&infra()).bundle.expect("the project's campaigns have no fault")
}

pub fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

pub fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

pub struct Story<'a> {
    pub rehearsal: Rehearsal<'a>,
}

impl<'a> Story<'a> {
    /// A Monday, 10:00 in Paris.
    pub fn begin(bundle: &'a Bundle) -> Self {
        Self { rehearsal: Rehearsal::new(bundle, "2026-03-02T09:00:00Z".parse().expect("a time")) }
    }

    pub fn apply(&mut self, body: InputBody) {
        let now = self.rehearsal.now();
        self.rehearsal.apply(now, body).expect("moves").expect("not refused");
    }

    pub fn pass(&mut self, span: SignedDuration) {
        let until = self.rehearsal.now() + span;
        self.rehearsal.pass_until(until).expect("moves");
    }

    pub fn answer(&mut self, answer: Answer) {
        self.rehearsal.answer_next(answer);
    }

    pub fn submit(&mut self, housing: &str) {
        self.submit_to("guide-solaire", "housing", housing);
    }

    pub fn submit_to(&mut self, campaign: &str, name: &str, value: &str) {
        let email = EmailAddress::parse("ada@example.com").expect("an address");
        self.apply(InputBody::SubmitForm(Submission {
            lead: Rehearsal::new_lead(email).expect("a key"),
            campaign: CampaignId::parse(campaign).expect("an id"),
            traits: Traits::from([(name.to_owned(), value.into())]),
            topics: Default::default(),
            locale: Locale::parse("fr").expect("a locale"),
            time_zone: None,
            touch: Default::default(),
            visitor: Visitor::default(),
        }));
    }

    pub fn confirm(&mut self) {
        let request = self.rehearsal.lead().and_then(|lead| lead.consent.request.as_ref());
        let request = request.expect("an open request").number;
        self.apply(InputBody::Confirm { request, seen: None, visitor: Visitor::default() });
    }

    pub fn confirmed(&mut self, housing: &str) {
        self.submit(housing);
        self.confirm();
    }

    pub fn prefer(&mut self, left: &[&str], pause: Option<SignedDuration>) {
        let left_topics = left.iter().map(|topic| TopicId::parse(*topic).expect("a topic")).collect();
        let paused_until = pause.map(|span| self.rehearsal.now() + span);
        self.apply(InputBody::ChangePreferences { left_topics, locale: None, paused_until });
    }

    pub fn feedback(&mut self, step: &str, kind: FeedbackKind) {
        let mut mails = self.rehearsal.mails().iter();
        let send_id = mails.find(|mail| mail.step.as_str() == step).expect("it left").send_id.clone();
        self.apply(InputBody::Feedback(Feedback {
            send_id,
            kind,
            of_confirmation: false,
            machine: false,
            detail: None,
        }));
    }

    pub fn event(&mut self, name: &str) {
        self.track(TrackKind::Event { name: name.into(), properties: Default::default() });
    }

    pub fn view(&mut self) {
        self.track(TrackKind::Page { url: None, title: None });
    }

    pub fn identify(&mut self, name: &str, value: TraitValue) {
        self.track(TrackKind::Identify { traits: Traits::from([(name.to_owned(), value)]), time_zone: None });
    }

    fn track(&mut self, kind: TrackKind) {
        self.apply(InputBody::Track(Track { new_lead: None, kind }));
    }
}
