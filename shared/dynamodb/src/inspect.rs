//! Reads a profile with all that its item says beside it: what the index, and whoever looks at the item, go by.

use app::ports::{StoreError, Stored};
use domain::LeadId;

use crate::item::{self, Item};
use crate::store::{text, unreadable};
use crate::{Store, failure, keys};

/// What a state does not say: when it was written, how often it failed since; and the state itself, whose spelling is that of
/// the version that wrote it.
const BESIDE: [&str; 6] = ["nudge", "failures", "failed_at", "set_aside", "set_aside_at", "state"];

/// A profile as it stands in the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspected {
    /// What it holds.
    pub stored: Stored,
    /// The attributes of its item that are not what its state says, such as `due_sk`.
    pub other: Vec<String>,
}

impl Store {
    /// Reads a lead's profile and compares its item with its state. A lead that is set aside rightly stands outside the index.
    pub async fn inspect(&self, lead: &LeadId) -> Result<Option<Inspected>, StoreError> {
        let request = self.client.get_item().table_name(&self.table);
        let request = request.key("PK", text(&keys::lead_pk(lead))).key("SK", text(keys::PROFILE));
        let answer = request.consistent_read(true).send().await;
        let Some(item) = answer.map_err(|error| failure::of_read("GetItem", error))?.item else {
            return Ok(None);
        };
        let stored = item::stored(item.clone()).map_err(unreadable)?;
        let other = other(item, &stored, self.shards_written()).map_err(unreadable)?;
        Ok(Some(Inspected { stored, other }))
    }
}

fn other(mut item: Item, stored: &Stored, shards: u32) -> Result<Vec<String>, item::ItemError> {
    let lead = &stored.lead;
    let shards = item.get("due_pk").and_then(|value| keys::shards_of(value.as_s().ok()?)).unwrap_or(shards);
    let mut expected = item::profile(lead, stored.version, lead.created_at, shards)?;
    if item.contains_key("set_aside") {
        expected.remove("due_pk");
        expected.remove("due_sk");
    }
    for name in BESIDE {
        item.remove(name);
        expected.remove(name);
    }
    let names = item.keys().chain(expected.keys().filter(|name| !item.contains_key(*name)));
    let differs = |name: &&String| item.get(*name) != expected.get(*name);
    let mut other: Vec<String> = names.filter(differs).cloned().collect();
    other.sort();
    Ok(other)
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use domain::{EmailAddress, Lead};

    use super::*;

    fn stored() -> Stored {
        let id = LeadId::parse("00112233445566778899aabbccddeeff").expect("an id");
        let email = EmailAddress::parse("ada@example.com").expect("an address");
        let mut lead = Lead::new(id, email, "2027-01-01T00:00:00Z".parse().expect("a time"));
        lead.kept_until = Some("2027-01-02T00:00:00Z".parse().expect("a time"));
        Stored { lead, version: 3 }
    }

    #[test]
    fn an_item_is_what_its_state_says() {
        let stored = stored();
        let written = item::profile(&stored.lead, 3, stored.lead.created_at, 16).expect("an item");
        let changed = |change: &dyn Fn(&mut Item)| {
            let mut item = written.clone();
            change(&mut item);
            other(item, &stored, 4).expect("an item")
        };
        let put = |name: &'static str, value: &'static str| {
            move |item: &mut Item| drop(item.insert(name.into(), text(value)))
        };
        assert_eq!(changed(&|_| ()), Vec::<String>::new(), "under another number of shards, too");
        assert_eq!(changed(&put("due_sk", "2027-01-03T00:00:00.000Z#x")), ["due_sk"]);
        assert_eq!(changed(&put("due_pk", "DUE#16#99")), ["due_pk"]);
        assert_eq!(changed(&put("stage", "customer")), ["stage"]);
        let leaves = |item: &mut Item| ["due_pk", "due_sk"].iter().for_each(|name| drop(item.remove(*name)));
        assert_eq!(changed(&leaves), ["due_pk", "due_sk"]);
        assert_eq!(changed(&|item| (leaves(item), put("set_aside", "why")(item)).1), Vec::<String>::new());
        let failures = AttributeValue::N("2".into());
        let fails = |item: &mut Item| {
            item.insert("failures".into(), failures.clone());
            item.insert("failed_at".into(), text("2027-01-02T00:00:00.000Z"));
            item.remove("nudge");
        };
        assert_eq!(changed(&fails), Vec::<String>::new());
    }
}
