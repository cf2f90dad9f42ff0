//! Finds steps that can never run.

use domain::schedule::Waits;
use jiff::Timestamp;

use super::{Act, Step, Surroundings};
use crate::reader::Reader;
use crate::rule::Rule;

/// What may have happened on the way to a step.
#[derive(Clone, Copy)]
struct Way {
    /// Whether any way leads there.
    open: bool,
    /// Whether an e-mail may have been sent.
    sent: bool,
}

impl Way {
    /// Where two ways meet.
    fn or(self, other: Self) -> Self {
        match (self.open, other.open) {
            (true, false) => self,
            (false, true) => other,
            _ => Self { open: self.open, sent: self.sent || other.sent },
        }
    }
}

/// Tells of steps that no way leads to, that wait for what cannot happen, or whose window never opens.
pub(super) fn check(reader: Reader<'_>, steps: &[Step], surroundings: Surroundings<'_>) {
    Reach { reader, surroundings }.follow(steps, Way { open: true, sent: false });
}

struct Reach<'a> {
    reader: Reader<'a>,
    surroundings: Surroundings<'a>,
}

impl Reach<'_> {
    /// Follows the steps and gives how their end is reached.
    fn follow(&self, steps: &[Step], mut way: Way) -> Way {
        let mut told = !way.open;
        let mut for_ever = false;
        for step in steps {
            if !way.open && !told {
                let help = if for_ever {
                    "an `every` goes on for ever: put this step before it, or into its block"
                } else {
                    "every way before it ends the sequence: take the `exit` away, or this step"
                };
                self.reader.error(&step.place, "this step can never run", help).rule(Rule::UnreachableStep);
                told = true;
            }
            for_ever |= matches!(step.act, Act::Every { .. });
            way = self.pass(step, way);
        }
        way
    }

    fn pass(&self, step: &Step, way: Way) -> Way {
        match &step.act {
            Act::Exit => Way { open: false, ..way },
            Act::Wait(_)
            | Act::Alert
            | Act::Notify(_)
            | Act::Set(_)
            | Act::Tag(_)
            | Act::Untag(_)
            | Act::Enrol(_)
            | Act::Holdout(_) => way,
            Act::WaitUntil { otherwise, .. } => way.or(self.follow(otherwise, way)),
            Act::Every { block, .. } => {
                self.follow(block, way);
                Way { open: false, ..way }
            }
            Act::Send { email, between, .. } => {
                let exempt = self.surroundings.magnet_emails.contains(email);
                if let Some((window, place)) = between
                    && !self.opens(window, exempt)
                {
                    let message = "this window lies within the quiet hours, so the e-mail can never leave";
                    self.reader
                        .error(place, message, "move the window, or `quiet_hours` of `sillon.yaml`")
                        .rule(Rule::UnreachableStep);
                }
                Way { sent: true, ..way }
            }
            Act::WaitFor { kinds, otherwise, .. } => {
                let of_emails = |kind: &&String| kind.starts_with("email_");
                for kind in kinds.iter().filter(of_emails).filter(|_| way.open && !way.sent) {
                    let message = format!("no e-mail was sent before this step, so `{kind}` cannot happen");
                    self.reader
                        .error(&step.place, message, "put it after a `send`")
                        .rule(Rule::UnreachableStep);
                }
                way.or(self.follow(otherwise, way))
            }
            Act::Experiment(experiment) => {
                let ways = experiment.variants.iter().map(|variant| self.follow(&variant.steps, way));
                ways.reduce(Way::or).unwrap_or(way)
            }
            Act::Branch { cases, otherwise, .. } => {
                let mut reached = Way { open: false, ..way };
                // What earlier cases leave over.
                let mut rest = way;
                for case in cases {
                    let literal =
                        case.when.as_ref().and_then(|when| when.source().trim().parse::<bool>().ok());
                    let (closed, why) = match literal {
                        _ if way.open && !rest.open => (true, "a case before it is always met"),
                        Some(false) => (true, "the condition is never met"),
                        _ => (false, ""),
                    };
                    reached = reached.or(self.branch(&case.steps, way, closed, why));
                    rest.open &= literal != Some(true);
                }
                let closed = way.open && !rest.open;
                let otherwise = self.branch(
                    otherwise,
                    if closed { way } else { rest },
                    closed,
                    "the condition is always met",
                );
                reached.or(otherwise)
            }
        }
    }

    fn branch(&self, steps: &[Step], way: Way, closed: bool, why: &str) -> Way {
        if !closed {
            return self.follow(steps, way);
        }
        if let Some(first) = steps.first().filter(|_| way.open) {
            self.reader
                .error(&first.place, "this step can never run", format!("{why}: take it away, or this step"))
                .rule(Rule::UnreachableStep);
        }
        self.follow(steps, Way { open: false, ..way })
    }

    fn opens(&self, window: &domain::schedule::Window, exempt: bool) -> bool {
        let vocabulary = self.reader.vocabulary;
        let quiet_hours = vocabulary.quiet_hours.as_ref().filter(|_| !exempt);
        let waits = Waits { between: Some(window), quiet_hours, ..Waits::default() };
        waits.next(Timestamp::UNIX_EPOCH, &vocabulary.zone()).is_some()
    }
}
