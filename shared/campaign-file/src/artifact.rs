//! The artifact: a bundle and its magnets as files, as a deployment takes them along.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use domain::campaign::Magnet;
use domain::{Bundle, CampaignId};
use sha2::{Digest, Sha256};

/// Why the artifact could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The disk refused.
    #[error("cannot write {path}")]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The bundle cannot be put into JSON.
    #[error("the bundle cannot be put into JSON")]
    Json(#[from] serde_json::Error),
    /// A magnet changed or vanished since the bundle was read.
    #[error("the files of the campaigns changed meanwhile: try again")]
    Changed,
}

/// Where a magnet's file lies below the artifact's folder: `files/<campaign>/<path>`.
pub fn magnet_path(campaign: &CampaignId, path: &str) -> PathBuf {
    Path::new("files").join(campaign.as_str()).join(path)
}

/// Writes `bundle.json` and the magnets into a folder, which is made if need be. `infra` is the folder that the
/// bundle was read from.
pub fn write(bundle: &Bundle, infra: &Path, folder: &Path) -> Result<(), WriteError> {
    let magnets = magnets(bundle, infra).map_err(|_| WriteError::Changed)?;
    if content_hash(bundle, &magnets)? != bundle.content_hash {
        return Err(WriteError::Changed);
    }
    for magnet in magnets {
        write_file(&folder.join(magnet_path(&magnet.campaign, &magnet.path)), &magnet.bytes)?;
    }
    // Last, so that a bundle never lies there without its files.
    write_file(&folder.join("bundle.json"), &serde_json::to_vec(bundle)?)
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let fault = |source| WriteError::Io { path: path.to_owned(), source };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(fault)?;
    }
    fs::write(path, bytes).map_err(fault)
}

/// A magnet's file.
pub(crate) struct MagnetFile {
    campaign: CampaignId,
    path: String,
    bytes: Vec<u8>,
}

/// Reads the magnets of all campaigns.
pub(crate) fn magnets(bundle: &Bundle, infra: &Path) -> io::Result<Vec<MagnetFile>> {
    let mut files = Vec::new();
    for (id, campaign) in &bundle.campaigns {
        if let Some(Magnet::File(path)) = &campaign.magnet {
            let bytes = fs::read(infra.join("campaigns").join(id.as_str()).join(path))?;
            files.push(MagnetFile { campaign: id.clone(), path: path.clone(), bytes });
        }
    }
    Ok(files)
}

/// SHA-256 over everything in the bundle and its magnets, in hexadecimal.
pub(crate) fn content_hash(bundle: &Bundle, magnets: &[MagnetFile]) -> Result<String, serde_json::Error> {
    let mut digest = Sha256::new();
    let mut part = |bytes: &[u8]| {
        // Each part after its length, so that no two contents run into one.
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    };
    part(&serde_json::to_vec(&bundle.organisation)?);
    part(&serde_json::to_vec(&bundle.campaigns)?);
    part(&serde_json::to_vec(&bundle.partials)?);
    for magnet in magnets {
        part(magnet.campaign.as_str().as_bytes());
        part(magnet.path.as_bytes());
        part(&magnet.bytes);
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
