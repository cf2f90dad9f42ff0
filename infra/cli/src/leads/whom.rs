//! Which lead a verb is about: by its address or its id.

use domain::{EmailAddress, LeadId};
use rehearsal::log::Log;

use super::Leads;
use crate::WrongUse;

/// One lead, as it was named.
#[derive(Debug, Clone)]
pub enum Whom {
    Id(LeadId),
    Address(EmailAddress),
}

impl Whom {
    pub fn parse(wanted: &str) -> Result<Self, WrongUse> {
        LeadId::parse(wanted)
            .map(Self::Id)
            .or_else(|_| EmailAddress::parse(wanted).map(Self::Address))
            .map_err(|_| WrongUse(format!("`{wanted}` is neither an address nor a lead's id")))
    }

    /// Reads leads until it comes, since nobody here has the key that makes ids of addresses.
    pub fn among(&self, mut leads: Leads) -> Option<Log> {
        leads.find(|log| match self {
            Self::Id(id) => log.lead == *id,
            Self::Address(email) => log.fold().is_ok_and(|lead| lead.email == *email),
        })
    }
}
