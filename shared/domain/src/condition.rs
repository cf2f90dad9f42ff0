//! Conditions: CEL expressions over what is known of a lead.
//!
//! A condition that meets something unknown is not met; CEL's own absorption holds, so `lead.x > 3 || true` is true.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use cel::common::ast::IdedExpr;
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::parser::PrattParser;
use cel::{Context, Env, ParseErrors, Program, Value};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::activity::Fact;
use crate::score::Score;
use crate::traits::TraitValue;
use crate::{Bundle, Lead};

/// A condition as written, which is compiled when it is first asked.
///
/// `cel` has two parsers. The first, of ANTLR, knows the place of every fault and of every part; to set it up costs a
/// quarter of a cold start. So it reads what people write, in [`Condition::parse`], and the second, which is a hundred
/// times quicker, makes what is asked everywhere: in a function, in `sillon dev` and in tests.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Condition {
    source: String,
    /// None within, once compiled, for a text that is no expression.
    expression: Arc<OnceLock<Option<IdedExpr>>>,
}

/// Why a text is not a CEL expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InvalidCondition {
    /// What the parser found.
    pub message: String,
    /// Where, counted from 1 in lines of the expression.
    pub line: usize,
    /// Where, counted from 1 in characters of the line.
    pub column: usize,
}

impl InvalidCondition {
    fn of(errors: &ParseErrors) -> Self {
        let first = errors.errors.first();
        let position = |part: Option<isize>| part.and_then(|n| usize::try_from(n).ok()).unwrap_or(1).max(1);
        Self {
            message: first.map_or_else(|| errors.to_string(), |error| error.msg.clone()),
            line: position(first.map(|error| error.pos.0)),
            column: position(first.map(|error| error.pos.1)),
        }
    }
}

impl Condition {
    /// Checks and compiles the expression.
    pub fn parse(source: &str) -> Result<Self, InvalidCondition> {
        Program::compile(source).map_err(|errors| InvalidCondition::of(&errors))?;
        let expression = PrattParser::new().parse(source).map_err(|errors| InvalidCondition::of(&errors))?;
        Ok(Self { source: source.to_owned(), expression: Arc::new(OnceLock::from(Some(expression))) })
    }

    /// The expression as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The expression with the place of each of its parts, for those who look into it; none if the text never went
    /// through [`Condition::parse`] and is no expression.
    pub fn program(&self) -> Option<Program> {
        Program::compile(&self.source).ok()
    }

    /// Whether it holds. Unknown, and anything but `true`, counts as not met.
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        if self.source.contains("in_segment") {
            self.holds_in(&facts.context_with_segments())
        } else {
            self.holds_in(&facts.context(&self.source))
        }
    }

    fn holds_in(&self, context: &Context<'_, '_>) -> bool {
        let expression = self.expression.get_or_init(|| PrattParser::new().parse(&self.source).ok());
        expression
            .as_ref()
            .is_some_and(|expression| matches!(Value::resolve(expression, context), Ok(Value::Bool(true))))
    }
}

impl std::fmt::Debug for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Condition({})", self.source)
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl From<String> for Condition {
    fn from(source: String) -> Self {
        Self { source, expression: Arc::default() }
    }
}

impl From<Condition> for String {
    fn from(condition: Condition) -> String {
        condition.source
    }
}

/// CEL's own functions and operators. To set them up costs more than all conditions of a decision together.
static CEL: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// What conditions may ask about: one lead at one moment. Each answer is worked out when a condition first asks.
pub struct Facts<'a> {
    bundle: &'a Bundle,
    lead: &'a Lead,
    now: Timestamp,
    /// Whether the score may be asked for.
    scored: bool,
    score: OnceLock<Score>,
    lead_variable: OnceLock<Option<Box<dyn Val>>>,
    score_variable: OnceLock<Option<Box<dyn Val>>>,
    counts: OnceLock<Arc<Counts>>,
}

/// How often each kind of activity happened, and how many days ago it last did.
type Counts = BTreeMap<String, (i64, f64)>;

/// Segments may name segments, though never in a circle; this bounds the depth all the same.
const SEGMENT_DEPTH: usize = 8;

impl<'a> Facts<'a> {
    /// Everything, the score included.
    pub fn new(bundle: &'a Bundle, lead: &'a Lead, now: Timestamp) -> Self {
        Self { scored: true, ..Self::without_score(bundle, lead, now) }
    }

    /// What rules of the score itself may ask about.
    pub fn without_score(bundle: &'a Bundle, lead: &'a Lead, now: Timestamp) -> Self {
        Self {
            bundle,
            lead,
            now,
            scored: false,
            score: OnceLock::new(),
            lead_variable: OnceLock::new(),
            score_variable: OnceLock::new(),
            counts: OnceLock::new(),
        }
    }

    /// The score, if these facts have one.
    pub fn score(&self) -> Option<&Score> {
        self.scored.then(|| self.score.get_or_init(|| Score::of(self.bundle, self.lead, self.now)))
    }

    /// Variables, and those functions that the expression names.
    fn context(&self, source: &str) -> Context<'_, '_> {
        let mut context = Context::with_env(Arc::clone(&CEL));
        context.set_variable_resolver(self);
        if ["occurred", "times", "days_since"].iter().any(|name| source.contains(name)) {
            self.add_history(&mut context);
        }
        if source.contains("tagged") {
            let tags = self.lead.tags.clone();
            let _ = context
                .add_function("tagged", move |tag: Arc<String>| tags.iter().any(|own| own.as_str() == *tag));
        }
        context
    }

    fn context_with_segments(&self) -> Context<'_, '_> {
        let every_function = "occurred times days_since tagged";
        let mut held: BTreeMap<String, bool> = BTreeMap::new();
        for _ in 0..SEGMENT_DEPTH {
            let before = held.clone();
            let mut context = self.context(every_function);
            add_in_segment(&mut context, before.clone());
            for (name, condition) in &self.bundle.organisation.segments {
                held.insert(name.clone(), condition.holds_in(&context));
            }
            if held == before {
                break;
            }
        }
        let mut context = self.context(every_function);
        add_in_segment(&mut context, held);
        context
    }

    fn traits(&self) -> Value {
        let lead = self.lead;
        let stated = lead.traits.iter().map(|(name, value)| (name.clone(), cel_value(value)));
        let locale =
            lead.locale.iter().map(|locale| ("locale".to_owned(), locale.as_str().to_owned().into()));
        let email = ("email".to_owned(), lead.email.as_str().to_owned().into());
        map(stated.chain([email]).chain(locale))
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
            "stage" => self.lead.stage.as_str().to_owned().into(),
            "temperature" => {
                let bands = self.bundle.organisation.score.temperature;
                self.score()?.temperature(bands).as_str().to_owned().into()
            }
            "days_since_last_activity" => {
                let history = &self.lead.history;
                let by_lead = history.kinds().filter(|kind| Fact::is_by_lead(kind));
                self.days_since(by_lead.filter_map(|kind| history.last(kind)).max()?).into()
            }
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

fn add_in_segment(context: &mut Context<'_, '_>, held: BTreeMap<String, bool>) {
    let _ = context.add_function("in_segment", move |name: Arc<String>| {
        held.get(name.as_str()).copied().unwrap_or(false)
    });
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
