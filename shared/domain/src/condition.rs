//! Conditions: CEL expressions over what is known of a lead.
//!
//! A condition that meets something unknown is not met; CEL's own absorption holds, so `lead.x > 3 || true` is true.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use cel::common::types::{CelBool, CelDouble, CelMap, CelMapKey, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, Program, Value};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::expression::{Expression, InvalidExpression, Reading};
use crate::score::Score;
use crate::traits::TraitValue;
use crate::{Bundle, Lead, computed};

/// An expression that holds or does not hold.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Condition(Expression);

impl Condition {
    /// Checks and compiles the expression.
    pub fn parse(source: &str) -> Result<Self, InvalidExpression> {
        Expression::parse(source).map(Self)
    }

    /// The expression as written.
    pub fn source(&self) -> &str {
        self.0.source()
    }

    /// The expression with the place of each of its parts; none if the text is no expression.
    pub fn program(&self) -> Option<Program> {
        self.0.program()
    }

    /// The segments that it names.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.segments()
    }

    /// Adds what it reads of the clock, by itself and by the segments that it names. False if that cannot be told, so that it
    /// may come to hold at any time.
    pub(crate) fn add_readings<'a>(&'a self, bundle: &'a Bundle, into: &mut Vec<&'a Reading>) -> bool {
        self.add_readings_of(bundle, into, 0)
    }

    fn add_readings_of<'a>(&'a self, bundle: &'a Bundle, into: &mut Vec<&'a Reading>, depth: usize) -> bool {
        // What is no expression never holds.
        let Some(compiled) = self.0.compiled() else { return true };
        let Some(readings) = &compiled.readings else { return false };
        into.extend(readings);
        let segments = compiled.segments.iter().filter_map(|name| bundle.organisation.segments.get(name));
        segments
            .filter(|_| depth < SEGMENT_DEPTH)
            .all(|segment| segment.add_readings_of(bundle, into, depth + 1))
    }

    /// Whether it holds. Unknown, and anything but `true`, counts as not met.
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        matches!(facts.value(&self.0, 0), Some(Value::Bool(true)))
    }

    /// What the expression gives, for people who ask why a condition does or does not hold. None if it is unknown.
    pub fn value(&self, facts: &Facts<'_>) -> Option<String> {
        Some(match facts.value(&self.0, 0)? {
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::UInt(value) => value.to_string(),
            Value::Float(value) if value.is_infinite() => "never".to_owned(),
            Value::Float(value) => ((value * 10.0).round() / 10.0).to_string(),
            Value::String(value) => format!("{value:?}"),
            _ => return None,
        })
    }
}

impl From<Expression> for Condition {
    fn from(expression: Expression) -> Self {
        Self(expression)
    }
}

impl std::fmt::Debug for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Condition({})", self.source())
    }
}

/// CEL's own functions and operators. To set them up costs more than all conditions of a decision together.
static CEL: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// What conditions may ask about: one lead at one moment. Each answer is worked out when a condition first asks.
pub struct Facts<'a> {
    bundle: &'a Bundle,
    lead: &'a Lead,
    now: Timestamp,
    scope: Scope,
    score: OnceLock<Score>,
    lead_variable: OnceLock<CelMap<'a>>,
    counts: OnceLock<Arc<Counts>>,
    /// The segments that were asked for so far.
    segments: Mutex<BTreeMap<String, bool>>,
}

/// How much of a lead may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Stated traits and the address: by computed traits.
    Stated,
    /// Everything but the score: by the rules that make it.
    Unscored,
    /// Everything.
    All,
}

/// How often each kind of activity happened, and how many days ago it last did.
type Counts = BTreeMap<String, (i64, f64)>;

/// Segments may name segments, though never in a circle; this bounds the depth all the same.
const SEGMENT_DEPTH: usize = 8;

impl<'a> Facts<'a> {
    /// Everything, the score included.
    pub fn new(bundle: &'a Bundle, lead: &'a Lead, now: Timestamp) -> Self {
        Self::of_scope(Scope::All, bundle, lead, now)
    }

    /// What rules of the score itself may ask about.
    pub fn without_score(bundle: &'a Bundle, lead: &'a Lead, now: Timestamp) -> Self {
        Self::of_scope(Scope::Unscored, bundle, lead, now)
    }

    /// What computed traits may ask about.
    pub(crate) fn stated(bundle: &'a Bundle, lead: &'a Lead) -> Self {
        Self::of_scope(Scope::Stated, bundle, lead, lead.stated_at)
    }

    fn of_scope(scope: Scope, bundle: &'a Bundle, lead: &'a Lead, now: Timestamp) -> Self {
        Self {
            bundle,
            lead,
            now,
            scope,
            score: OnceLock::new(),
            lead_variable: OnceLock::new(),
            counts: OnceLock::new(),
            segments: Mutex::default(),
        }
    }

    /// The score, if these facts have one.
    pub fn score(&self) -> Option<&Score> {
        let all = self.scope == Scope::All;
        all.then(|| self.score.get_or_init(|| Score::of(self.bundle, self.lead, self.now)))
    }

    /// What an expression comes to; none if that is unknown. `depth` counts the segments that asked for one another.
    pub(crate) fn value(&self, expression: &Expression, depth: usize) -> Option<Value> {
        let compiled = expression.compiled()?;
        let mut context = Context::with_env(Arc::clone(&CEL));
        context.set_variable_resolver(self);
        if self.scope != Scope::Stated {
            if compiled.asks_history {
                self.add_history(&mut context);
            }
            if compiled.asks_tags {
                let tags = self.lead.tags.clone();
                let tagged = move |tag: Arc<String>| tags.iter().any(|own| own.as_str() == *tag);
                let _ = context.add_function("tagged", tagged);
            }
            if !compiled.segments.is_empty() {
                self.add_segments(&mut context, &compiled.segments, depth);
            }
        }
        compiled.value(&context)
    }

    /// `in_segment`, with the answers that an expression asks for.
    fn add_segments(&self, context: &mut Context<'_, '_>, names: &[String], depth: usize) {
        let mut held = BTreeMap::new();
        for name in names {
            let known = self.segments.lock().ok().and_then(|known| known.get(name).copied());
            let holds = known.unwrap_or_else(|| {
                let segment = self.bundle.organisation.segments.get(name).filter(|_| depth < SEGMENT_DEPTH);
                let value = segment.and_then(|segment| self.value(&segment.0, depth + 1));
                matches!(value, Some(Value::Bool(true)))
            });
            held.insert(name.clone(), holds);
        }
        if let Ok(mut known) = self.segments.lock() {
            known.extend(held.clone());
        }
        let _ = context.add_function("in_segment", move |name: Arc<String>| {
            held.get(name.as_str()).copied().unwrap_or(false)
        });
    }

    /// `lead` as a whole, for `has(lead.x)` and whatever else looks at all of it.
    fn traits(&self) -> CelMap<'a> {
        let (bundle, lead) = (self.bundle, self.lead);
        let named = |(name, value): (&'a String, &'a TraitValue)| (name.as_str(), trait_value(value));
        let computed = &bundle.organisation.computed;
        let mut fields: Vec<(&'a str, Box<dyn Val + 'a>)> =
            lead.traits.iter().filter(|(name, _)| !computed.contains_key(*name)).map(named).collect();
        if self.scope != Scope::Stated {
            let known = |name: &'a String| Some((name.as_str(), self.trait_of(name)?));
            fields.extend(computed.keys().filter_map(known));
        }
        fields.push(("email", text(lead.email.as_str())));
        fields.extend(lead.locale.iter().map(|locale| ("locale", text(locale.as_str()))));
        map(fields)
    }

    /// One field of `lead`; none if it is not known.
    fn trait_of(&self, name: &str) -> Option<Box<dyn Val + 'a>> {
        let (bundle, lead) = (self.bundle, self.lead);
        match name {
            "email" => return Some(text(lead.email.as_str())),
            "locale" if lead.locale.is_some() => {
                return lead.locale.as_ref().map(|locale| text(locale.as_str()));
            }
            _ => {}
        }
        if !bundle.organisation.computed.contains_key(name) {
            return lead.traits.get(name).map(trait_value);
        }
        let computed = (self.scope != Scope::Stated).then(|| computed::trait_of(bundle, lead, name));
        Some(match computed.flatten()?.into_owned() {
            TraitValue::Boolean(value) => Box::new(CelBool::from(value)),
            TraitValue::Number(value) => Box::new(CelDouble::from(value)),
            TraitValue::Text(value) => Box::new(CelString::from(value)),
        })
    }

    fn variable(&self, name: &str) -> Option<Box<dyn Val + 'a>> {
        let email = &self.lead.email;
        // The evaluator asks for `a.b` as a whole, and for `a` if there is no such variable.
        if let Some(name) = name.strip_prefix("lead.") {
            return self.trait_of(name);
        }
        let part = |whole: &'static str| {
            move |part: &'static str| Some((part, self.variable(&format!("{whole}.{part}"))?))
        };
        Some(match name {
            "email" => Box::new(map(["domain", "free", "disposable"].into_iter().filter_map(part("email")))),
            "email.domain" => text(email.domain()),
            "email.free" => Box::new(CelBool::from(email.is_free())),
            "email.disposable" => Box::new(CelBool::from(email.is_disposable())),
            _ if self.scope == Scope::Stated => return None,
            "score" => {
                self.score()?;
                Box::new(map(["fit", "engagement", "total"].into_iter().filter_map(part("score"))))
            }
            "score.fit" => number(self.score()?.fit),
            "score.engagement" => number(self.score()?.engagement),
            "score.total" => number(self.score()?.total),
            "stage" => text(self.lead.stage.as_str()),
            "temperature" => {
                let bands = self.bundle.organisation.score.temperature;
                text(self.score()?.temperature(bands).as_str())
            }
            "grade" => text(self.score()?.grade?.as_str()),
            "days_since_last_activity" => number(self.days_since(self.lead.last_active()?)),
            _ => return None,
        })
    }

    fn add_history(&self, context: &mut Context<'_, '_>) {
        let counts = self.counts.get_or_init(|| Arc::new(self.counts()));
        let occurred = Arc::clone(counts);
        let _ =
            context.add_function("occurred", move |kind: Arc<String>| occurred.contains_key(kind.as_str()));
        let times = Arc::clone(counts);
        let _ = context.add_function("times", move |kind: Arc<String>| -> i64 {
            times.get(kind.as_str()).map_or(0, |(times, _)| *times)
        });
        // A kind that never occurred lies infinitely far back.
        let days = Arc::clone(counts);
        let _ = context.add_function("days_since", move |kind: Arc<String>| -> f64 {
            days.get(kind.as_str()).map_or(f64::INFINITY, |(_, days)| *days)
        });
    }

    fn counts(&self) -> Counts {
        let history = &self.lead.history;
        let count = |kind: &str| {
            let times = i64::try_from(history.times(kind)).unwrap_or(i64::MAX);
            Some((kind.to_owned(), (times, self.days_since(history.last(kind)?))))
        };
        history.kinds().filter_map(count).collect()
    }

    fn days_since(&self, at: Timestamp) -> f64 {
        (self.now.duration_since(at).as_secs_f64() / 86_400.0).max(0.0)
    }
}

impl VariableResolver for Facts<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        match name {
            "lead" => Some(CowVal::Borrowed(self.lead_variable.get_or_init(|| self.traits()))),
            _ => self.variable(name).map(CowVal::Owned),
        }
    }
}

fn map<'a>(fields: impl IntoIterator<Item = (&'a str, Box<dyn Val + 'a>)>) -> CelMap<'a> {
    CelMap::from(
        fields.into_iter().map(|(name, value)| (name.into(), value)).collect::<HashMap<CelMapKey<'a>, _>>(),
    )
}

fn text<'a>(value: &'a str) -> Box<dyn Val + 'a> {
    Box::new(CelString::from(value))
}

fn number<'a>(value: f64) -> Box<dyn Val + 'a> {
    Box::new(CelDouble::from(value))
}

fn trait_value(value: &TraitValue) -> Box<dyn Val + '_> {
    match value {
        TraitValue::Boolean(value) => Box::new(CelBool::from(*value)),
        TraitValue::Number(value) => number(*value),
        TraitValue::Text(value) => text(value),
    }
}
