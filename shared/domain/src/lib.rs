//! The pure core of Sillon: leads, campaigns, and the two functions that everything else serves, [`decide()`] and
//! [`evolve()`]. Nothing here does I/O, reads a clock or draws a random number.

pub mod activity;
pub mod agent;
pub mod attribution;
pub mod bundle;
pub mod calendar;
pub mod campaign;
pub mod computed;
pub mod condition;
pub mod consent;
pub mod decide;
pub mod deliverability;
mod email_address;
pub mod evolve;
pub mod experiment;
pub mod expression;
pub mod form;
pub mod history;
mod ids;
pub mod input;
pub mod lead;
pub mod lot;
pub mod organisation;
pub mod schedule;
pub mod score;
pub mod sequence;
mod stage;
pub mod template;
pub mod traits;
pub mod zone;

pub use activity::{Activity, Fact};
pub use bundle::Bundle;
pub use campaign::Campaign;
pub use condition::{Condition, Facts};
pub use decide::{Decision, decide};
pub use email_address::{EmailAddress, InvalidEmail};
pub use evolve::{evolve, fold};
pub use expression::Expression;
pub use ids::{
    CampaignId, EmailName, InputId, InvalidId, LeadId, LeadKey, Locale, PartialName, SendId, SenderId,
    StepId, Tag, TopicId, VariantId, WebhookId,
};
pub use input::{Input, InputBody, Rejection};
pub use lead::Lead;
pub use organisation::Organisation;
pub use score::{Grade, Score, Temperature};
pub use stage::Stage;
pub use traits::{TraitType, TraitValue, Traits};

/// The step that confirmation e-mails bear; no step of a sequence may take it.
pub const CONFIRM_STEP: &str = "confirm";
/// The step that an e-mail with a link to a lead's own data bears.
pub const ACCESS_STEP: &str = "access";
/// What the inbox shows as the step of every alert.
pub const ALERT_STEP: &str = "alert";
