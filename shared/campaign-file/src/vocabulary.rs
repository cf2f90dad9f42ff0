//! The names that all files know: gathered from every file before any is checked, so that order plays no part.

use std::collections::{BTreeMap, BTreeSet};

use domain::schedule::QuietHours;
use domain::traits::TraitType;
use domain::{Locale, activity, schedule};
use jiff::tz::TimeZone;

use crate::condition::references::References;
use crate::time;
use crate::yaml::Node;

/// What stands after `lead.` without being a trait.
pub(crate) const LEAD: [&str; 2] = ["email", "locale"];

/// Everything that one file may name and another declare.
#[derive(Default)]
pub(crate) struct Vocabulary {
    /// Whether every file could be read. If not, an unknown trait or event may well be declared in the broken one.
    pub complete: bool,
    /// Whether `sillon.yaml` could be read.
    pub has_organisation: bool,
    /// The first is the default.
    pub locales: Vec<Locale>,
    pub senders: BTreeSet<String>,
    pub topics: BTreeSet<String>,
    pub webhooks: BTreeSet<String>,
    pub traits: BTreeMap<String, TraitWords>,
    /// Of the organisation, in the order of names.
    pub segments: BTreeMap<String, References>,
    /// What points, goals and `events` declare.
    pub events: BTreeSet<String>,
    /// For each campaign those that its `enrol` steps name.
    enrols: BTreeMap<String, BTreeSet<String>>,
    /// The campaigns that `re_entry` lets a lead enter again after some time.
    re_entered: BTreeSet<String>,
    /// What points may bear as `group`.
    pub groups: BTreeSet<String>,
    /// What points do bear as `group`.
    pub groups_borne: BTreeSet<String>,
    /// Whether fit has a letter.
    pub has_grades: bool,
    /// What steps give.
    pub tags: BTreeSet<String>,
    /// The folders of campaigns, good or bad.
    pub campaigns: BTreeSet<String>,
    /// Whether an alert would reach anybody.
    pub has_alert_address: bool,
    pub quiet_hours: Option<QuietHours>,
    pub zone: Option<TimeZone>,
}

/// What is known of a trait.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TraitWords {
    /// Unknown if it is misspelt.
    pub kind: Option<TraitType>,
    /// The only values it can have, if all who declare it give some.
    pub options: Option<BTreeSet<String>>,
    /// Whether it follows from others.
    pub computed: bool,
}

impl Vocabulary {
    /// Gathers the names. Nothing is checked here: what cannot be understood is passed over.
    pub fn gather(organisation: Option<&Node>, campaigns: &[(&str, Option<&Node>)]) -> Self {
        let mut words = Self {
            complete: organisation.is_some() && campaigns.iter().all(|(_, root)| root.is_some()),
            campaigns: campaigns.iter().map(|(name, _)| (*name).to_owned()).collect(),
            has_organisation: organisation.is_some(),
            ..Self::default()
        };
        if let Some(root) = organisation {
            words.gather_organisation(root);
        }
        for (name, root) in campaigns {
            root.iter().for_each(|root| words.gather_campaign(name, root));
        }
        words.events.retain(|name| !activity::RESERVED.contains(&name.as_str()));
        words
    }

    fn gather_organisation(&mut self, root: &Node) {
        let keys = |key: &str| keys(root.get(key));
        self.senders = keys("senders").collect();
        self.topics = keys("topics").collect();
        self.webhooks = keys("webhooks").collect();
        let about = root.get("organisation");
        let locales = about.and_then(|about| about.get("locales"));
        self.locales = locales
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|item| Locale::parse(item.text()?).ok())
            .collect();
        self.zone = about.and_then(|about| TimeZone::get(about.get("time_zone")?.text()?).ok());
        self.has_alert_address = root
            .get("sales")
            .and_then(|sales| sales.get("alert"))
            .is_some_and(|alert| !alert.items().is_empty());
        self.quiet_hours =
            root.get("limits").and_then(|limits| time::quiet_hours(limits.get("quiet_hours")?.text()?).ok());
        for entry in root.get("traits").map(Node::entries).unwrap_or_default() {
            let kind = entry.value.get("type").and_then(Node::text).and_then(TraitType::named);
            self.add_trait(&entry.key, kind, None);
            if let Some(words) = self.traits.get_mut(&entry.key) {
                words.computed = entry.value.get("compute").is_some();
            }
        }
        for entry in root.get("segments").map(Node::entries).unwrap_or_default() {
            let condition = entry.value.text().unwrap_or_default();
            self.segments.insert(entry.key.clone(), References::of_source(condition));
        }
        let engagement = root.get("score").and_then(|score| score.get("engagement"));
        self.events.extend(self::keys(engagement.and_then(|engagement| engagement.get("points"))));
        self.gather_groups(engagement.and_then(|engagement| engagement.get("points")));
        self.groups = self::keys(engagement.and_then(|engagement| engagement.get("groups"))).collect();
        self.has_grades = root.get("score").is_some_and(|score| score.get("grades").is_some());
        let events = root.get("events").map(Node::items).unwrap_or_default();
        self.events.extend(events.iter().filter_map(Node::text).map(str::to_owned));
    }

    fn gather_groups(&mut self, points: Option<&Node>) {
        let points = points.map(Node::entries).unwrap_or_default().iter();
        let borne = points.filter_map(|entry| entry.value.get("group")?.text().map(str::to_owned));
        self.groups_borne.extend(borne);
    }

    fn gather_campaign(&mut self, name: &str, root: &Node) {
        if let Some(goal) = root.get("goal").and_then(Node::text) {
            // A goal in another spelling is a fault of its own, and whoever names it rightly makes none.
            self.events.extend([goal.to_owned(), goal.to_ascii_lowercase().replace([' ', '-'], "_")]);
        }
        if let Some(sequence) = root.get("sequence") {
            gather_enrolled(sequence, self.enrols.entry(name.to_owned()).or_default());
        }
        if root.get("re_entry").and_then(Node::text).is_some_and(|text| text.starts_with("after ")) {
            self.re_entered.insert(name.to_owned());
        }
        let points = root.get("score").and_then(|score| score.get("points"));
        self.events.extend(keys(points));
        self.gather_groups(points);
        self.gather_tags(root.get("sequence"));
        let fields = root.get("form").and_then(|form| form.get("fields"));
        for entry in fields.map(Node::entries).unwrap_or_default().iter().filter(|entry| entry.key != "email")
        {
            let kind = entry.value.get("type").and_then(Node::text);
            let listed = matches!(kind, Some("choice" | "hidden"));
            let options = listed.then(|| {
                let options = entry.value.get("options");
                let items = options.map(Node::items).unwrap_or_default().iter();
                // Of a hidden field, what the file says itself.
                let values = items.chain(entry.value.get("value")).filter_map(Node::text).map(str::to_owned);
                values.chain(self::keys(options)).collect::<BTreeSet<_>>()
            });
            let kind = match kind {
                Some("number") => Some(TraitType::Number),
                Some("checkbox") => Some(TraitType::Boolean),
                Some("country") => Some(TraitType::Country),
                Some("email" | "text" | "choice" | "phone" | "hidden") => Some(TraitType::Text),
                _ => None,
            };
            self.add_trait(&entry.key, kind, options.filter(|options| !options.is_empty()));
        }
    }

    /// From all steps, however deep they stand in blocks.
    fn gather_tags(&mut self, node: Option<&Node>) {
        let mut open: Vec<&Node> = node.into_iter().collect();
        while let Some(node) = open.pop() {
            if let Some(tag) = node.get("tag").and_then(Node::text) {
                self.tags.insert(tag.to_owned());
            }
            open.extend(node.items());
            open.extend(node.entries().iter().map(|entry| &entry.value));
        }
    }

    fn add_trait(&mut self, name: &str, kind: Option<TraitType>, options: Option<BTreeSet<String>>) {
        if LEAD.contains(&name) {
            return;
        }
        match self.traits.get_mut(name) {
            None => {
                self.traits.insert(name.to_owned(), TraitWords { kind, options, computed: false });
            }
            Some(known) => {
                known.options = known.options.take().zip(options).map(|(mut all, more)| {
                    all.extend(more);
                    all
                });
            }
        }
    }

    /// The language in which every text must exist.
    pub fn default_locale(&self) -> Option<&Locale> {
        self.locales.first()
    }

    /// The events that conditions and waits may name.
    pub fn known_events(&self) -> impl Iterator<Item = &str> {
        activity::COUNTED.into_iter().chain(self.events.iter().map(String::as_str))
    }

    /// What stands after `lead.`.
    pub fn lead_members(&self) -> impl Iterator<Item = &str> {
        self.traits.keys().map(String::as_str).chain(LEAD)
    }

    /// Whether a segment asks for the score, itself or through one that it names.
    pub fn segment_asks_for_score(&self, name: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![name];
        while let Some(name) = open.pop() {
            let Some(segment) = self.segments.get(name).filter(|_| seen.insert(name)) else { continue };
            if segment.score {
                return true;
            }
            open.extend(segment.segments.iter().map(String::as_str));
        }
        false
    }

    /// Whether an `enrol` step names the campaign.
    pub fn is_enrolled(&self, campaign: &str) -> bool {
        self.enrols.values().any(|into| into.contains(campaign))
    }

    /// Whether `to` is enrolled by `from`, be it through others, and all on the way may be entered again and again.
    pub fn leads_round(&self, from: &str, to: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(campaign) = open.pop() {
            if !self.re_entered.contains(campaign) || !seen.insert(campaign) {
                continue;
            }
            if campaign == to {
                return true;
            }
            open.extend(self.enrols.get(campaign).into_iter().flatten().map(String::as_str));
        }
        false
    }

    /// The default time zone.
    pub fn zone(&self) -> TimeZone {
        self.zone.clone().unwrap_or_else(|| schedule::zone(None, "UTC"))
    }
}

/// The campaigns that steps enrol in, however deep they stand.
fn gather_enrolled(node: &Node, into: &mut BTreeSet<String>) {
    node.items().iter().for_each(|item| gather_enrolled(item, into));
    for entry in node.entries() {
        match entry.value.text().filter(|_| entry.key == "enrol") {
            Some(campaign) => into.extend([campaign.to_owned()]),
            None => gather_enrolled(&entry.value, into),
        }
    }
}

fn keys(node: Option<&Node>) -> impl Iterator<Item = String> {
    node.map(Node::entries).unwrap_or_default().iter().map(|entry| entry.key.clone())
}
