//! Where in the files a condition or a limit stands.

use std::path::Path;

use campaign_file::tree::{self, Content, Findings, Node, Source, Span};
use domain::{Bundle, CampaignId};

/// The files' trees.
#[derive(Default)]
pub(super) struct Places {
    organisation: Option<(Source, Node)>,
    campaigns: Vec<(CampaignId, Source, Node)>,
}

impl Places {
    /// Reads the files again; those that cannot be read tell no places.
    pub fn read(infra: &Path, bundle: &Bundle) -> Self {
        let open = |path: &Path| {
            let findings = Findings::default();
            let source = path.is_file().then(|| tree::open(path, &findings)).flatten()?;
            let root = tree::parse(&source, 0..source.text.len(), &findings)?;
            Some((source, root))
        };
        let campaign = |id: &CampaignId| {
            let path = infra.join("campaigns").join(id.as_str()).join("campaign.yaml");
            open(&path).map(|(source, root)| (id.clone(), source, root))
        };
        Self {
            organisation: open(&infra.join("sillon.yaml")),
            campaigns: bundle.campaigns.keys().filter_map(campaign).collect(),
        }
    }

    /// The first place in a campaign's file, or else the organisation's, at which a condition stands word for word.
    pub fn condition(&self, campaign: Option<&CampaignId>, source: &str) -> Option<String> {
        let own = self.campaigns.iter().filter(|(id, _, _)| Some(id) == campaign);
        let files = own.map(|(_, file, root)| (file, root));
        let organisation = self.organisation.iter().map(|(file, root)| (file, root));
        files.chain(organisation).find_map(|(file, root)| Some(shown(file, &find(root, source)?)))
    }

    /// The place of a key in the organisation's file: `["limits", "quiet_hours"]`.
    pub fn key(&self, path: &[&str]) -> Option<String> {
        let (file, root) = self.organisation.as_ref()?;
        let (last, above) = path.split_last()?;
        let node = above.iter().try_fold(root, |node, key| node.get(key))?;
        let entry = node.entries().iter().find(|entry| entry.key == *last)?;
        Some(shown(file, &entry.key_span))
    }

    /// The place of a key at the top of a campaign's file.
    pub fn campaign_key(&self, campaign: &CampaignId, key: &str) -> Option<String> {
        let (_, file, root) = self.campaigns.iter().find(|(id, _, _)| id == campaign)?;
        let entry = root.entries().iter().find(|entry| entry.key == key)?;
        Some(shown(file, &entry.key_span))
    }
}

fn shown(file: &Source, span: &Span) -> String {
    let place = file.place(span);
    format!("{}:{}:{}", file.path, place.line, place.column)
}

fn find(node: &Node, text: &str) -> Option<Span> {
    match &node.content {
        Content::Scalar(scalar) => (scalar.text == text).then(|| node.span.clone()),
        Content::List(items) => items.iter().find_map(|item| find(item, text)),
        Content::Map(entries) => entries.iter().find_map(|entry| find(&entry.value, text)),
    }
}
