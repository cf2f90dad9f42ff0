//! The e-mails of a campaign, each with its variants, and how one is made for a lead.

use std::collections::BTreeSet;

use domain::sequence::{Act, Step};
use domain::{
    Bundle, CONFIRM_STEP, Campaign, EmailName, Lead, LeadId, LeadKey, Locale, Score, SendId, StepId,
};
use email::{About, Links, Message, RenderError};
use jiff::Timestamp;

use super::samples::Sample;

/// Not secret: it makes ids for people who do not exist.
const LEAD_KEY: &str = "sillon preview lead key";

/// One e-mail of a campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    /// Names it among those of its campaign: the step's id, `confirm` or `alert`.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// What tells it from others of that name, if there are any.
    pub variant: Option<String>,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Confirmation,
    Alert,
    Nurture(StepId, EmailName),
}

/// In the order in which a lead meets them.
pub fn mails(bundle: &Bundle, campaign: &Campaign) -> Vec<Mail> {
    let mut mails = Vec::new();
    if campaign.form.as_ref().is_some_and(|form| form.consent.double_opt_in) {
        let (key, name) = (CONFIRM_STEP.to_owned(), "Confirmation".to_owned());
        mails.push(Mail { key, name, variant: None, kind: Kind::Confirmation });
    }
    let steps = in_order(campaign);
    let times = |wanted: &EmailName| {
        let same =
            |(_, step): &&(&StepId, &Step)| matches!(&step.act, Act::Send { email, .. } if email == wanted);
        steps.iter().filter(same).count()
    };
    for (id, step) in &steps {
        if let Act::Send { email, .. } = &step.act {
            let variant = (times(email) > 1 || id.as_str() != email.as_str()).then(|| id.to_string());
            let kind = Kind::Nurture((*id).clone(), email.clone());
            mails.push(Mail { key: id.to_string(), name: email.to_string(), variant, kind });
        }
    }
    for email in campaign.emails.keys().filter(|email| email.as_str() != CONFIRM_STEP) {
        // No step sends it, or not yet.
        let unsent = times(email) == 0;
        if let Some(step) = StepId::parse(email.as_str()).ok().filter(|_| unsent) {
            let key = format!("unsent-{email}");
            let kind = Kind::Nurture(step, email.clone());
            mails.push(Mail { key, name: email.to_string(), variant: Some("not sent".into()), kind });
        }
    }
    let alerts = steps.iter().any(|(_, step)| matches!(step.act, Act::Alert));
    if alerts && !bundle.organisation.sales.alert.is_empty() {
        let (key, name) = ("alert".to_owned(), "Alert to sales".to_owned());
        mails.push(Mail { key, name, variant: None, kind: Kind::Alert });
    }
    mails
}

/// The steps as a lead may meet them: a branch before what follows it.
fn in_order(campaign: &Campaign) -> Vec<(&StepId, &Step)> {
    let sequence = &campaign.sequence;
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let mut open: Vec<&StepId> = sequence.first.iter().collect();
    while let Some(id) = open.pop() {
        let Some((id, step)) = sequence.steps.get_key_value(id).filter(|_| seen.insert(id)) else { continue };
        found.push((id, step));
        open.extend(&step.next);
        open.extend(ways(&step.act).into_iter().rev());
    }
    found
}

fn ways(act: &Act) -> Vec<&StepId> {
    match act {
        Act::Branch { cases, otherwise } => {
            cases.iter().filter_map(|case| case.first.as_ref()).chain(otherwise).collect()
        }
        Act::WaitFor { otherwise, .. } | Act::WaitUntil { otherwise, .. } => otherwise.iter().collect(),
        Act::Every { first, .. } => first.iter().collect(),
        Act::Experiment(experiment) => {
            experiment.variants.iter().filter_map(|variant| variant.first.as_ref()).collect()
        }
        _ => Vec::new(),
    }
}

/// Makes the e-mail for a lead that reads that language.
pub fn render(
    bundle: &Bundle,
    campaign: &Campaign,
    mail: &Mail,
    language: &Locale,
    sample: &Sample,
    now: Timestamp,
) -> Result<Message, RenderError> {
    let mut lead = Lead::new(lead_id(sample), sample.email.clone(), now);
    lead.locale = Some(language.clone());
    lead.traits = sample.traits.clone();
    lead.stated_at = now;
    let score = Score::of(bundle, &lead, now);
    let step = match &mail.kind {
        Kind::Nurture(step, _) => Some(step),
        Kind::Confirmation | Kind::Alert => campaign.sequence.first.as_ref(),
    };
    let unnamed = StepId::parse(CONFIRM_STEP).ok();
    let Some(step) = step.or(unnamed.as_ref()) else {
        return Err(RenderError::NobodyToAlert { campaign: campaign.id.clone() });
    };
    let send_id = SendId::of(&lead.id, &campaign.id, step, 1);
    let about = About { bundle, campaign, lead: &lead, score: &score, send_id: &send_id };
    let ours = |path: &str| format!("https://forms.example.com/{path}/preview");
    let links = Links {
        unsubscribe: ours("u"),
        preferences: ours("p"),
        magnet: campaign.magnet.is_some().then(|| ours("d")),
        events_token: Some("preview".into()),
    };
    match &mail.kind {
        Kind::Confirmation => email::confirmation(&about, &links, &ours("c")),
        Kind::Alert => email::alert(&about),
        Kind::Nurture(step, name) => email::nurture(&about, step, name, &links),
    }
}

fn lead_id(sample: &Sample) -> LeadId {
    #[expect(clippy::expect_used, reason = "the key is long enough")]
    let key = LeadKey::new(LEAD_KEY).expect("at least 16 bytes");
    LeadId::of(&key, &sample.email)
}
