//! The answer, as a salesperson or a marketer reads it.

use std::fmt::{Result, Write};

use super::condition::{ConditionTold, PartTold};
use super::score::signed;
use super::{Answer, SendTold};

const BOLD: &str = "\u{1b}[1m";
const SOFT: &str = "\u{1b}[2m";
const RESET: &str = "\u{1b}[0m";

/// The answer in short sentences. Traces stand there only if one e-mail was asked for.
pub fn to_text(answer: &Answer, colour: bool) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = Report { out: &mut out, colour }.write(answer);
    out
}

/// The answer with all traces.
pub fn to_json(answer: &Answer) -> String {
    serde_json::to_string_pretty(answer).unwrap_or_default()
}

struct Report<'a> {
    out: &'a mut String,
    colour: bool,
}

impl Report<'_> {
    fn paint(&self, code: &'static str) -> &'static str {
        if self.colour { code } else { "" }
    }

    fn write(&mut self, answer: &Answer) -> Result {
        let (bold, reset) = (self.paint(BOLD), self.paint(RESET));
        writeln!(self.out, "{bold}{}{reset}, {}", shown(&answer.email), answer.now)?;
        for sentence in &answer.standing {
            writeln!(self.out, "  {sentence}")?;
        }
        if let Some(score) = &answer.score {
            let (total, fit, engagement) = (score.total, score.fit, score.engagement);
            writeln!(
                self.out,
                "\n{bold}Score {total}{reset}, {}: fit {fit}{}, engagement {engagement}",
                score.temperature,
                score.grade.map_or_else(String::new, |grade| format!(" (grade {grade})"))
            )?;
            for point in &score.points {
                let place = point.place.as_deref();
                let times = if point.times > 1 { format!(", {} times", point.times) } else { String::new() };
                let (points, because, at) = (signed(point.points), shown(&point.because), self.at(place));
                writeln!(self.out, "  {points:>6}  {because}{times}{at}")?;
                if let Some(condition) = &point.condition {
                    self.condition(condition, "          ", false)?;
                }
            }
        }
        for send in &answer.sends {
            self.send(send, answer.score.is_none())?;
        }
        Ok(())
    }

    fn send(&mut self, send: &SendTold, with_trace: bool) -> Result {
        let (bold, soft, reset) = (self.paint(BOLD), self.paint(SOFT), self.paint(RESET));
        writeln!(self.out, "\n{bold}{}/{}{reset}: {}", send.campaign, send.step, send.verdict)?;
        if let Some(at) = &send.expected {
            writeln!(self.out, "  If nothing else happens, it leaves {at}.")?;
        }
        if !with_trace {
            return Ok(());
        }
        for cause in &send.trace {
            let at = self.at(cause.place.as_deref());
            writeln!(self.out, "  {soft}{}{reset}  {}{at}", cause.at, shown(&cause.text))?;
            if let Some(condition) = &cause.condition {
                self.condition(condition, "                        ", true)?;
            }
        }
        Ok(())
    }

    /// The condition, its place, and what each of its parts was.
    fn condition(&mut self, condition: &ConditionTold, indent: &str, with_place: bool) -> Result {
        let place = condition.place.as_deref().filter(|_| with_place);
        writeln!(self.out, "{indent}`{}`{}", shown(&condition.source), self.at(place))?;
        let single = condition.parts.len() == 1;
        for PartTold { source, holds, value, unknown } in &condition.parts {
            let truth = if *unknown { "unknown, so false".to_owned() } else { holds.to_string() };
            let value = value.as_ref().map_or_else(String::new, |value| format!(": {}", shown(value)));
            let part = if single { "this is".to_owned() } else { format!("`{}` is", shown(source)) };
            writeln!(self.out, "{indent}  {part} {truth}{value}")?;
        }
        Ok(())
    }

    fn at(&self, place: Option<&str>) -> String {
        let (soft, reset) = (self.paint(SOFT), self.paint(RESET));
        place.map_or_else(String::new, |place| format!("  {soft}({}){reset}", shown(place)))
    }
}

/// Without the control characters by which what a lead typed could drive the terminal.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
