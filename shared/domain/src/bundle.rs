//! The bundle: all of `infra/`, checked and compiled to what functions load.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::traits::WrongType;
use crate::{Campaign, CampaignId, Locale, Organisation, PartialName, TraitType, TraitValue, Traits};

/// The organisation and its campaigns. Only `campaign-file` makes one, so that whoever holds it need not check it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Bundle {
    /// SHA-256 of everything in it, in hexadecimal; says in logs which campaigns were live.
    pub content_hash: String,
    /// What holds for all campaigns.
    pub organisation: Organisation,
    /// The campaigns.
    pub campaigns: BTreeMap<CampaignId, Campaign>,
    /// Every trait that the organisation or a form declares.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub traits: BTreeMap<String, TraitType>,
    /// The texts that e-mails share, each a template, by name and language.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub partials: Partials,
}

/// Shared texts by name and language.
pub type Partials = BTreeMap<PartialName, BTreeMap<Locale, String>>;

impl Bundle {
    /// The traits that the organisation and the forms declare, for [`Bundle::traits`].
    pub fn declared_traits(
        organisation: &Organisation,
        campaigns: &BTreeMap<CampaignId, Campaign>,
    ) -> BTreeMap<String, TraitType> {
        let fields = campaigns.values().flat_map(Campaign::fields);
        let stated = fields.filter(|field| field.name != "email");
        let mut traits: BTreeMap<_, _> =
            stated.map(|field| (field.name.clone(), field.kind.trait_type())).collect();
        traits.extend(organisation.traits.clone());
        traits
    }

    /// The first digits of the content hash: enough to tell one deployment from another in a lead's log.
    pub fn short_hash(&self) -> &str {
        self.content_hash.get(..16).unwrap_or(&self.content_hash)
    }

    /// The traits as they are kept; those that nobody declares as they are. Fails with the first of another type.
    pub fn typed(&self, traits: &Traits) -> Result<Traits, (String, WrongType)> {
        let typed = |(name, value): (&String, &TraitValue)| {
            let value = match self.traits.get(name) {
                None => value.clone(),
                Some(declared) => declared.read(value).map_err(|wrong| (name.clone(), wrong))?,
            };
            Ok((name.clone(), value))
        };
        traits.iter().map(typed).collect()
    }

    /// The campaign of that name.
    pub fn campaign(&self, id: &CampaignId) -> Option<&Campaign> {
        self.campaigns.get(id)
    }

    /// Whether an event of that name is declared: by points, by a goal, or under `events`.
    pub fn declares_event(&self, name: &str) -> bool {
        let by_campaign = |campaign: &Campaign| {
            campaign.goal.as_deref() == Some(name) || campaign.score.points.contains_key(name)
        };
        self.organisation.score.points.contains_key(name)
            || self.organisation.events.iter().any(|event| event == name)
            || self.campaigns.values().any(by_campaign)
    }
}
