//! Erasing under `sillon dev`: e-mails and notifications that concern the lead go, too, and the bytes of what the store
//! deleted.

use std::path::Path;

use domain::{EmailAddress, LeadId, LeadKey};

use super::Dev;
use super::inbox::Inbox;
use super::notifications::Notifications;
use super::store;

/// What no address holds: an address stands between two of them.
const BETWEEN: &[char] = &['<', '>', '(', ')', '[', ']', '"', '\'', ',', ';', ':', '&', '=', '?', '/', '\\'];

/// Whether the text names the lead by its address.
pub fn names(key: &LeadKey, lead: &LeadId, text: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || BETWEEN.contains(&c))
        .filter(|word| word.contains('@'))
        .filter_map(|word| EmailAddress::parse(word.trim_matches('.')).ok())
        .any(|address| LeadId::of(key, &address) == *lead)
}

impl Dev {
    /// After the lead was erased.
    pub fn forget(&self, lead: &LeadId) -> anyhow::Result<()> {
        self.inbox.forget(&self.app.lead_key, lead)?;
        self.notifications.forget(&self.app.lead_key, lead)?;
        store::purge(&self.data)
    }
}

/// The same in a folder in which no `sillon dev` runs.
pub fn forget(data: &Path, lead: &LeadId) -> anyhow::Result<()> {
    let key = LeadKey::new(super::LEAD_KEY)?;
    Inbox::open(data)?.forget(&key, lead)?;
    Notifications::forget_in(data, &key, lead)?;
    store::purge(data)
}
