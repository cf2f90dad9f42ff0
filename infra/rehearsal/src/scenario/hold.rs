//! Whether what was expected is so.

use campaign_file::tree::Place;
use domain::lead::{EnrolmentState, Purpose};
use domain::{Activity, Fact, WebhookId};

use super::expected::{Claim, ExpectedMail, Part};
use super::{Named, Scenario, Step};
use crate::{Mail, Rehearsal, words};

/// A place, what was expected there, and what came instead.
type Unmet = (Place, String, String);

/// The e-mail's name, for those that go to the lead.
pub(super) fn name_of(mail: &Mail) -> Option<Named> {
    let email = match &mail.purpose {
        Purpose::Confirmation { .. } => None,
        Purpose::Nurture { email, .. } => Some(email.clone()),
        _ => return None,
    };
    Some(Named { campaign: mail.campaign.clone(), email })
}

pub(super) fn shown(named: &Named) -> String {
    let email = named.email.as_ref().map_or(domain::CONFIRM_STEP, domain::EmailName::as_str);
    format!("{}/{email}", named.campaign)
}

/// Compares what left during a step with what it expects, e-mails in order.
pub(super) fn mails(
    rehearsal: &Rehearsal<'_>,
    scenario: &Scenario,
    step: &Step,
    left: &[Mail],
) -> Vec<Unmet> {
    let mut unmet = Vec::new();
    let at = |mail: &Mail| words::moment(mail.at, &scenario.given.zone);
    let unexpected = |(name, mail): &(Named, &Mail)| {
        let got = format!("the e-mail `{}` left {}", shown(name), at(mail));
        (step.place.clone(), "no further e-mail".to_owned(), got)
    };
    let to_lead: Vec<(Named, &Mail)> = left.iter().filter_map(|mail| Some((name_of(mail)?, mail))).collect();
    let mut rest = to_lead.as_slice();
    for expected in &step.expected.mails {
        let Some(found) = rest.iter().position(|(name, _)| *name == expected.name) else {
            let got = rest.first().map_or_else(
                || "none left".to_owned(),
                |(name, mail)| format!("`{}` left {}", shown(name), at(mail)),
            );
            unmet.push((expected.place.clone(), format!("the e-mail `{}`", shown(&expected.name)), got));
            return unmet;
        };
        unmet.extend(rest[..found].iter().map(unexpected));
        unmet.extend(details(rehearsal, scenario, expected, rest[found].1));
        rest = &rest[found + 1..];
    }
    unmet.extend(rest.iter().map(unexpected));
    let alerts = left.iter().filter(|mail| mail.purpose == Purpose::Alert).count();
    let (place, expected) = step.expected.alerts.clone().unwrap_or((step.place.clone(), 0));
    if alerts != expected {
        unmet.push((place, format!("{expected} alert to sales"), format!("{alerts}")));
    }
    unmet
}

/// Compares the webhooks that were told since the log had so many activities with those that the step expects.
pub(super) fn notifications(rehearsal: &Rehearsal<'_>, step: &Step, since: usize) -> Option<Unmet> {
    let lead = rehearsal.lead()?;
    let webhook = |activity: &Activity| {
        let Fact::Notified { send_id, .. } = &activity.fact else { return None };
        match &lead.sends.get(send_id)?.purpose {
            Purpose::Notify { webhook } => Some(webhook.clone()),
            _ => None,
        }
    };
    let told: Vec<WebhookId> = rehearsal.log()[since..].iter().filter_map(webhook).collect();
    let nobody = (step.place.clone(), Vec::new());
    let (place, expected) = step.expected.notified.as_ref().unwrap_or(&nobody);
    let shown = |webhooks: &[WebhookId]| match webhooks {
        [] => "none".to_owned(),
        some => some.iter().map(WebhookId::as_str).collect::<Vec<_>>().join(", "),
    };
    (told != *expected).then(|| (place.clone(), format!("notify {}", shown(expected)), shown(&told)))
}

/// When the e-mail left, and what stands in it.
fn details(
    rehearsal: &Rehearsal<'_>,
    scenario: &Scenario,
    expected: &ExpectedMail,
    mail: &Mail,
) -> Vec<Unmet> {
    let name = shown(&expected.name);
    let zone = &scenario.given.zone;
    let mut unmet = Vec::new();
    let mut fail = |wanted: String, got: String| unmet.push((expected.place.clone(), wanted, got));
    let at = words::moment(mail.at, zone);
    if let Some(moment) = expected.at.filter(|moment| !moment.is(mail.at, zone)) {
        fail(format!("`{name}` at {moment}"), format!("it left {at}"));
    }
    if let Some((text, window)) = &expected.between
        && window.next_open(mail.at, zone) != Some(mail.at)
    {
        fail(format!("`{name}` between {text}"), format!("it left {at}"));
    }
    let message = match rehearsal.message(mail) {
        Some(Ok(message)) => message,
        Some(Err(error)) => {
            fail(format!("that `{name}` can be written"), error.to_string());
            return unmet;
        }
        None => return unmet,
    };
    if let Some(part) = expected.subject.as_ref().filter(|part| !message.subject.contains(*part)) {
        fail(format!("a subject of `{name}` with “{part}”"), format!("“{}”", message.subject));
    }
    if let Some(part) = expected.text.as_ref().filter(|part| !message.text.contains(*part)) {
        fail(format!("“{part}” in `{name}`"), "it does not stand there".to_owned());
    }
    // What the e-mail says of itself: it may be written in another language than the lead's.
    let says = |language: &str| message.html.contains(&format!("<html lang=\"{language}\""));
    if let Some(language) = expected.language.as_ref().filter(|language| !says(language.as_str())) {
        let start = message.html.split_once("<html lang=\"").map_or("", |(_, rest)| rest);
        let got = start.split('"').next().unwrap_or_default();
        fail(format!("`{name}` in `{language}`"), format!("it is in `{got}`"));
    }
    unmet
}

/// What was expected and what is, if they differ.
pub(super) fn unmet(rehearsal: &Rehearsal<'_>, claim: &Claim) -> Option<(String, String)> {
    if let Claim::Erased(wanted) = claim {
        let got = rehearsal.is_erased();
        return (got != *wanted).then(|| (format!("erased {wanted}"), got.to_string()));
    }
    let Some(lead) = rehearsal.lead() else {
        let got = if rehearsal.is_erased() { "it is erased" } else { "nobody yet" };
        return Some(("a lead".into(), got.into()));
    };
    let score = rehearsal.score()?;
    let (good, expected, got) = match claim {
        Claim::Score(part, comparison, wanted) => {
            let (name, got) = match part {
                Part::Total => ("score", score.total),
                Part::Fit => ("fit", score.fit),
                Part::Engagement => ("engagement", score.engagement),
            };
            (comparison.holds(got, *wanted), format!("{name} {comparison}{wanted}"), got.to_string())
        }
        Claim::Temperature(wanted) => {
            let got = score.temperature(rehearsal.bundle().organisation.score.temperature);
            (got == *wanted, format!("temperature {}", wanted.as_str()), got.as_str().to_owned())
        }
        Claim::Grade(wanted) => {
            let got = score.grade.map_or("none", domain::Grade::as_str);
            (got == wanted.as_str(), format!("grade {}", wanted.as_str()), got.to_owned())
        }
        Claim::Stage(wanted) => {
            let got = lead.stage;
            (got == *wanted, format!("stage {}", wanted.as_str()), got.as_str().to_owned())
        }
        Claim::Consent(wanted) => {
            let got = lead.consent.state;
            (got == *wanted, format!("consent {}", wanted.as_str()), got.as_str().to_owned())
        }
        Claim::Erased(_) => return None,
        Claim::Suppressed(wanted) => {
            let got = lead.suppression.is_some();
            (got == *wanted, format!("suppressed {wanted}"), got.to_string())
        }
        Claim::Locale(wanted) => {
            let got = lead.locale.as_ref().map_or("none", domain::Locale::as_str);
            (got == wanted.as_str(), format!("language {wanted}"), got.to_owned())
        }
        Claim::Step(campaign, wanted) => {
            let got = lead.enrolments.get(campaign).and_then(|enrolment| enrolment.step.as_ref());
            let shown = got.map_or("none", domain::StepId::as_str).to_owned();
            (got == Some(wanted), format!("step `{wanted}` of `{campaign}`"), shown)
        }
        Claim::State(campaign, wanted) => {
            let got = lead.enrolments.get(campaign).map(|enrolment| enrolment.state);
            let name = |state: Option<EnrolmentState>| state.map_or("none", EnrolmentState::as_str);
            (got == *wanted, format!("state {} in `{campaign}`", name(*wanted)), name(got).to_owned())
        }
        Claim::Tags(wanted) => {
            let got: std::collections::BTreeSet<String> =
                lead.tags.iter().map(|tag| tag.as_str().to_owned()).collect();
            let shown = |tags: &std::collections::BTreeSet<String>| match tags.is_empty() {
                true => "none".to_owned(),
                false => tags.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
            };
            (got == *wanted, format!("tags {}", shown(wanted)), shown(&got))
        }
        Claim::Traits(wanted) => {
            let got: domain::Traits = lead
                .traits
                .iter()
                .filter(|(name, _)| wanted.contains_key(*name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            let shown = if got.is_empty() { "none".to_owned() } else { words::traits(&got) };
            (got == *wanted, format!("traits {}", words::traits(wanted)), shown)
        }
    };
    (!good).then_some((expected, got))
}
