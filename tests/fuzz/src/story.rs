//! One lead meets what was read: it signs up, confirms, and time passes.

use domain::consent::Visitor;
use domain::input::{Submission, Track, TrackKind};
use domain::{Bundle, Campaign, EmailAddress, InputBody, fold};
use jiff::{SignedDuration, Timestamp};
use rehearsal::Rehearsal;

use crate::mail;

/// Long enough for most sequences; some never end.
const LENGTH: SignedDuration = SignedDuration::from_hours(120 * 24);

/// Lets a lead go through each campaign, and holds that it never gets stuck, that its log folds to what it is, and that
/// every e-mail that left can be read.
pub fn play(bundle: &Bundle, now: Timestamp) {
    for campaign in bundle.campaigns.values().filter(|campaign| campaign.form.is_some()) {
        let mut rehearsal = Rehearsal::new(bundle, now);
        let _ = step(&mut rehearsal, submission(bundle, campaign));
        let request =
            rehearsal.lead().and_then(|lead| lead.consent.request.as_ref()).map(|request| request.number);
        if let Some(request) = request {
            let _ =
                step(&mut rehearsal, InputBody::Confirm { request, seen: None, visitor: Visitor::default() });
        }
        let event = bundle.organisation.events.first().cloned().unwrap_or_else(|| "bought".to_owned());
        let kind = TrackKind::Event { name: event, properties: Default::default() };
        rehearsal.pass_until(now + LENGTH / 2).expect("a lead that moves");
        let _ = step(&mut rehearsal, InputBody::Track(Track { new_lead: None, kind }));
        rehearsal.pass_until(now + LENGTH).expect("a lead that moves");

        let folded = fold(rehearsal.log()).expect("a whole log");
        assert_eq!(folded.as_ref(), rehearsal.lead(), "the lead is the fold of its log");
        // All e-mails of a step are alike, and few steps come round more than once.
        for left in rehearsal.mails().iter().take(20) {
            if let Some(written) = rehearsal.message(left) {
                mail::check_written(&campaign.id, written);
            }
        }
    }
}

/// An input now. Whether it is refused is the campaign's affair.
fn step(rehearsal: &mut Rehearsal<'_>, body: InputBody) -> Result<(), domain::Rejection> {
    let now = rehearsal.now();
    rehearsal.apply(now, body).expect("a lead that moves")
}

fn submission(bundle: &Bundle, campaign: &Campaign) -> InputBody {
    let address = EmailAddress::parse("ada@example.com").expect("an address");
    let fields = campaign.fields().iter();
    InputBody::SubmitForm(Submission {
        lead: Rehearsal::new_lead(address).expect("a key"),
        campaign: campaign.id.clone(),
        traits: fields.filter_map(|field| Some((field.name.clone(), mail::typed(&field.kind)?))).collect(),
        topics: Default::default(),
        locale: bundle.organisation.locales[0].clone(),
        time_zone: None,
        touch: Default::default(),
        visitor: Visitor::default(),
    })
}
