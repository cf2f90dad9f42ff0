//! What happened to a lead, in a sentence that a marketer or a salesperson reads.

use domain::activity::{EmailEvent, Way};
use domain::input::unwritten;
use domain::{Fact, StepId, TraitValue, Traits};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};

/// A moment by somebody's wall clock: people read `Mon 2026-03-02 09:00`, programs RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WallTime {
    at: Timestamp,
    zone: TimeZone,
}

impl WallTime {
    /// The moment, as clocks of that zone show it.
    pub fn new(at: Timestamp, zone: &TimeZone) -> Self {
        Self { at, zone: zone.clone() }
    }
}

impl std::fmt::Display for WallTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&moment(self.at, &self.zone))
    }
}

impl Serialize for WallTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.at.serialize(serializer)
    }
}

/// `Mon 2026-03-02 09:00`.
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M").to_string()
}

/// `3 days`, `2 hours`, `90 minutes`: the largest unit that tells it whole.
pub fn span(length: SignedDuration) -> String {
    let seconds = length.as_secs();
    let units = [(7 * 86_400, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute")];
    let whole = units.into_iter().find(|(size, _)| seconds != 0 && seconds % size == 0);
    let (count, unit) = whole.map_or((seconds, "second"), |(size, unit)| (seconds / size, unit));
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// `first_name Ada, surface 120`.
pub fn traits(traits: &Traits) -> String {
    let told = |(name, value): (&String, &TraitValue)| format!("{name} {value}");
    traits.iter().map(told).collect::<Vec<_>>().join(", ")
}

/// The fact in a sentence, with its times in that zone; none for what only engineers ask for.
pub fn tell(fact: &Fact, zone: &TimeZone) -> Option<String> {
    let when = |at: &Timestamp| moment(*at, zone);
    let text = match fact {
        Fact::FormSubmitted { campaign, traits, passed_over, .. } => {
            let told = [(": ", traits), ("; passed over, since known otherwise: ", passed_over)];
            let told = told.into_iter().filter(|(_, traits)| !traits.is_empty());
            let told: String =
                told.map(|(before, traits)| before.to_owned() + &self::traits(traits)).collect();
            format!("submits the form of `{campaign}`{told}")
        }
        Fact::ConfirmationRequested { mail_due: None, .. } => {
            "is not asked again to confirm: enough confirmations were sent".to_owned()
        }
        Fact::OptInConfirmed { .. } => "confirms: consent is granted".to_owned(),
        Fact::ConsentGranted { .. } => "consents by the form".to_owned(),
        Fact::ConsentWithdrawn { .. } => "leaves: consent is withdrawn".to_owned(),
        Fact::PreferencesChanged { left_topics, paused_until, .. } => {
            let topics: Vec<&str> = left_topics.iter().map(|topic| topic.as_str()).collect();
            let mut told = Vec::new();
            told.extend((!topics.is_empty()).then(|| format!("left topics {}", topics.join(", "))));
            told.extend(paused_until.as_ref().map(|until| format!("paused until {}", when(until))));
            let told = if told.is_empty() { String::new() } else { format!(": {}", told.join("; ")) };
            format!("chooses preferences{told}")
        }
        Fact::AccessRequested { .. } => "asks for its data: a link to them is mailed".to_owned(),
        Fact::LeadRead { by, how } => format!("is read by {by}, with {how}"),
        Fact::LeadPutBack { by } => format!("is put back by {by}, after it was set aside"),
        Fact::Suppressed { reason } => {
            format!("is written to no more: {}", reason.as_str())
        }
        Fact::Identified { traits, .. } => format!("becomes known: {}", self::traits(traits)),
        Fact::PageViewed { url, title } => {
            format!("views {}", title.as_deref().or(url.as_deref()).unwrap_or("a page"))
        }
        Fact::MagnetDownloaded { campaign, machine, .. } => {
            format!("downloads the guide of `{campaign}`{}", by_machine(*machine))
        }
        Fact::LookScheduled { look_at } => {
            return look_at.map(|at| format!("is looked at again on {}", moment(at, zone)));
        }
        Fact::Enrolled { campaign, .. } => format!("enters `{campaign}`"),
        Fact::StepBegan { campaign, step, due_at, because, .. } => match (due_at, because) {
            (Some(due), Some(because)) => format!("`{campaign}/{step}` waits until {}: {because}", when(due)),
            (Some(due), None) => format!("`{campaign}/{step}` begins, due {}", when(due)),
            (None, because) => {
                format!(
                    "`{campaign}/{step}` waits for {}",
                    because.as_deref().unwrap_or("what is not known yet")
                )
            }
        },
        Fact::StepDeferred { campaign, step, due_at, because, .. } => {
            format!("`{campaign}/{step}` waits until {}: {because}", when(due_at))
        }
        Fact::StepSkipped { campaign, step, because } => format!("`{campaign}/{step}` is skipped: {because}"),
        Fact::BranchTaken { campaign, step, way: Way::Then, case, .. } if *case > 0 => {
            format!("`{campaign}/{step}`: case {} holds", case + 1)
        }
        Fact::BranchTaken { campaign, step, way, because, .. } => {
            let told = because.as_deref().unwrap_or_else(|| way_taken(*way));
            format!("`{campaign}/{step}`: {told}")
        }
        Fact::RoundBegan { campaign, step, round } => {
            format!("`{campaign}/{step}`: {} comes round, number {}", round.on, round.number)
        }
        Fact::TraitsSet { campaign, step, traits } => {
            format!("`{campaign}/{step}` sets {}", self::traits(traits))
        }
        Fact::Tagged { campaign, step, tag } => format!("`{campaign}/{step}` tags it {tag}"),
        Fact::Untagged { campaign, step, tag } => format!("`{campaign}/{step}` takes the tag {tag} away"),
        Fact::HeldOut { campaign, step } => {
            format!("`{campaign}/{step}`: the lot puts it into the control group")
        }
        Fact::VariantChosen { campaign, step, variant, settled } => {
            let how = if *settled { "is what everybody gets" } else { "falls to it by lot" };
            format!("`{campaign}/{step}`: the variant {variant} {how}")
        }
        Fact::EnrolmentEnded { campaign, state, because } => {
            format!("`{campaign}` ends, {}: {because}", state.as_str().replace('_', " "))
        }
        Fact::StageChanged { from, to, score } => {
            format!("becomes {}, from {}, with a score of {}", to.as_str(), from.as_str(), score.total)
        }
        Fact::EmailSent { campaign, step, .. } => format!("the e-mail of `{campaign}/{step}` leaves"),
        Fact::Notified { campaign, step, .. } => format!("`{campaign}/{step}` tells its webhook"),
        Fact::SendRejected { campaign, step, code, retry_at, .. } => match (unwritten(code), retry_at) {
            (Some(why), _) => {
                format!("the e-mail of `{campaign}/{step}` could not be written and is given up: {why}")
            }
            (None, Some(at)) => {
                format!("the e-mail of `{campaign}/{step}` is refused ({code}), tried again {}", when(at))
            }
            (None, None) => format!("the e-mail of `{campaign}/{step}` is refused ({code}) and given up"),
        },
        Fact::SendThrottled { campaign, step, code, .. } => {
            format!(
                "the e-mail of `{campaign}/{step}` keeps its turn: the carrier takes nothing now ({code})"
            )
        }
        Fact::SendUncertain { campaign, step, code, .. } => {
            format!("nobody knows whether the e-mail of `{campaign}/{step}` left ({code})")
        }
        Fact::BackedOff { bounces, until } => {
            format!("its mailbox gets a rest until {}, after soft bounce {bounces} in a row", when(until))
        }
        Fact::ClicksDisowned { clicked_at, .. } if clicked_at.is_empty() => {
            "a scanner follows the links".to_owned()
        }
        Fact::ClicksDisowned { clicked_at, .. } => {
            format!("a scanner followed the links: {} earlier click(s) weigh nothing", clicked_at.len())
        }
        Fact::SendSettled(event) => format!("{} left after all", of(event)),
        Fact::EmailOpened(event) => format!("opens {}{}", of(event), by_machine(event.machine)),
        Fact::EmailClicked(event) => format!("clicks in {}{}", of(event), by_machine(event.machine)),
        Fact::EmailBounced(event) => format!("{} bounces", of(event)),
        Fact::EmailComplained(event) => format!("complains about {}", of(event)),
        Fact::Occurred { kind, .. } => format!("{kind} happens"),
        _ => return None,
    };
    Some(text)
}

fn of(event: &EmailEvent) -> String {
    event
        .step
        .as_ref()
        .map_or_else(|| "an e-mail".to_owned(), |step| format!("the e-mail `{}`", StepId::as_str(step)))
}

fn by_machine(machine: bool) -> &'static str {
    if machine { " (a machine did)" } else { "" }
}

/// The way in words.
pub fn way_taken(way: Way) -> &'static str {
    match way {
        Way::Then => "the condition holds",
        Way::Else => "the condition does not hold",
        Way::Happened => "it happened",
        Way::Otherwise => "it did not happen in time",
    }
}
