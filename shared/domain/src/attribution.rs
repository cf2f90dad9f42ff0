//! Attribution: where a lead came from, the first time and the last.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One arrival. Texts are as the visitor's browser told them, cut to 500 characters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Touch {
    /// `utm_source`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_source: Option<String>,
    /// `utm_medium`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_medium: Option<String>,
    /// `utm_campaign`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_campaign: Option<String>,
    /// `utm_term`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_term: Option<String>,
    /// `utm_content`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_content: Option<String>,
    /// The page before the landing page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
    /// The page that holds the form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landing_page: Option<String>,
}

/// The first and the last touch.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// Never changes once set.
    pub first: Option<Arrival>,
    /// The latest one.
    pub last: Option<Arrival>,
}

/// A touch and its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arrival {
    /// When.
    pub at: Timestamp,
    /// From where.
    #[serde(flatten)]
    pub touch: Touch,
}

impl Touch {
    /// Whether it tells nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Attribution {
    /// Takes note of an arrival that tells something.
    pub fn touch(&mut self, at: Timestamp, touch: &Touch) {
        if touch.is_empty() {
            return;
        }
        let arrival = Arrival { at, touch: touch.clone() };
        self.first.get_or_insert_with(|| arrival.clone());
        self.last = Some(arrival);
    }
}
