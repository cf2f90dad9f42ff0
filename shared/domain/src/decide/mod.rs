//! decide
use jiff::Timestamp;
use crate::{Activity, Bundle, Input, Lead, Rejection, SendId};
/// d
#[derive(Debug, Clone)]
pub struct Decision { /** a */ pub lead: Lead, /** a */ pub activities: Vec<Activity>, /** a */ pub order: Option<SendId> }
/// d
pub fn decide(_b: &Bundle, _l: Option<&Lead>, _i: &Input, _now: Timestamp) -> Result<Decision, Rejection> { Err(Rejection::NothingToDo) }
