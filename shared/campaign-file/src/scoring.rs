//! Reads `score`: rules for fit, points for engagement, grades, and the bands of the total.

use std::collections::BTreeMap;

use domain::score::{Bands, CampaignScoring, Decay, FitRule, Grades, PointCap, PointRule, Scoring};

use crate::condition::Asks;
use crate::organisation::event_name;
use crate::reader::{Fields, Reader};
use crate::rule::Rule;
use crate::shape::score as shape;
use crate::time;
use crate::yaml::{Content, Entry, Node};

/// Reads the organisation's section. Without it nobody has points.
pub(crate) fn read<'a>(reader: Reader<'a>, node: Option<&'a Node>) -> Option<Scoring> {
    let Some(node) = node else {
        let temperature = Bands { warm: 20.0, hot: 50.0 };
        return Some(Scoring {
            fit: Vec::new(),
            grades: None,
            decay: None,
            points: BTreeMap::new(),
            groups: BTreeMap::new(),
            temperature,
        });
    };
    let fields = reader.fields(node, "`score`", &shape::SCORE)?;
    let grades = fields.get("grades").map(|node| grades(reader, node));
    let engagement =
        fields.get("engagement").and_then(|node| reader.fields(node, "`engagement`", &shape::ENGAGEMENT));
    let engagement_part = |key: &str| engagement.and_then(|fields| fields.get(key));
    let temperature = fields.need("temperature").and_then(|node| bands(reader, node));
    Some(Scoring {
        fit: fit(reader, fields),
        grades: grades.unwrap_or_default(),
        decay: engagement.and_then(|fields| decay(reader, fields)),
        points: engagement_part("points").map(|node| points(reader, node)).unwrap_or_default(),
        groups: engagement_part("groups").map(|node| groups(reader, node)).unwrap_or_default(),
        temperature: temperature?,
    })
}

/// Reads a campaign's section.
pub(crate) fn of_campaign<'a>(reader: Reader<'a>, node: &'a Node) -> Option<CampaignScoring> {
    let fields = reader.fields(node, "`score`", &shape::CAMPAIGN_SCORE)?;
    let points = fields.get("points").map(|node| points(reader, node)).unwrap_or_default();
    Some(CampaignScoring { fit: fit(reader, fields), points })
}

fn fit<'a>(reader: Reader<'a>, fields: Fields<'a>) -> Vec<FitRule> {
    let rules =
        fields.get("fit").and_then(|node| reader.list(node, "a list of rules", "begin each with `- when:`"));
    rules.unwrap_or_default().iter().filter_map(|node| fit_rule(reader, node)).collect()
}

fn fit_rule<'a>(reader: Reader<'a>, node: &'a Node) -> Option<FitRule> {
    let fields = reader.fields(node, "a rule", &shape::FIT_RULE)?;
    let when = fields.need("when").and_then(|node| reader.condition(node, Asks::NoScore));
    let points = fields.need("points").and_then(|node| reader.number(node));
    let because = fields.need("because").and_then(|node| reader.text(node, "a reason that sales reads"));
    Some(FitRule { when: when?, points: points?, because: because?.to_owned() })
}

fn grades<'a>(reader: Reader<'a>, node: &'a Node) -> Option<Grades> {
    let fields = reader.fields(node, "`grades`", &shape::GRADES)?;
    let from = |letter: &str| fields.need(letter).and_then(|node| reader.number(node));
    let (a, b, c) = (from("A"), from("B"), from("C"));
    let grades = Grades { a: a?, b: b?, c: c? };
    if !(grades.a > grades.b && grades.b > grades.c) {
        let message = "each grade begins above the next: A above B, B above C";
        reader.error(&node.lead_in, message, "write them in that order, as in `{ A: 40, B: 20, C: 0 }`");
        return None;
    }
    Some(grades)
}

fn decay<'a>(reader: Reader<'a>, fields: Fields<'a>) -> Option<Decay> {
    let length = |key: &str| {
        let node = fields.get(key)?;
        Some((node, reader.parsed(node, "a duration", time::duration)))
    };
    let (half_life, linear) = (length("half_life"), length("linear"));
    if let (Some(_), Some((node, _))) = (half_life, linear) {
        let message = "points fade by halves or evenly, not both";
        reader.error(&node.lead_in, message, "keep `half_life` or `linear`");
        return None;
    }
    let half_life = half_life.and_then(|(_, length)| length).map(Decay::HalfLife);
    half_life.or_else(|| linear.and_then(|(_, length)| length).map(Decay::Linear))
}

fn points<'a>(reader: Reader<'a>, node: &'a Node) -> BTreeMap<String, PointRule> {
    let entries = reader.names(node, "points by event", "write `email_clicked: 5`").unwrap_or_default();
    let read = |entry: &'a Entry| {
        let known = event_name(reader, &entry.key_span, &entry.key);
        let rule = point_rule(reader, &entry.value)?;
        known.then(|| (entry.key.clone(), rule))
    };
    entries.iter().filter_map(read).collect()
}

fn point_rule<'a>(reader: Reader<'a>, node: &'a Node) -> Option<PointRule> {
    if !matches!(node.content, Content::Map(_)) {
        return Some(PointRule { points: reader.number(node)?, at_most: None, group: None });
    }
    let fields = reader.fields(node, "points for an event", &shape::POINTS)?;
    let points = fields.need("points").and_then(|node| reader.number(node));
    let at_most = fields.get("at_most").and_then(|node| cap(reader, node));
    let group = fields.get("group").and_then(|node| {
        let name = reader.text(node, "a group")?;
        let known = &reader.vocabulary.groups;
        if reader.vocabulary.has_organisation && !known.contains(name) {
            let declare = "declare it under `groups` of `engagement` in `sillon.yaml`";
            reader.unknown(&node.span, "group", name, known.iter().map(String::as_str), declare);
        }
        Some(name.to_owned())
    });
    Some(PointRule { points: points?, at_most, group })
}

fn groups<'a>(reader: Reader<'a>, node: &'a Node) -> BTreeMap<String, PointCap> {
    let help = "write `web: 20 per 1d`";
    let entries = reader.names(node, "the most that each group counts", help).unwrap_or_default();
    let words = reader.vocabulary;
    for entry in entries.iter().filter(|entry| words.complete && !words.groups_borne.contains(&entry.key)) {
        let message = format!("no points bear the group `{}`, so it limits nothing", entry.key);
        let help =
            format!("write `group: {}` beside the `points` that it is to limit, or leave it out", entry.key);
        reader.warning(&entry.key_span, message, help).rule(Rule::NoEffect);
    }
    entries.iter().filter_map(|entry| Some((entry.key.clone(), cap(reader, &entry.value)?))).collect()
}

fn cap<'a>(reader: Reader<'a>, node: &'a Node) -> Option<PointCap> {
    reader.parsed(node, "an amount such as `10 per 1d`", time::point_cap)
}

fn bands<'a>(reader: Reader<'a>, node: &'a Node) -> Option<Bands> {
    let fields = reader.fields(node, "`temperature`", &shape::TEMPERATURE)?;
    let warm = fields.need("warm").and_then(|node| reader.number(node));
    let hot = fields.need("hot").and_then(|node| reader.number(node));
    let (warm, hot) = (warm?, hot?);
    if warm >= hot {
        reader.error(
            &node.lead_in,
            format!("`hot` begins at {hot}, not above `warm` at {warm}"),
            "raise `hot`",
        );
        return None;
    }
    Some(Bands { warm, hot })
}
