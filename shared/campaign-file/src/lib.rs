//! From the files of `infra/` to the bundle that functions load: every fault found, and found at its place.
//!
//! [`read`] goes in three strides. All files become trees that know where each value stands. Then the names that the
//! trees declare are gathered, so that any file may use what any other declares. Then readers walk the trees, each
//! over one kind of thing, and tell of everything that does not fit.

mod address;
mod artifact;
mod campaign;
mod condition;
mod currency;
mod email;
mod entry;
mod finding;
mod folder;
mod form;
mod magnet;
mod markdown;
mod mend;
mod nearest;
mod organisation;
mod parallel;
mod partial;
mod past;
mod reader;
mod removed_steps;
mod render;
mod rule;
mod sarif;
mod scalar;
mod scoring;
mod segments;
mod sequence;
mod settle;
mod shape;
mod source;
mod template;
mod time;
pub mod tree;
mod trial;
mod value;
mod vocabulary;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use domain::Bundle;

pub use artifact::{WriteError, magnet_path, write};
pub use finding::{Edit, Finding, Related, Severity};
pub use mend::{MendedFile, Mending, mend};
pub use past::past;
pub use render::{render, to_json};
pub use rule::Rule;
pub use sarif::to_sarif;
pub use settle::{SettleError, settle};
pub use shape::{DOCUMENTS, Document, reference, schema};
pub use time::{Unreadable, duration, window};
pub use trial::{answer, of_type};
pub use value::to_value;

use campaign::emails;
use domain::campaign::Campaign;
use finding::Findings;
use folder::{CampaignFolder, Folder};
use partial::Partials;
use reader::Reader;
use source::Source;
use vocabulary::Vocabulary;
use yaml::Node;

/// What came of reading `infra/`.
#[derive(Debug)]
pub struct Reading {
    /// None if there is an error among the findings.
    pub bundle: Option<Bundle>,
    /// Errors and warnings, by file, line and column.
    pub findings: Vec<Finding>,
}

impl Reading {
    /// Whether there is no bundle.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Reads and checks a folder that holds `sillon.yaml` and `campaigns/`. Its path stands before those of the findings.
pub fn read(infra: &Path) -> Reading {
    read_over(infra, &BTreeMap::new())
}

/// The same, with other texts in the place of some files.
fn read_over(infra: &Path, texts: &BTreeMap<PathBuf, String>) -> Reading {
    let findings = Findings::default();
    let bundle = read_bundle(infra, texts, &findings);
    let findings = findings.into_sorted();
    let good = findings.iter().all(|finding| finding.severity != Severity::Error);
    Reading { bundle: bundle.filter(|_| good), findings }
}

/// A campaign's folder, its tree, and what has been found in it.
type Part<'f> = ((&'f CampaignFolder, &'f Option<Node>), Findings);

/// What one thread read.
struct Lot {
    campaigns: Vec<Option<Campaign>>,
    findings: Vec<Findings>,
    partials_used: BTreeSet<String>,
}

/// Reads some of the campaigns. What they have in common, the partials, tells its findings once for each lot; they are
/// sorted out in the end.
fn read_lot(parts: Vec<Part<'_>>, folder: &Folder, vocabulary: &Vocabulary) -> Lot {
    let of_partials = Findings::default();
    let mut lot = Lot { campaigns: Vec::new(), findings: Vec::new(), partials_used: BTreeSet::new() };
    let partials =
        Partials::read(&folder.partials, |source| Reader { source, vocabulary, findings: &of_partials });
    for ((folder, root), findings) in parts {
        {
            let reader_of = |source| Reader { source, vocabulary, findings: &findings };
            let emails = emails(folder, root.as_ref(), &partials, reader_of);
            let reader = folder.campaign.as_ref().map(reader_of);
            lot.campaigns.push(campaign::read(reader, root.as_ref(), folder, &emails, &partials));
        }
        lot.findings.push(findings);
    }
    lot.partials_used = partials.into_used();
    lot.findings.push(of_partials);
    lot
}

fn read_bundle(infra: &Path, texts: &BTreeMap<PathBuf, String>, findings: &Findings) -> Option<Bundle> {
    let folder = folder::read(infra, texts, findings);
    let tree = |source: &Source, findings: &Findings| yaml::parse(source, 0..source.text.len(), findings);
    let organisation_tree = folder.organisation.as_ref().and_then(|source| tree(source, findings));
    let trees = parallel::map(folder.campaigns.iter().collect(), |campaigns: Vec<&CampaignFolder>| {
        let read = |campaign: &CampaignFolder| {
            let findings = Findings::default();
            let root = campaign.campaign.as_ref().and_then(|source| tree(source, &findings));
            (root, findings)
        };
        campaigns.into_iter().map(read).collect()
    });
    let (trees, of_campaigns): (Vec<Option<Node>>, Vec<Findings>) = trees.into_iter().unzip();
    let names = folder.campaigns.iter().map(|campaign| campaign.name.as_str());
    let campaign_roots: Vec<(&str, Option<&Node>)> = names.zip(trees.iter().map(Option::as_ref)).collect();
    let vocabulary = Vocabulary::gather(organisation_tree.as_ref(), &campaign_roots);

    let reader_of = |source| Reader { source, vocabulary: &vocabulary, findings };
    let organisation = folder
        .organisation
        .as_ref()
        .zip(organisation_tree.as_ref())
        .and_then(|(source, root)| organisation::read(reader_of(source), root));
    let partials = Partials::read(&folder.partials, reader_of);
    let parts = folder.campaigns.iter().zip(&trees).zip(of_campaigns).collect();
    let lots = parallel::map(parts, |parts: Vec<Part<'_>>| vec![read_lot(parts, &folder, &vocabulary)]);
    let mut campaigns = Vec::new();
    for lot in lots {
        campaigns.extend(lot.campaigns);
        lot.findings.into_iter().for_each(|more| findings.absorb(more));
        partials.mark_used(lot.partials_used);
    }
    partials.check_unused();

    let organisation = organisation?;
    let whole = campaigns.iter().all(Option::is_some);
    let campaigns = campaigns.into_iter().flatten().map(|campaign| (campaign.id.clone(), campaign)).collect();
    let traits = Bundle::declared_traits(&organisation, &campaigns);
    let content_hash = String::new();
    let mut bundle = Bundle { content_hash, organisation, campaigns, traits, partials: partials.texts() };
    trial::check(&bundle, &folder, findings);
    if !whole {
        return None;
    }
    let hash = artifact::magnets(&bundle, infra).map(|magnets| artifact::content_hash(&bundle, &magnets));
    match hash {
        Ok(Ok(hash)) => {
            bundle.content_hash = hash;
            Some(bundle)
        }
        Ok(Err(error)) => {
            findings.add_for_path(Severity::Error, infra, error.to_string(), "remove what JSON cannot hold");
            None
        }
        Err(error) => {
            findings.add_for_path(
                Severity::Error,
                infra,
                format!("a magnet cannot be read: {error}"),
                "try again",
            );
            None
        }
    }
}
