//! What stands in a step's box.

use domain::calendar::Period;
use domain::campaign::{Campaign, EmailSource};
use domain::experiment::{Experiment, Measure};
use domain::schedule::Window;
use domain::sequence::{Act, LOTS, Shift, Until};
use domain::{Bundle, EmailName, Locale};
use jiff::civil::Time;

use super::text::wrap;
use crate::outline::{Item, Name};
use crate::words::{self, span};

/// Of a box.
pub(super) const WIDTH: f64 = 264.0;
/// What is left of the width beside icon and margins.
const ROOM: f64 = WIDTH - 66.0;
pub(super) const TITLE: f64 = 14.0;
pub(super) const DETAIL: f64 = 12.0;
const TITLE_LINE: f64 = 19.0;
const DETAIL_LINE: f64 = 16.0;
const MARGIN: f64 = 12.0;

/// The look of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Begin,
    Mail,
    Time,
    Ask,
    Lot,
    Mark,
    Tell,
    Stop,
}

impl Kind {
    pub const ALL: [Self; 8] =
        [Self::Begin, Self::Mail, Self::Time, Self::Ask, Self::Lot, Self::Mark, Self::Tell, Self::Stop];

    /// The class that bears its colours, and the name of its icon.
    pub fn name(self) -> &'static str {
        match self {
            Self::Begin => "begin",
            Self::Mail => "mail",
            Self::Time => "time",
            Self::Ask => "ask",
            Self::Lot => "lot",
            Self::Mark => "mark",
            Self::Tell => "tell",
            Self::Stop => "stop",
        }
    }

    /// The icon in a square of 20, as lines.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Begin => "M4 3h12v14H4zM7 7h6M7 10h6M7 13h3",
            Self::Mail => "M2 5h16v11H2zM2 5.5l8 6 8-6",
            Self::Time => "M10 2a8 8 0 1 0 .01 0M10 6v4.5l3 2",
            Self::Ask => "M10 18V11M10 11L4 5M10 11l6-6M4 9V5h4M16 9V5h-4",
            Self::Lot => "M8 2v6L3 16.5a1 1 0 0 0 1 1.5h12a1 1 0 0 0 1-1.5L12 8V2M6.500 2h7M6 12.500h8",
            Self::Mark => "M3 3h7l8 8-7 7-8-8zM6.500 6.500h.01",
            Self::Tell => "M10 2a5 5 0 0 0-5 5v4l-2 3h14l-2-3V7a5 5 0 0 0-5-5M8 16.500a2 2 0 0 0 4 0",
            Self::Stop => "M6.500 2.500h7l4 4v7l-4 4h-7l-4-4v-7z",
        }
    }
}

/// A box.
#[derive(Debug, Clone)]
pub(super) struct Card {
    pub kind: Kind,
    pub title: Vec<String>,
    pub details: Vec<String>,
    /// What it is called in files, shown on hover and to screen readers.
    pub name: String,
}

impl Card {
    pub fn new(kind: Kind, title: &str, details: &[String], name: &str) -> Self {
        let details = details.iter().flat_map(|detail| wrap(detail, DETAIL, ROOM, 3)).collect();
        Self { kind, title: wrap(title, TITLE, ROOM, 3), details, name: name.to_owned() }
    }

    pub fn height(&self) -> f64 {
        let lines = TITLE_LINE * lines(&self.title) + DETAIL_LINE * lines(&self.details);
        (2.0 * MARGIN + lines).max(46.0)
    }

    /// Each line's text, whether it is of the title, and its base line from the box's top.
    pub fn lines(&self) -> impl Iterator<Item = (&str, bool, f64)> {
        let slack = self.height() - TITLE_LINE * lines(&self.title) - DETAIL_LINE * lines(&self.details);
        let titles = self.title.iter().zip(0..).map(move |(line, place)| {
            (line.as_str(), true, slack / 2.0 + TITLE_LINE * f64::from(place) + 14.0)
        });
        let below = slack / 2.0 + TITLE_LINE * lines(&self.title);
        let details =
            self.details.iter().zip(0..).map(move |(line, place)| {
                (line.as_str(), false, below + DETAIL_LINE * f64::from(place) + 12.0)
            });
        titles.chain(details)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a box has few lines")]
fn lines(lines: &[String]) -> f64 {
    lines.len() as f64
}

/// The box of a step.
pub(super) fn of_step(bundle: &Bundle, campaign: &Campaign, item: &Item<'_>) -> Card {
    let card =
        |kind, title: String, details: Vec<String>| Card::new(kind, &title, &details, item.id.as_str());
    match &item.step.act {
        Act::Send { email, between, until, .. } => {
            let mut details: Vec<String> = subject(bundle, campaign, email).into_iter().collect();
            details.extend(campaign.magnet_emails.contains(email).then(|| "with the guide".to_owned()));
            details.extend(between.as_ref().map(window));
            details.extend(until.as_ref().map(|until| format!("until {}", date(until))));
            card(Kind::Mail, format!("Send {email}"), details)
        }
        Act::Wait { length } => card(Kind::Time, format!("Wait {}", span(*length)), Vec::new()),
        Act::WaitFor { kinds, within, .. } => {
            let kinds: Vec<String> = kinds.iter().map(|kind| kind.replace('_', " ")).collect();
            let most = format!("at most {}", span(*within));
            card(Kind::Time, format!("Wait for {}", kinds.join(" or ")), vec![most])
        }
        Act::WaitUntil { until, .. } => card(Kind::Time, format!("Wait until {}", date(until)), Vec::new()),
        Act::Every { each, on, at, .. } => {
            let title = format!("Every {} on {}", period(*each), on.replace('_', " "));
            card(Kind::Time, title, vec![clock(*at)])
        }
        Act::Branch { cases, .. } => match cases.as_slice() {
            [case] => card(Kind::Ask, "If".to_owned(), vec![case.when.source().to_owned()]),
            _ => card(Kind::Ask, "Choose".to_owned(), vec!["the first case that holds".to_owned()]),
        },
        Act::Experiment(experiment) => {
            card(Kind::Lot, format!("Experiment {}", item.id), measured(experiment))
        }
        Act::Holdout { lots } => {
            #[expect(clippy::cast_precision_loss, reason = "at most a thousand lots")]
            let share = *lots as f64 * 100.0 / LOTS as f64;
            card(
                Kind::Lot,
                format!("Hold out {share} %"),
                vec!["a control group, which ends here".to_owned()],
            )
        }
        Act::Set { traits } => card(Kind::Mark, format!("Set {}", words::traits(traits)), Vec::new()),
        Act::Tag { tag } => card(Kind::Mark, format!("Tag {tag}"), Vec::new()),
        Act::Untag { tag } => card(Kind::Mark, format!("Untag {tag}"), Vec::new()),
        Act::Enrol { campaign } => card(Kind::Mark, format!("Enrol in {campaign}"), Vec::new()),
        Act::Alert => card(Kind::Tell, "Alert sales".to_owned(), Vec::new()),
        Act::Notify { webhook } => card(Kind::Tell, format!("Notify {webhook}"), Vec::new()),
        Act::Exit => card(Kind::Stop, "Exit".to_owned(), vec!["the sequence ends here".to_owned()]),
    }
}

/// What stands on the line to a way.
pub(super) fn of_way(item: &Item<'_>, name: Name<'_>) -> String {
    match name {
        Name::Case(_, case) if item.ways.len() > 2 => case.when.source().to_owned(),
        Name::Case(..) => "then".to_owned(),
        Name::Else => "else".to_owned(),
        Name::Happened => match item.step.act {
            Act::WaitUntil { .. } => "on that date".to_owned(),
            _ => "it happened".to_owned(),
        },
        Name::Otherwise => "otherwise".to_owned(),
        Name::Variant(variant) => match &item.step.act {
            Act::Experiment(experiment) if experiment.settled.as_ref() == Some(&variant.id) => {
                format!("{}, for everybody new", variant.id)
            }
            Act::Experiment(Experiment { settled: Some(_), .. }) => format!("{}, no more", variant.id),
            Act::Experiment(experiment) => {
                let all: u32 = experiment.variants.iter().map(|variant| variant.weight).sum();
                let share = f64::from(variant.weight) * 100.0 / f64::from(all.max(1));
                format!("{}, {} %", variant.id, share.round())
            }
            _ => variant.id.to_string(),
        },
        Name::Round => "each time".to_owned(),
    }
}

fn measured(experiment: &Experiment) -> Vec<String> {
    let what = match experiment.measure {
        Measure::Goal => "by goal",
        Measure::EmailClicked => "by clicks",
    };
    vec![format!("{what}, within {}", span(experiment.within))]
}

/// The subject in the default language; what a template fills in is an ellipsis.
fn subject(bundle: &Bundle, campaign: &Campaign, email: &EmailName) -> Option<String> {
    let languages = campaign.emails.get(email)?;
    let default: &Locale = bundle.organisation.locales.first()?;
    let EmailSource { subject, .. } = languages.get(default).or_else(|| languages.values().next())?;
    let mut shown = String::new();
    let mut rest = subject.as_str();
    // What a template fills in or chooses is left open.
    while let Some(start) = [rest.find("{{"), rest.find("{%")].into_iter().flatten().min() {
        shown.push_str(&rest[..start]);
        shown.push('…');
        let tag = &rest[start..];
        let block = tag.starts_with("{%").then(|| tag.rfind("{%")).flatten();
        let last = block.unwrap_or_default();
        let end = tag[last..].find(if block.is_some() { "%}" } else { "}}" });
        let Some(end) = end else { break };
        rest = &tag[last + end + 2..];
    }
    shown.push_str(rest);
    Some(format!("“{}”", shown.trim()))
}

fn window(window: &Window) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let open: Vec<usize> = (0..7).filter(|day| window.days[*day]).collect();
    let in_a_row = open.windows(2).all(|pair| pair[1] == pair[0] + 1);
    let days = match open.as_slice() {
        [_, .., _] if open.len() == 7 => "every day".to_owned(),
        [first, .., last] if in_a_row && open.len() > 2 => format!("{}–{}", DAYS[*first], DAYS[*last]),
        _ => open.iter().map(|day| DAYS[*day]).collect::<Vec<_>>().join(", "),
    };
    format!(
        "{days} {}–{}",
        clock(window.from),
        if window.to == Time::midnight() { "24:00".to_owned() } else { clock(window.to) }
    )
}

fn date(until: &Until) -> String {
    match until {
        Until::Date { moment } => moment.strftime("%Y-%m-%d %H:%M").to_string(),
        Until::Trait { name, shift, at } => {
            let name = name.replace('_', " ");
            let day = match shift {
                None => name,
                Some(Shift::Before(period)) => format!("{} before {name}", self::period(*period)),
                Some(Shift::After(period)) => format!("{} after {name}", self::period(*period)),
            };
            format!("{day}, {}", clock(*at))
        }
    }
}

fn clock(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

/// `2 weeks`, `1 year`: in the largest unit that tells it whole.
fn period(period: Period) -> String {
    let (count, unit) = match period {
        Period::Days(days) if days > 0 && days % 7 == 0 => (days / 7, "week"),
        Period::Days(days) => (days, "day"),
        Period::Months(months) if months > 0 && months % 12 == 0 => (months / 12, "year"),
        Period::Months(months) => (months, "month"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
