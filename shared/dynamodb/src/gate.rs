//! The gate as one item: a moment that only moves on, by one conditional update for each reservation.

use std::collections::HashMap;

use app::gate::{BETWEEN_TRIALS, DAYS_COUNTED, Gate, GateState, Reservation, Reserved, Stop};
use app::ports::StoreError;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::deliverability::{Deliveries, Told};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::failure::{self, Doubt};
use crate::store::text;
use crate::{Store, keys};

const OPEN: &str = "attribute_not_exists(stopped)";
const TRUSTED: &str = "attribute_not_exists(trial_at)";
const BEHIND: &str = "(attribute_not_exists(next_at) OR next_at < :now)";
/// It takes a second try only when the gate's moment is passed between two requests.
const TRIES: usize = 5;

/// The counters of a day's item.
const COUNTED: [&str; 6] = [
    "delivered",
    "bounced",
    "complained",
    "confirmations_delivered",
    "confirmations_bounced",
    "confirmations_complained",
];
const SET_EXPIRY: &str = "SET expires_at = :expires";
/// A day's counters are of use for some days; they are kept for whoever looks into what happened.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// An item of the gate that no version of ours wrote.
#[derive(Debug, thiserror::Error)]
#[error("the item of the gate has no readable `{0}`")]
struct Unreadable(&'static str);

/// What an update met.
enum Met {
    /// It was carried out; this is what it changed.
    Done(Item),
    /// Its condition did not hold for this item.
    Other(Item),
}

type Item = HashMap<String, AttributeValue>;

impl Gate for Store {
    async fn reserve(&self, wish: &Reservation) -> Result<Reserved, StoreError> {
        let span = wish.interval * i32::try_from(wish.count).unwrap_or(i32::MAX);
        for _ in 0..TRIES {
            // While nobody is ahead of us, the gate stands at a moment that is over.
            let from_now = self
                .update_gate("SET next_at = :next")
                .condition_expression(format!("{OPEN} AND {TRUSTED} AND {BEHIND}"))
                .expression_attribute_values(":next", number(wish.now + span))
                .expression_attribute_values(":now", number(wish.now));
            let Met::Other(item) = self.change(from_now).await? else { return Ok(Reserved::From(wish.now)) };
            let state = state(&item).map_err(permanent)?;
            if let Some(stop) = state.stopped {
                return Ok(Reserved::Stopped(stop));
            }
            if let Some(trial_at) = state.trial_at {
                let moment = trial_at.max(wish.now).max(state.next_at.unwrap_or(wish.now));
                if moment >= wish.latest {
                    return Ok(Reserved::Full(moment));
                }
                if self.reserve_trial(trial_at, moment, wish).await? {
                    return Ok(Reserved::Trial(moment));
                }
                continue;
            }
            if let Some(next_at) = state.next_at.filter(|next_at| *next_at >= wish.latest) {
                return Ok(Reserved::Full(next_at));
            }
            let after_others = self
                .update_gate("SET next_at = next_at + :span")
                .condition_expression(format!(
                    "{OPEN} AND {TRUSTED} AND next_at >= :now AND next_at < :latest"
                ))
                .expression_attribute_values(":span", AttributeValue::N(span.as_micros().to_string()))
                .expression_attribute_values(":now", number(wish.now))
                .expression_attribute_values(":latest", number(wish.latest));
            if let Met::Done(item) = self.change(after_others).await? {
                let next_at = self::state(&item).map_err(permanent)?.next_at;
                let next_at = next_at.ok_or_else(|| permanent(Unreadable("next_at")))?;
                return Ok(Reserved::From(next_at - span));
            }
        }
        Err(StoreError::Conflict)
    }

    async fn hold(&self, until: Timestamp) -> Result<(), StoreError> {
        let update = self
            .update_gate("SET next_at = :now")
            .condition_expression(BEHIND)
            .expression_attribute_values(":now", number(until));
        self.change(update).await.map(|_| ())
    }

    async fn doubt(&self, trial_at: Timestamp) -> Result<(), StoreError> {
        let update = self
            .update_gate("SET trial_at = :at")
            .condition_expression(TRUSTED)
            .expression_attribute_values(":at", number(trial_at));
        self.change(update).await.map(|_| ())
    }

    async fn trust(&self) -> Result<(), StoreError> {
        self.change(self.update_gate("REMOVE trial_at")).await.map(|_| ())
    }

    async fn stop(&self, stop: &Stop) -> Result<(), StoreError> {
        let update = self
            .update_gate("SET stopped = :stop")
            .condition_expression(OPEN)
            .expression_attribute_values(":stop", reason(stop));
        self.change(update).await.map(|_| ())
    }

    async fn stop_confirmations(&self, stop: &Stop) -> Result<(), StoreError> {
        let update = self
            .update_gate("SET confirmations_stopped = :stop")
            .condition_expression("attribute_not_exists(confirmations_stopped)")
            .expression_attribute_values(":stop", reason(stop));
        self.change(update).await.map(|_| ())
    }

    async fn resume(&self) -> Result<(), StoreError> {
        for (key, _) in self.days(keys::DAYS, keys::DAYS_END).await? {
            let item = self.client.delete_item().table_name(&self.table);
            let item = item.key("PK", text(keys::SENDING)).key("SK", text(&key));
            let doubt = Doubt::default();
            let deleted = item.customize().interceptor(doubt.clone()).send().await;
            deleted.map_err(|error| failure::of_write("DeleteItem", error, &doubt))?;
        }
        self.change(self.update_gate("REMOVE stopped, confirmations_stopped, trial_at")).await.map(|_| ())
    }

    async fn count(&self, told: Told, now: Timestamp) -> Result<Told, StoreError> {
        let today = now.to_zoned(TimeZone::UTC).date();
        let mut update = self
            .update(&keys::day_sk(today))
            .update_expression(format!(
                "{SET_EXPIRY} ADD {}",
                COUNTED.map(|name| format!("{name} :{name}")).join(", ")
            ))
            .expression_attribute_values(":expires", AttributeValue::N((now + KEPT).as_second().to_string()));
        let counts = [told.all, told.confirmations].map(|of| [of.delivered, of.bounced, of.complained]);
        for (name, count) in COUNTED.into_iter().zip(counts.into_iter().flatten()) {
            update =
                update.expression_attribute_values(format!(":{name}"), AttributeValue::N(count.to_string()));
        }
        self.change(update).await?;
        self.counted(now).await
    }

    async fn count_confirmation(&self, hour: Timestamp) -> Result<u32, StoreError> {
        let expires = AttributeValue::N((hour + KEPT).as_second().to_string());
        let update = self
            .update(&keys::confirmations_sk(hour))
            .update_expression(format!("{SET_EXPIRY} ADD confirmations :one"))
            .expression_attribute_values(":expires", expires)
            .expression_attribute_values(":one", AttributeValue::N("1".into()));
        let (Met::Done(item) | Met::Other(item)) = self.change(update).await?;
        confirmations(&item).map_err(permanent)
    }

    async fn confirmations(&self, hour: Timestamp) -> Result<u32, StoreError> {
        let item = self.sending(&keys::confirmations_sk(hour)).await?;
        item.map_or(Ok(0), |item| confirmations(&item).map_err(permanent))
    }

    async fn state(&self) -> Result<GateState, StoreError> {
        let item = self.sending(keys::GATE).await?;
        item.map_or(Ok(GateState::default()), |item| state(&item).map_err(permanent))
    }
}

impl Store {
    /// What was told of e-mails within the last [`DAYS_COUNTED`] days, or since somebody resumed.
    pub async fn counted(&self, now: Timestamp) -> Result<Told, StoreError> {
        let today = now.to_zoned(TimeZone::UTC).date();
        let first = today.saturating_sub((DAYS_COUNTED - 1).days());
        let mut sum = Told::default();
        for (_, of_day) in self.days(&keys::day_sk(first), &keys::day_sk(today)).await? {
            sum += of_day;
        }
        Ok(sum)
    }

    /// Takes the trial that was seen, unless another worker was faster.
    async fn reserve_trial(
        &self,
        seen: Timestamp,
        moment: Timestamp,
        wish: &Reservation,
    ) -> Result<bool, StoreError> {
        let update = self
            .update_gate("SET trial_at = :later, next_at = :next")
            .condition_expression(format!(
                "{OPEN} AND trial_at = :seen AND (attribute_not_exists(next_at) OR next_at <= :moment)"
            ))
            .expression_attribute_values(":later", number(moment + BETWEEN_TRIALS))
            .expression_attribute_values(":next", number(moment + wish.interval))
            .expression_attribute_values(":seen", number(seen))
            .expression_attribute_values(":moment", number(moment));
        Ok(matches!(self.change(update).await?, Met::Done(_)))
    }

    async fn sending(&self, sort_key: &str) -> Result<Option<Item>, StoreError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("PK", text(keys::SENDING))
            .key("SK", text(sort_key))
            .consistent_read(true);
        let answer = request.send().await.map_err(|error| failure::of_read("GetItem", error))?;
        Ok(answer.item)
    }

    fn update_gate(&self, expression: &str) -> UpdateItemFluentBuilder {
        self.update(keys::GATE).update_expression(expression)
    }

    fn update(&self, sort_key: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key("PK", text(keys::SENDING))
            .key("SK", text(sort_key))
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// What was counted on the days between two sort keys.
    async fn days(&self, from: &str, to: &str) -> Result<Vec<(String, Told)>, StoreError> {
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("PK = :sending AND SK BETWEEN :from AND :to")
            .expression_attribute_values(":sending", text(keys::SENDING))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":to", text(to));
        let answer = request.send().await.map_err(|error| failure::of_read("Query", error))?;
        let items = answer.items.unwrap_or_default();
        Ok(items.iter().filter_map(|item| Some((item.get("SK")?.as_s().ok()?.clone(), told(item)))).collect())
    }

    async fn change(&self, update: UpdateItemFluentBuilder) -> Result<Met, StoreError> {
        let doubt = Doubt::default();
        match update.customize().interceptor(doubt.clone()).send().await {
            Ok(done) => Ok(Met::Done(done.attributes.unwrap_or_default())),
            Err(SdkError::ServiceError(answer)) if is_condition(answer.err()) => match answer.into_err() {
                UpdateItemError::ConditionalCheckFailedException(failed) => {
                    Ok(Met::Other(failed.item.unwrap_or_default()))
                }
                _ => Ok(Met::Other(Item::new())),
            },
            Err(error) => Err(failure::of_write("UpdateItem", error, &doubt)),
        }
    }
}

fn told(item: &Item) -> Told {
    let count = |name: &str| item.get(name).and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or(0);
    let [delivered, bounced, complained, of_delivered, of_bounced, of_complained] = COUNTED.map(count);
    let confirmations =
        Deliveries { delivered: of_delivered, bounced: of_bounced, complained: of_complained };
    Told { all: Deliveries { delivered, bounced, complained }, confirmations }
}

fn confirmations(item: &Item) -> Result<u32, Unreadable> {
    let count = item.get("confirmations").and_then(|count| count.as_n().ok()?.parse().ok());
    count.ok_or(Unreadable("confirmations"))
}

fn is_condition(error: &UpdateItemError) -> bool {
    matches!(error, UpdateItemError::ConditionalCheckFailedException(_))
}

fn state(item: &Item) -> Result<GateState, Unreadable> {
    let at = |name| item.get(name).map(|value| moment(value).ok_or(Unreadable(name))).transpose();
    let stopped = item.get("stopped").map(|value| stop(value).ok_or(Unreadable("stopped"))).transpose()?;
    let confirmations = item.get("confirmations_stopped");
    let confirmations = confirmations.map(|value| stop(value).ok_or(Unreadable("confirmations_stopped")));
    Ok(GateState {
        next_at: at("next_at")?,
        trial_at: at("trial_at")?,
        stopped,
        confirmations_stopped: confirmations.transpose()?,
    })
}

fn reason(stop: &Stop) -> AttributeValue {
    AttributeValue::M(HashMap::from([
        ("because".to_owned(), AttributeValue::S(stop.because.clone())),
        ("since".to_owned(), number(stop.since)),
    ]))
}

fn stop(value: &AttributeValue) -> Option<Stop> {
    let parts = value.as_m().ok()?;
    Some(Stop { because: parts.get("because")?.as_s().ok()?.clone(), since: moment(parts.get("since")?)? })
}

/// Microseconds since 1970: moments lie closer together than a millisecond at high rates.
fn number(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.as_microsecond().to_string())
}

fn moment(value: &AttributeValue) -> Option<Timestamp> {
    Timestamp::from_microsecond(value.as_n().ok()?.parse().ok()?).ok()
}

fn permanent(error: Unreadable) -> StoreError {
    StoreError::Permanent(Box::new(error))
}
