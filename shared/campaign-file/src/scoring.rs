//! Reads `score`: rules for fit, points for engagement, and the bands of the total.

use std::collections::BTreeMap;

use domain::score::{Bands, FitRule, PointRule, Scoring};

use crate::condition::Asks;
use crate::organisation::event_name;
use crate::reader::Reader;
use crate::shape::score as shape;
use crate::time;
use crate::yaml::{Content, Entry, Node};

/// Reads the section. Without it nobody has points.
pub(crate) fn read<'a>(reader: Reader<'a>, node: Option<&'a Node>) -> Option<Scoring> {
    let Some(node) = node else {
        let temperature = Bands { warm: 20.0, hot: 50.0 };
        return Some(Scoring { fit: Vec::new(), half_life: None, points: BTreeMap::new(), temperature });
    };
    let fields = reader.fields(node, "`score`", &shape::SCORE)?;
    let rules =
        fields.get("fit").and_then(|node| reader.list(node, "a list of rules", "begin each with `- when:`"));
    let fit = rules.unwrap_or_default().iter().filter_map(|node| fit_rule(reader, node)).collect();
    let engagement =
        fields.get("engagement").and_then(|node| reader.fields(node, "`engagement`", &shape::ENGAGEMENT));
    let half_life = engagement
        .and_then(|fields| fields.get("half_life"))
        .and_then(|node| reader.parsed(node, "a duration", time::duration));
    let points = engagement.and_then(|fields| fields.get("points")).map(|node| points(reader, node));
    let temperature = fields.need("temperature").and_then(|node| bands(reader, node));
    Some(Scoring { fit, half_life, points: points.unwrap_or_default(), temperature: temperature? })
}

fn fit_rule<'a>(reader: Reader<'a>, node: &'a Node) -> Option<FitRule> {
    let fields = reader.fields(node, "a rule", &shape::FIT_RULE)?;
    let when = fields.need("when").and_then(|node| reader.condition(node, Asks::NoScore));
    let points = fields.need("points").and_then(|node| reader.number(node));
    let because = fields.need("because").and_then(|node| reader.text(node, "a reason that sales reads"));
    Some(FitRule { when: when?, points: points?, because: because?.to_owned() })
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
        return Some(PointRule { points: reader.number(node)?, at_most: None });
    }
    let fields = reader.fields(node, "points for an event", &shape::POINTS)?;
    let points = fields.need("points").and_then(|node| reader.number(node));
    let at_most = fields
        .get("at_most")
        .and_then(|node| reader.parsed(node, "an amount such as `10 per 1d`", time::point_cap));
    Some(PointRule { points: points?, at_most })
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
