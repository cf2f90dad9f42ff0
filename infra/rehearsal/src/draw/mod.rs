//! A campaign as a picture: SVG that reads in light and dark, runs nothing, and says in words what it shows.

mod card;
mod layout;
mod text;

use std::fmt::Write;

use domain::campaign::Campaign;
use domain::{Bundle, Locale};

use crate::outline::{Item, outline};
use card::{Card, DETAIL, Kind, WIDTH};
use layout::{BUS, Block, GAP, LABEL, LABEL_LINE, LOOP, Node, middles};
use text::{escape, wrap};

const MARGIN: f64 = 28.0;
const HEADING: f64 = 20.0;
const STYLE: &str = include_str!("style.css");

/// The picture of a campaign. The same campaign always makes the same picture.
pub fn draw(bundle: &Bundle, campaign: &Campaign) -> String {
    let items = outline(&campaign.sequence);
    let block = layout::block(bundle, campaign, &items);
    let begin = beginning(campaign);
    let width = block.width.max(WIDTH).max(360.0) + 2.0 * MARGIN;
    let middle = width / 2.0;
    let mut picture = Picture { out: String::new() };

    let heading = wrap(title(bundle, campaign), HEADING, width - 2.0 * MARGIN, 3);
    let mut y = MARGIN + HEADING;
    for line in &heading {
        picture.text("heading", middle, y, line);
        y += HEADING * 1.35;
    }
    if campaign.paused {
        y += 2.0;
        picture.text("note", middle, y, "Paused: nothing of it leaves, and leads keep their places.");
        y += 17.0;
    }
    y += 4.0;
    picture.card(&begin, middle, y);
    y += begin.height();
    if !block.nodes.is_empty() {
        picture.line(middle, y, y + GAP);
        y = picture.block(&block, middle, y + GAP);
    }
    if !block.ends {
        picture.line(middle, y, y + GAP);
        y = picture.end(middle, y + GAP);
    }
    y += 22.0;
    for note in notes(campaign) {
        for line in wrap(&note, DETAIL, width - 2.0 * MARGIN, 4) {
            y += 17.0;
            picture.text("note", middle, y, &line);
        }
    }
    document(bundle, campaign, &items, &picture.out, width, y + MARGIN)
}

fn document(
    bundle: &Bundle,
    campaign: &Campaign,
    items: &[Item<'_>],
    body: &str,
    width: f64,
    height: f64,
) -> String {
    let id = campaign.id.as_str();
    let title = escape(title(bundle, campaign));
    let begin = beginning(campaign);
    let mut told = if campaign.paused { "Paused. ".to_owned() } else { String::new() };
    // Writing to a `String` cannot fail.
    let _ = write!(told, "{} ({}). ", begin.title.join(" "), begin.details.join(" "));
    tell(bundle, campaign, items, &mut told);
    let icons: String = Kind::ALL
        .into_iter()
        .map(|kind| {
            let (name, path) = (kind.name(), kind.icon());
            format!("<symbol id=\"sillon-{name}\" viewBox=\"0 0 20 20\"><path d=\"{path}\"/></symbol>\n")
        })
        .collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"sillon\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\n\
         <title id=\"{id}-title\">{title}</title>\n<desc id=\"{id}-desc\">{}</desc>\n<style>\n{STYLE}</style>\n\
         <defs>\n{icons}<marker id=\"sillon-arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" \
         markerHeight=\"7\" orient=\"auto\"><path class=\"arrow\" d=\"M0 0.5L7.5 4L0 7.5z\"/></marker>\n</defs>\n\
         <rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n{body}</svg>\n",
        escape(told.trim()),
    )
}

/// The sequence in words, for those who do not see the picture.
fn tell(bundle: &Bundle, campaign: &Campaign, items: &[Item<'_>], out: &mut String) {
    for item in items {
        let card = card::of_step(bundle, campaign, item);
        let details =
            if card.details.is_empty() { String::new() } else { format!(" ({})", card.details.join(" ")) };
        // Writing to a `String` cannot fail.
        let _ = write!(out, "{}{details}. ", card.title.join(" "));
        for way in item.ways.iter().filter(|way| !way.items.is_empty()) {
            let _ = write!(out, "[{}: ", card::of_way(item, way.name));
            tell(bundle, campaign, &way.items, out);
            out.truncate(out.trim_end().len());
            out.push_str("] ");
        }
    }
}

fn title<'a>(bundle: &'a Bundle, campaign: &'a Campaign) -> &'a str {
    let default: Option<&Locale> = bundle.organisation.locales.first();
    default
        .and_then(|locale| campaign.title.get(locale))
        .or_else(|| campaign.title.values().next())
        .map_or(campaign.id.as_str(), String::as_str)
}

/// How a lead gets in.
fn beginning(campaign: &Campaign) -> Card {
    let begin =
        |title: &str, details: &[String]| Card::new(Kind::Begin, title, details, campaign.id.as_str());
    let audience = campaign.audience.as_ref().map(domain::Condition::source);
    match (&campaign.form, audience) {
        (Some(form), audience) => {
            let fields: Vec<&str> = form.fields.iter().map(|field| field.name.as_str()).collect();
            let then =
                if form.consent.double_opt_in { "then confirms the address" } else { "no confirmation" };
            let mut details = vec![fields.join(", ").replace('_', " "), then.to_owned()];
            details.extend(audience.map(|audience| format!("or as soon as {audience}")));
            begin("The form is submitted", &details)
        }
        (None, Some(audience)) => begin("A lead enters by itself", &[format!("as soon as {audience}")]),
        (None, None) => begin("A lead is enrolled", &[]),
    }
}

/// What ends the sequence from anywhere.
fn notes(campaign: &Campaign) -> Vec<String> {
    let goal = campaign
        .goal
        .as_ref()
        .map(|goal| format!("The goal “{}” ends it at any time.", goal.replace('_', " ")));
    let exit = campaign.exit_when.as_ref().map(|exit| format!("It ends as soon as {}", exit.source()));
    goal.into_iter().chain(exit).collect()
}

struct Picture {
    out: String,
}

impl Picture {
    fn put(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a `String` cannot fail.
        let _ = writeln!(self.out, "{element}");
    }

    fn text(&mut self, class: &str, x: f64, y: f64, text: &str) {
        self.put(format_args!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escape(text)));
    }

    fn line(&mut self, x: f64, from: f64, to: f64) {
        self.put(format_args!(
            "<path class=\"line\" marker-end=\"url(#sillon-arrow)\" d=\"M{x:.1} {from:.1}V{to:.1}\"/>"
        ));
    }

    fn card(&mut self, card: &Card, middle: f64, y: f64) {
        let (left, height, kind) = (middle - WIDTH / 2.0, card.height(), card.kind.name());
        self.put(format_args!("<g class=\"card {kind}\"><title>{}</title>", escape(&card.name)));
        self.put(format_args!(
            "<rect class=\"box\" x=\"{left:.1}\" y=\"{y:.1}\" width=\"{WIDTH}\" height=\"{height:.1}\" rx=\"10\"/>"
        ));
        let (x, top) = (left + 12.0, y + height / 2.0 - 15.0);
        self.put(format_args!(
            "<rect class=\"badge\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"30\" height=\"30\" rx=\"8\"/>"
        ));
        let (x, top) = (left + 18.0, y + height / 2.0 - 9.0);
        self.put(format_args!(
            "<use href=\"#sillon-{kind}\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"18\" height=\"18\"/>"
        ));
        for (line, is_title, base) in card.lines() {
            let class = if is_title { "title" } else { "detail" };
            self.text(class, left + 54.0, y + base, line);
        }
        self.out.push_str("</g>\n");
    }

    fn end(&mut self, middle: f64, y: f64) -> f64 {
        let left = middle - 40.0;
        self.put(format_args!(
            "<rect class=\"end\" x=\"{left:.1}\" y=\"{y:.1}\" width=\"80\" height=\"30\" rx=\"15\"/>"
        ));
        self.text("end-word", middle, y + 19.5, "End");
        y + 30.0
    }

    /// Draws the block below `y`, and answers where it ends.
    fn block(&mut self, block: &Block, middle: f64, mut y: f64) -> f64 {
        for (place, node) in block.nodes.iter().enumerate() {
            if place > 0 {
                self.line(middle, y, y + GAP);
                y += GAP;
            }
            self.node(node, middle, y);
            y += node.height;
        }
        y
    }

    fn node(&mut self, node: &Node, middle: f64, y: f64) {
        self.card(&node.card, middle, y);
        if node.ways.is_empty() {
            return;
        }
        let below = y + node.card.height();
        let labels = below + BUS;
        let join = y + node.height;
        for (lane, aside) in node.ways.iter().zip(middles(node)) {
            let x = middle + aside;
            self.elbow(middle, below, x, labels - BUS / 2.0, labels);
            self.label(&lane.label, lane.label_width(), lane.label_height(), x, labels);
            let mut bottom = labels + lane.label_height();
            if !lane.block.nodes.is_empty() {
                let top = labels + node.labels + GAP;
                self.line(x, bottom, top);
                bottom = self.block(&lane.block, x, top);
            }
            if node.loops {
                self.back(node, middle, x, bottom, y);
            } else if !lane.block.ends {
                self.elbow(x, bottom, middle, join - BUS / 2.0, join);
            }
        }
    }

    /// From a point down to `along`, aside, and down again.
    fn elbow(&mut self, from: f64, top: f64, to: f64, along: f64, bottom: f64) {
        let bend = 8.0_f64.min((to - from).abs() / 2.0);
        let side = if to > from { bend } else { -bend };
        if bend < 0.5 {
            return self.put(format_args!("<path class=\"line\" d=\"M{from:.1} {top:.1}V{bottom:.1}\"/>"));
        }
        self.put(format_args!(
            "<path class=\"line\" d=\"M{from:.1} {top:.1}V{:.1}Q{from:.1} {along:.1} {:.1} {along:.1}H{:.1}\
             Q{to:.1} {along:.1} {to:.1} {:.1}V{bottom:.1}\"/>",
            along - bend,
            from + side,
            to - side,
            along + bend,
        ));
    }

    /// From the bottom of a loop back to the side of its box.
    fn back(&mut self, node: &Node, middle: f64, x: f64, bottom: f64, y: f64) {
        let right = middle + node.width / 2.0 - LOOP / 2.0;
        let (side, into) = (middle + WIDTH / 2.0 + 2.0, y + node.card.height() / 2.0);
        let turn = bottom + BUS / 2.0;
        self.put(format_args!(
            "<path class=\"line back\" marker-end=\"url(#sillon-arrow)\" d=\"M{x:.1} {bottom:.1}V{turn:.1}H{right:.1}\
             V{into:.1}H{side:.1}\"/>"
        ));
    }

    fn label(&mut self, lines: &[String], width: f64, height: f64, middle: f64, y: f64) {
        let left = middle - width / 2.0;
        self.put(format_args!(
            "<rect class=\"label\" x=\"{left:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{}\"/>",
            LABEL
        ));
        let mut base = y + 4.0 + LABEL;
        for line in lines {
            self.text("label-word", middle, base, line);
            base += LABEL_LINE;
        }
    }
}
