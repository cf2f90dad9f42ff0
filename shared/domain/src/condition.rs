//! Conditions: CEL expressions over what is known of a lead.
//!
//! A condition that meets something unknown is not met; CEL's own absorption holds, so `lead.x > 3 || true` is true.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, Program, Value};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::expression::{Expression, InvalidExpression};
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
    lead_variable: OnceLock<Option<Box<dyn Val>>>,
    score_variable: OnceLock<Option<Box<dyn Val>>>,
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
            score_variable: OnceLock::new(),
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
        let source = expression.source();
        let mut context = Context::with_env(Arc::clone(&CEL));
        context.set_variable_resolver(self);
        if self.scope != Scope::Stated {
            if ["occurred", "times", "days_since"].iter().any(|name| source.contains(name)) {
                self.add_history(&mut context);
            }
            if source.contains("tagged") {
                let tags = self.lead.tags.clone();
                let tagged = move |tag: Arc<String>| tags.iter().any(|own| own.as_str() == *tag);
                let _ = context.add_function("tagged", tagged);
            }
            if expression.segments().next().is_some() {
                self.add_segments(&mut context, expression, depth);
            }
        }
        expression.value(&context)
    }

    /// `in_segment`, with the answers that the expression asks for.
    fn add_segments(&self, context: &mut Context<'_, '_>, expression: &Expression, depth: usize) {
        let mut held = BTreeMap::new();
        for name in expression.segments() {
            let known = self.segments.lock().ok().and_then(|known| known.get(name).copied());
            let holds = known.unwrap_or_else(|| {
                let segment = self.bundle.organisation.segments.get(name).filter(|_| depth < SEGMENT_DEPTH);
                let value = segment.and_then(|segment| self.value(&segment.0, depth + 1));
                matches!(value, Some(Value::Bool(true)))
            });
            held.insert(name.to_owned(), holds);
        }
        if let Ok(mut known) = self.segments.lock() {
            known.extend(held.clone());
        }
        let _ = context.add_function("in_segment", move |name: Arc<String>| {
            held.get(name.as_str()).copied().unwrap_or(false)
        });
    }

    fn traits(&self) -> Value {
        let lead = self.lead;
        let traits = match self.scope {
            Scope::Stated => computed::stated(self.bundle, lead),
            Scope::Unscored | Scope::All => computed::traits_of(self.bundle, lead),
        };
        let known = traits.iter().map(|(name, value)| (name.clone(), cel_value(value)));
        let locale =
            lead.locale.iter().map(|locale| ("locale".to_owned(), locale.as_str().to_owned().into()));
        let email = ("email".to_owned(), lead.email.as_str().to_owned().into());
        map(known.chain([email]).chain(locale))
    }

    fn points(&self) -> Option<Value> {
        let score = self.score()?;
        Some(map([
            ("fit".to_owned(), score.fit.into()),
            ("engagement".to_owned(), score.engagement.into()),
            ("total".to_owned(), score.total.into()),
        ]))
    }

    fn variable(&self, name: &str) -> Option<Value> {
        let email = &self.lead.email;
        Some(match name {
            "email" => map([
                ("domain".to_owned(), email.domain().to_owned().into()),
                ("free".to_owned(), email.is_free().into()),
                ("disposable".to_owned(), email.is_disposable().into()),
            ]),
            _ if self.scope == Scope::Stated => return None,
            "stage" => self.lead.stage.as_str().to_owned().into(),
            "temperature" => {
                let bands = self.bundle.organisation.score.temperature;
                self.score()?.temperature(bands).as_str().to_owned().into()
            }
            "grade" => self.score()?.grade?.as_str().to_owned().into(),
            "days_since_last_activity" => self.days_since(self.lead.last_active()?).into(),
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
        let kept = match name {
            "lead" => self.lead_variable.get_or_init(|| self.traits().try_into().ok()),
            "score" => self.score_variable.get_or_init(|| self.points()?.try_into().ok()),
            _ => return self.variable(name)?.try_into().ok().map(CowVal::Owned),
        };
        kept.as_deref().map(CowVal::Borrowed)
    }
}

fn map(entries: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::from(entries.into_iter().collect::<std::collections::HashMap<String, Value>>())
}

fn cel_value(value: &TraitValue) -> Value {
    match value {
        TraitValue::Boolean(value) => (*value).into(),
        TraitValue::Number(value) => (*value).into(),
        TraitValue::Text(value) => value.clone().into(),
    }
}
