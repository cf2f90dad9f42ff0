//! What must be true of every e-mail, whatever its template and its lead.

use domain::campaign::{Field, FieldKind};
use domain::{Bundle, Campaign, CampaignId, EmailAddress, Lead, Score, SendId, StepId, TraitValue};
use email::{About, Message, RenderError};
use jiff::Timestamp;

/// What a hostile visitor types into a field.
pub const TYPED: &str =
    "<xss onload=1>\"'>\r\nBcc: eve@evil.example\u{202e} {{ 7 * 7 }} [x](https://evil.example) **b**";
/// How much an e-mail may be. Values of 512 KiB are written with escapes, in HTML and in text.
const LARGEST: usize = 16 * 1024 * 1024;

/// Writes every e-mail of the bundle. What checks clean must render for those for whom it was tried, as who answered everything
/// and who told nothing but an address; a sum of what a hostile lead typed may fail, and a link lead nowhere.
pub fn render_all(bundle: &Bundle, now: Timestamp) {
    for campaign in bundle.campaigns.values() {
        let hostile = lead(campaign, now);
        render(bundle, campaign, &hostile, &Score::of(bundle, &hostile, now), false);
        let mut whole = lead(campaign, now);
        let declared = bundle.traits.iter();
        whole.traits =
            declared.map(|(name, kind)| (name.clone(), campaign_file::of_type(name, *kind))).collect();
        let fields = campaign.fields().iter().filter(|field| field.name != "email");
        whole.traits.extend(fields.map(|field| (field.name.clone(), campaign_file::answer(field))));
        render(bundle, campaign, &whole, &score(20.0), true);
        let told_always = |field: &Field| {
            field.required && field.name != "email" || matches!(field.kind, FieldKind::Hidden { .. })
        };
        if !campaign.fields().iter().any(told_always) {
            render(bundle, campaign, &Lead { traits: Default::default(), ..hostile }, &score(0.0), true);
        }
    }
}

/// As high in both parts.
fn score(points: f64) -> Score {
    Score { fit: points, engagement: points, total: 2.0 * points, grade: None, reasons: Vec::new() }
}

/// `sure`: it was tried for this lead, so that it must render.
fn render(bundle: &Bundle, campaign: &Campaign, lead: &Lead, score: &Score, sure: bool) {
    let step = StepId::parse("step").expect("an id");
    let send_id = SendId::of(&lead.id, &campaign.id, &step, 1);
    let about = About { bundle, campaign, lead, score, send_id: &send_id };
    let links = rehearsal::links(campaign);
    for name in campaign.emails.keys() {
        let confirms = name.as_str() == domain::CONFIRM_STEP;
        let written = if confirms {
            email::confirmation(&about, &links, "https://sillon.invalid/c/fuzz")
        } else {
            email::nurture(&about, &step, name, &links)
        };
        check_tried(&campaign.id, written, sure);
    }
    for locale in &bundle.organisation.locales {
        let lead = Lead { locale: Some(locale.clone()), ..lead.clone() };
        let about = About { lead: &lead, ..about };
        check_written(&campaign.id, email::confirmation(&about, &links, "https://sillon.invalid/c/fuzz"));
    }
}

fn check_tried(campaign: &CampaignId, written: Result<Message, RenderError>, sure: bool) {
    match written {
        Err(error) if sure => panic!("`{campaign}` checks clean, and then: {error}"),
        written => check_written(campaign, written),
    }
}

/// Holds that an e-mail is one, or fails for a reason that no check can foresee: what this very lead typed.
pub fn check_written(campaign: &CampaignId, written: Result<Message, RenderError>) {
    match written {
        Ok(message) => check(&message),
        Err(
            RenderError::LinkToNowhere { .. }
            | RenderError::NobodyToAlert { .. }
            | RenderError::Template { .. },
        ) => {}
        Err(error) => panic!("`{campaign}` checks clean, and then: {error}"),
    }
}

fn check(message: &Message) {
    let Message { from, reply_to, to, subject, html, text, headers, .. } = message;
    let headers = headers.iter().flat_map(|(name, value)| [name, value]);
    for line in [from, subject].into_iter().chain(reply_to).chain(to).chain(headers) {
        assert!(!line.contains(char::is_control), "a header of several lines: {line:?}");
    }
    assert!(!html.to_lowercase().contains("<xss"), "what a visitor typed became markup");
    for part in [subject, html, text] {
        assert!(part.len() <= LARGEST, "{} bytes", part.len());
        assert!(!part.contains(['\u{10FFFC}', '\u{10FFFD}']), "a mark of the engine's is left: {part:?}");
    }
    email::inspect::inspect(message);
}

/// A lead who typed into the form what one types to do harm.
fn lead(campaign: &Campaign, now: Timestamp) -> Lead {
    let address = EmailAddress::parse("ada@example.com").expect("an address");
    let new = rehearsal::Rehearsal::new_lead(address).expect("a key");
    let mut lead = Lead::new(new.id, new.email, now);
    lead.traits = campaign
        .fields()
        .iter()
        .filter_map(|field| Some((field.name.clone(), typed(&field.kind)?)))
        .collect();
    lead
}

/// What such a lead types into a field; none for one that is left empty.
pub fn typed(kind: &FieldKind) -> Option<TraitValue> {
    Some(match kind {
        FieldKind::Text { .. } => TYPED.into(),
        FieldKind::Choice { options } => options.first()?.value.as_str().into(),
        FieldKind::Number { min, .. } => TraitValue::Number(min.unwrap_or(0.0)),
        FieldKind::Checkbox { .. } => TraitValue::Boolean(true),
        _ => return None,
    })
}
