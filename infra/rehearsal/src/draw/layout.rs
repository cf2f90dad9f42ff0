//! Where the boxes of a sequence stand: blocks below one another, ways side by side.

use domain::Bundle;
use domain::campaign::Campaign;
use domain::sequence::Act;

use super::card::{self, Card, WIDTH};
use super::text::{width, wrap};
use crate::outline::{Item, Name, Way};

/// Between two boxes.
pub(super) const GAP: f64 = 26.0;
/// Between a box and the line along which its ways part, or join again.
pub(super) const BUS: f64 = 18.0;
/// Between two ways.
const ASIDE: f64 = 28.0;
/// The label of a way.
pub(super) const LABEL: f64 = 12.0;
pub(super) const LABEL_LINE: f64 = 16.0;
const LABEL_ROOM: f64 = 200.0;
/// What a loop needs on its right side.
pub(super) const LOOP: f64 = 34.0;

/// Boxes below one another.
#[derive(Debug)]
pub(super) struct Block {
    pub nodes: Vec<Node>,
    pub width: f64,
    pub height: f64,
    /// Whether nobody comes out at its bottom.
    pub ends: bool,
}

/// A box, and the ways below it.
#[derive(Debug)]
pub(super) struct Node {
    pub card: Card,
    pub ways: Vec<Lane>,
    /// Whether its way leads back to it.
    pub loops: bool,
    pub width: f64,
    pub height: f64,
    /// The height of the highest label.
    pub labels: f64,
    pub ends: bool,
}

/// A way with its label.
#[derive(Debug)]
pub(super) struct Lane {
    pub label: Vec<String>,
    pub block: Block,
    pub width: f64,
}

impl Lane {
    pub fn label_width(&self) -> f64 {
        self.label.iter().map(|line| width(line, LABEL)).fold(0.0, f64::max) + 20.0
    }

    #[expect(clippy::cast_precision_loss, reason = "a label has few lines")]
    pub fn label_height(&self) -> f64 {
        self.label.len() as f64 * LABEL_LINE + 8.0
    }
}

pub(super) fn block(bundle: &Bundle, campaign: &Campaign, items: &[Item<'_>]) -> Block {
    let nodes: Vec<Node> = items.iter().map(|item| node(bundle, campaign, item)).collect();
    of_nodes(nodes)
}

fn of_nodes(nodes: Vec<Node>) -> Block {
    let width = nodes.iter().map(|node| node.width).fold(0.0, f64::max);
    let between = GAP * f64::from(u32::try_from(nodes.len().saturating_sub(1)).unwrap_or_default());
    let height = nodes.iter().map(|node| node.height).sum::<f64>() + between;
    let ends = nodes.last().is_some_and(|node| node.ends);
    Block { nodes, width, height, ends }
}

fn node(bundle: &Bundle, campaign: &Campaign, item: &Item<'_>) -> Node {
    let card = card::of_step(bundle, campaign, item);
    let ways: Vec<Lane> = item.ways.iter().map(|way| lane(bundle, campaign, item, way)).collect();
    let loops = matches!(item.step.act, Act::Every { .. });
    if ways.is_empty() {
        let (height, ends) = (card.height(), matches!(item.step.act, Act::Exit));
        return Node { card, ways, loops, width: WIDTH, height, labels: 0.0, ends };
    }
    let labels = ways.iter().map(Lane::label_height).fold(0.0, f64::max);
    let aside = ASIDE * f64::from(u32::try_from(ways.len() - 1).unwrap_or_default());
    let mut width = (ways.iter().map(|lane| lane.width).sum::<f64>() + aside).max(WIDTH);
    if loops {
        width += 2.0 * LOOP;
    }
    let below = ways.iter().map(|lane| lane.block.height).fold(0.0, f64::max);
    let below = if below > 0.0 { GAP + below } else { 0.0 };
    let height = card.height() + BUS + labels + below + BUS;
    let ends = loops || ways.iter().all(|lane| lane.block.ends);
    Node { card, ways, loops, width, height, labels, ends }
}

fn lane(bundle: &Bundle, campaign: &Campaign, item: &Item<'_>, way: &Way<'_>) -> Lane {
    let name: Name<'_> = way.name;
    let label = wrap(&card::of_way(item, name), LABEL, LABEL_ROOM, 4);
    let block = block(bundle, campaign, &way.items);
    let mut lane = Lane { label, block, width: 0.0 };
    lane.width = lane.block.width.max(lane.label_width()).max(90.0);
    lane
}

/// The distance of each way's middle from the middle of its node.
pub(super) fn middles(node: &Node) -> Vec<f64> {
    let aside = ASIDE * f64::from(u32::try_from(node.ways.len().saturating_sub(1)).unwrap_or_default());
    let all = node.ways.iter().map(|lane| lane.width).sum::<f64>() + aside;
    let mut left = -all / 2.0;
    node.ways
        .iter()
        .map(|lane| {
            let middle = left + lane.width / 2.0;
            left += lane.width + ASIDE;
            middle
        })
        .collect()
}
