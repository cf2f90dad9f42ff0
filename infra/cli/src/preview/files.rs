//! The files behind the preview: read anew whenever one of them changed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use campaign_file::{Finding, Severity};
use domain::{Bundle, CampaignId};

use super::samples::{self, Sample};
use crate::stamp;

/// What was read at one time.
pub struct Loaded {
    /// Names the state of the files.
    pub stamp: String,
    /// None if there is an error among the findings.
    pub bundle: Option<Bundle>,
    pub findings: Vec<Finding>,
    /// Of `--lead`.
    leads: Vec<Sample>,
    /// Of `preview.yaml`, by campaign.
    own: Vec<(CampaignId, Vec<Sample>)>,
}

impl Loaded {
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Whom a campaign's e-mails are shown for: people the user named first, then made-up ones.
    pub fn samples(&self, bundle: &Bundle, campaign: &domain::Campaign) -> Vec<Sample> {
        let own = self.own.iter().filter(|(id, _)| *id == campaign.id).flat_map(|(_, samples)| samples);
        let named = self.leads.iter().chain(own).cloned();
        named.chain(samples::made_up(bundle, campaign)).collect()
    }
}

/// Where the files lie, and what they held last.
pub struct Files {
    infra: PathBuf,
    leads: Option<PathBuf>,
    last: Mutex<Option<Arc<Loaded>>>,
}

impl Files {
    pub fn new(infra: PathBuf, leads: Option<PathBuf>) -> Self {
        Self { infra, leads, last: Mutex::new(None) }
    }

    pub fn infra(&self) -> &Path {
        &self.infra
    }

    /// What the files hold now.
    pub fn load(&self) -> Arc<Loaded> {
        let stamp = self.stamp();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = last.as_ref().filter(|loaded| loaded.stamp == stamp) {
            return Arc::clone(loaded);
        }
        let loaded = Arc::new(self.read(stamp));
        *last = Some(Arc::clone(&loaded));
        loaded
    }

    fn read(&self, stamp: String) -> Loaded {
        let reading = campaign_file::read(&self.infra);
        let mut findings = reading.findings;
        let mut leads = Vec::new();
        // Campaigns with faults declare nothing for certain: their leads are not looked at.
        let known = reading.bundle.as_ref().map(samples::known).unwrap_or_default();
        if let Some(path) = self.leads.as_ref().filter(|_| reading.bundle.is_some()) {
            let (samples, faults) = samples::read(path, &known);
            leads = samples;
            findings.extend(faults);
        }
        let mut own = Vec::new();
        for id in reading.bundle.iter().flat_map(|bundle| bundle.campaigns.keys()) {
            let path = self.infra.join("campaigns").join(id.as_str()).join("preview.yaml");
            if path.is_file() {
                let (samples, faults) = samples::read(&path, &known);
                own.push((id.clone(), samples));
                findings.extend(faults);
            }
        }
        Loaded { stamp, bundle: reading.bundle, findings, leads, own }
    }

    /// Changes whenever a file comes, goes, or is written.
    pub fn stamp(&self) -> String {
        stamp::of(&self.infra, self.leads.as_deref())
    }
}
