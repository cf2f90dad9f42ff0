//! Opens tokens: texts that anybody may have made up, and good ones that were changed.
#![no_main]

use app::token::{Confirm, Download, InvalidToken, Leave, Own, Prefer, Purpose, Shown, TokenKeys, Track};
use domain::{CampaignId, LeadId};
use fuzz::visits::{check_harmless, run};
use fuzz::web_support::{get, world};
use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;

const LEAD: &str = "0123456789abcdef0123456789abcdef";

fuzz_target!(|bytes: &[u8]| {
    let now: Timestamp = "2027-03-10T09:00:00Z".parse().expect("a time");
    let keys = TokenKeys::parse("k2:fedcba9876543210,k1:0123456789abcdef").expect("keys");
    let (lead, campaign) =
        (LeadId::parse(LEAD).expect("an id"), CampaignId::parse("guide-solaire").expect("an id"));
    let request = bytes.iter().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));

    made_up(&keys, bytes, now);
    check(&keys, &Confirm { lead: lead.clone(), campaign: campaign.clone(), request }, bytes, now);
    check(&keys, &Leave { lead: lead.clone(), campaign: None }, bytes, now);
    check(&keys, &Prefer { lead: lead.clone() }, bytes, now);
    check(&keys, &Own { lead: lead.clone() }, bytes, now);
    check(&keys, &Download { lead: lead.clone(), campaign: campaign.clone() }, bytes, now);
    check(&keys, &Shown { campaign, at: now.as_millisecond() }, bytes, now);
    check(&keys, &Track { lead }, bytes, now);
});

/// A text that nobody signed opens as nothing, and its link changes nothing.
fn made_up(keys: &TokenKeys, bytes: &[u8], now: Timestamp) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    assert_eq!(keys.open::<Confirm>(text, now), Err(InvalidToken::Damaged));
    assert_eq!(keys.open::<Leave>(text, now), Err(InvalidToken::Damaged));
    assert_eq!(keys.open::<Prefer>(text, now), Err(InvalidToken::Damaged));
    assert_eq!(keys.open::<Own>(text, now), Err(InvalidToken::Damaged));
    assert_eq!(keys.open::<Download>(text, now), Err(InvalidToken::Damaged));
    assert_eq!(keys.open::<Track>(text, now), Err(InvalidToken::Damaged));
    assert_eq!(keys.open::<Shown>(text, now), Err(InvalidToken::Damaged));
    for route in ["c", "u", "p", "d"] {
        let Ok(_) = http::Uri::try_from(format!("/{route}/{text}")) else { continue };
        let world = world();
        let answer = run(world.link(get(&format!("/{route}/{text}"))));
        check_harmless(&answer);
        assert!(answer.status().is_client_error(), "{answer:?}");
        assert_eq!(world.count(), 0);
    }
}

/// A token opens as what it was signed for and as nothing else, as long as it lives and is whole.
fn check<P: Purpose + Clone + PartialEq + std::fmt::Debug>(
    keys: &TokenKeys,
    purpose: &P,
    bytes: &[u8],
    now: Timestamp,
) {
    let token = keys.sign(purpose.clone(), now);
    assert_eq!(keys.open::<P>(&token, now).as_ref(), Ok(purpose));
    let other = |name: &str, opened: bool| assert_eq!(opened, name == P::NAME, "{} opens as {name}", P::NAME);
    other(Confirm::NAME, keys.open::<Confirm>(&token, now).is_ok());
    other(Leave::NAME, keys.open::<Leave>(&token, now).is_ok());
    other(Prefer::NAME, keys.open::<Prefer>(&token, now).is_ok());
    other(Own::NAME, keys.open::<Own>(&token, now).is_ok());
    other(Download::NAME, keys.open::<Download>(&token, now).is_ok());
    other(Track::NAME, keys.open::<Track>(&token, now).is_ok());
    other(Shown::NAME, keys.open::<Shown>(&token, now).is_ok());
    if let Some(life) = P::LIFE {
        assert_eq!(keys.open::<P>(&token, now + life), Err(InvalidToken::Expired));
        assert!(keys.open::<P>(&token, now + life - SignedDuration::from_secs(1)).is_ok());
    }
    let changed = changed(&token, bytes);
    if changed != token {
        assert_eq!(keys.open::<P>(&changed, now), Err(InvalidToken::Damaged), "{changed} for {token}");
    }
}

/// The token with a part of it replaced: two bytes say which, the others by what.
fn changed(token: &str, bytes: &[u8]) -> String {
    let [start, length, by @ ..] = bytes else { return token.to_owned() };
    let start = usize::from(*start) % (token.len() + 1);
    let end = (start + usize::from(*length) % 8).min(token.len());
    format!("{}{}{}", &token[..start], String::from_utf8_lossy(by), &token[end..])
}
