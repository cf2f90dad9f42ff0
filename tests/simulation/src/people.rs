//! The people: what they do by themselves, and what they do with the e-mails that reach them.

use app::token::Confirm;
use domain::attribution::Touch;
use domain::consent::Visitor;
use domain::input::{FeedbackKind, MailboxRoom, NewLead, Submission, Track, TrackKind};
use domain::{
    CampaignId, EmailAddress, Input, InputBody, InputId, LeadId, LeadKey, Locale, TopicId, TraitValue,
};
use email::Message;
use jiff::{SignedDuration, Timestamp};

use crate::agenda::{Event, Job, hours, millis, secs};
use crate::deployments::{PAUSED, bundles};
use crate::draw::Draw;
use crate::world::World;

/// Makes lead ids; it guards nothing.
pub const KEY: &str = "the key of the simulation";
const NAMES: [&str; 5] = ["ada", "bea", "cid", "dan", "eve"];
const ZONES: [Option<&str>; 4] = [None, Some("Europe/Paris"), Some("America/New_York"), Some("Asia/Tokyo")];
/// So long before the world's end people fall silent, so that all that they did has its consequences.
const LAST_WORD: SignedDuration = hours(24 * 4);

/// What kind of people there are in a world.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    /// Whether all addresses are of one mailbox.
    share_a_mailbox: bool,
    /// Whether they ask for several campaigns before they confirm one.
    ask_for_more: bool,
    /// Whether they read a confirmation's page before they press its button.
    read_pages: bool,
}

impl Habits {
    pub fn of(draw: &mut Draw) -> Self {
        Self {
            share_a_mailbox: draw.chance(250),
            ask_for_more: draw.chance(400),
            read_pages: draw.chance(500),
        }
    }
}

/// Somebody with a mailbox.
#[derive(Debug)]
pub struct Person {
    pub name: &'static str,
    pub lead: LeadId,
    email: EmailAddress,
    zone: Option<&'static str>,
    /// How often, in a thousand, it leaves when an e-mail to it is claimed: at the worst moment.
    contrary: i64,
    /// Whether its mailbox takes nothing at all, or nothing until a certain time.
    full_until: Option<Timestamp>,
    /// Whether it was erased for its silence, which leaves no mark. It posts no form then: its e-mails would have the ids of
    /// those before.
    pub silenced: bool,
    /// Until when a form of its may be on its way.
    pub posts_until: Timestamp,
}

/// Notes what people will do, and which edits will be deployed, until the calm.
pub fn plan(world: &mut World, calm_at: Timestamp) {
    let days = calm_at.duration_since(world.now).as_secs();
    let people = world.draw.between(1, 6);
    for name in NAMES.into_iter().take(usize::try_from(people).unwrap_or(1)) {
        let mailbox = if world.habits.share_a_mailbox { "all+" } else { "" };
        let email = EmailAddress::parse(&format!("{mailbox}{name}@example.com")).expect("an address");
        let key = LeadKey::new(KEY).expect("a key");
        let lead = LeadId::of(&key, &email);
        let contrary = if world.draw.chance(300) { world.draw.between(0, 400) } else { 0 };
        let zone = world.draw.pick(&ZONES);
        let full = world.draw.chance(150).then(|| hours(24 * world.draw.pick(&[2, 10, 60])));
        let full_until = full.map(|span| world.now + span);
        world.people.push(Person {
            name,
            lead,
            email,
            zone,
            contrary,
            full_until,
            silenced: false,
            posts_until: world.now,
        });
    }
    for person in 0..world.people.len() {
        for _ in 0..world.draw.between(1, 4) {
            post(world, person, days);
        }
        for _ in 0..world.draw.between(0, 6) {
            track(world, person, days);
        }
        if world.draw.chance(150) {
            let at = secs(world.draw.between(0, days));
            world.start_in(at, Job::Leave { person });
        }
        if world.draw.chance(200) {
            let at = secs(world.draw.between(0, days));
            world.start_in(at, Job::AskAccess { person });
        }
        if world.draw.chance(100) {
            let at = secs(world.draw.between(0, days));
            world.start_in(at, Job::Erase { person });
            let before = secs(world.draw.between(1, 600));
            last_word(world, person, at - before, at);
        }
        if world.draw.chance(250) {
            let (at, pause) = (secs(world.draw.between(0, days)), world.draw.between(0, 6));
            let left = if world.draw.chance(500) { vec![topic("tips")] } else { Vec::new() };
            world.start_in(at, Job::Prefer { person, pause, left });
        }
    }
    if world.draw.chance(300) {
        let at = secs(world.draw.between(0, days));
        world.start_in(at, Job::Look);
    }
    let versions = i64::try_from(bundles().len()).unwrap_or(1);
    for _ in 0..world.draw.between(0, 4) {
        let version = usize::try_from(world.draw.between(0, versions)).unwrap_or(0);
        let at = world.now + secs(world.draw.between(0, days));
        world.agenda.note(at, Event::Deploy(version));
    }
    let last = world.draw.pick(&[0, 0, 1, 1, 2, 2, 4]);
    debug_assert_ne!(last, PAUSED);
    world.agenda.note(calm_at, Event::Deploy(last));
}

fn topic(name: &str) -> TopicId {
    TopicId::parse(name).expect("a topic")
}

fn new_lead(person: &Person) -> NewLead {
    NewLead {
        id: person.lead.clone(),
        email: person.email.clone(),
        suppressed: false,
        erased_before: None,
        room: MailboxRoom::Now,
    }
}

/// A form will be posted, perhaps with a double click.
fn post(world: &mut World, person: usize, days: i64) {
    let after = secs(world.draw.between(0, days));
    let campaign = match world.draw.between(0, 3) {
        0 => "guide",
        1 if world.habits.ask_for_more => "course",
        1 => "guide",
        _ => "news",
    };
    let who = &world.people[person];
    let submission = Submission {
        lead: new_lead(who),
        campaign: CampaignId::parse(campaign).expect("a campaign"),
        traits: Default::default(),
        topics: Default::default(),
        locale: Locale::parse("en").expect("a language"),
        time_zone: who.zone.map(str::to_owned),
        touch: Touch::default(),
        visitor: Visitor::default(),
    };
    let at = world.now + after;
    let id = InputId::of("form", &[who.name, campaign, &at.to_string()]);
    let input = Box::new(Input { id, at, body: InputBody::SubmitForm(submission) });
    if world.draw.chance(200) {
        let again = after + millis(world.draw.between(0, 2_000));
        world.start_in(again, Job::Post { person, input: input.clone(), tries: 0 });
    }
    world.start_in(after, Job::Post { person, input, tries: 0 });
}

/// The website or the CRM will tell something.
fn track(world: &mut World, person: usize, days: i64) {
    let after = secs(world.draw.between(0, days));
    let at = world.now + after;
    let kind = match world.draw.between(0, 10) {
        0 => TrackKind::Event { name: "bought".into(), properties: Default::default() },
        1 => identify("customer", TraitValue::Boolean(true)),
        2..=4 => {
            let day = at + hours(24 * world.draw.between(-20, 20));
            identify("renewal", TraitValue::Text(day.strftime("%Y-%m-%d").to_string()))
        }
        _ => TrackKind::Page { url: None, title: None },
    };
    let who = &world.people[person];
    let known = world.draw.chance(500);
    let new_lead = (!known).then(|| new_lead(who));
    let id = InputId::of("track", &[who.name, &at.to_string(), &format!("{kind:?}")]);
    let input = Input { id, at, body: InputBody::Track(Track { new_lead, kind }) };
    let lead = who.lead.clone();
    world.put_on_queue(lead, input, after);
}

/// Something happens just before a lead is erased, and is heard of some time later.
fn last_word(world: &mut World, person: usize, after: SignedDuration, until: SignedDuration) {
    let who = &world.people[person];
    let (at, lead) = (world.now + after, who.lead.clone());
    let kind = TrackKind::Page { url: None, title: None };
    let id = InputId::of("track", &[who.name, &at.to_string(), "last"]);
    let body = InputBody::Track(Track { new_lead: Some(new_lead(who)), kind });
    let heard = until + secs(world.draw.between(-300, 3_600));
    world.put_on_queue(lead, Input { id, at, body }, heard.max(after));
}

fn identify(name: &str, value: TraitValue) -> TrackKind {
    TrackKind::Identify { traits: [(name.to_owned(), value)].into(), time_zone: None }
}

/// An e-mail was claimed; whoever is contrary leaves before it leaves.
pub fn claimed(world: &mut World, lead: &LeadId) {
    let Some(person) = world.people.iter().position(|person| person.lead == *lead) else { return };
    if !world.calm && world.draw.chance(world.people[person].contrary) {
        let soon = millis(world.draw.between(0, 3_000));
        let job = if world.draw.chance(300) { Job::Erase { person } } else { Job::Leave { person } };
        world.start_in(soon, job);
    }
}

/// An e-mail reached a mailbox.
pub fn receive(world: &mut World, message: &Message) {
    let Some(person) = world.people.iter().position(|person| Some(&person.lead) == message.lead.as_ref())
    else {
        return;
    };
    if world.now > world.ends_at - LAST_WORD {
        return;
    }
    if !world.draw.chance(world.faults.silence) {
        tell_of(world, message, person);
    }
    if message.step == domain::CONFIRM_STEP && world.draw.chance(850) {
        let times = if world.draw.chance(200) { 2 } else { 1 };
        for _ in 0..times {
            let later = reading(world);
            let (token, by) = (link(&message.text, "/c/"), message.send_id.clone());
            let job = match world.habits.read_pages {
                true => Job::Open { person, token, by },
                false => Job::Confirm { person, token, by, named: None },
            };
            world.start_in(later, job);
        }
    }
    let later = reading(world);
    if message.step == domain::ACCESS_STEP {
        world.start_in(later, Job::Read { person });
        if world.draw.chance(500) {
            world.start_in(later + secs(60), Job::Erase { person });
        }
        return;
    }
    if message.step == "welcome" && world.draw.chance(500) {
        world.start_in(later, Job::Download { person });
    }
    if message.step != domain::CONFIRM_STEP && world.draw.chance(40) {
        world.start_in(later, Job::Leave { person });
    }
}

/// The carrier tells what becomes of an e-mail.
fn tell_of(world: &mut World, message: &Message, person: usize) {
    let full_until = world.people[person].full_until;
    world.feed_back(message, secs(1), FeedbackKind::Send, false);
    if full_until.is_some_and(|until| world.now < until) {
        return world.feed_back(message, secs(3), FeedbackKind::Bounce { permanent: false }, false);
    }
    match world.draw.between(0, 100) {
        0..2 => return world.feed_back(message, secs(3), FeedbackKind::Bounce { permanent: true }, false),
        2..5 => world.feed_back(message, secs(3), FeedbackKind::Bounce { permanent: false }, false),
        5..10 => world.feed_back(message, secs(3), FeedbackKind::DeliveryDelay, false),
        _ => {}
    }
    world.feed_back(message, secs(5), FeedbackKind::Delivery, false);
    if world.draw.chance(200) {
        world.feed_back(message, secs(6), FeedbackKind::Click, true);
    }
    let later = reading(world);
    if world.draw.chance(20) {
        // Some have themselves erased before that is told.
        if world.draw.chance(300) {
            world.start_in(later, Job::Erase { person });
        }
        world.feed_back(message, later + secs(20), FeedbackKind::Complaint, false);
    }
    if world.draw.chance(300) {
        world.feed_back(message, later, FeedbackKind::Click, false);
    }
}

/// How long a message lies before somebody reads it, or a page before somebody answers.
pub fn reading(world: &mut World) -> SignedDuration {
    if world.draw.chance(500) {
        secs(world.draw.between(10, 600))
    } else {
        secs(world.draw.between(600, 200_000))
    }
}

/// The token of the e-mail's link.
fn link(text: &str, route: &str) -> String {
    let start = text.find(route).map_or(text.len(), |place| place + route.len());
    text[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).collect()
}

/// What the token of a confirmation's link allows.
pub fn opened(keys: &app::token::TokenKeys, token: &str, now: Timestamp) -> Option<Confirm> {
    keys.open(token, now).ok()
}
