//! Campaigns that are edited while `sillon dev` runs: it goes on with them as soon as they have no fault.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use app::ports::Clock;
use axum::extract::FromRef;
use campaign_file::Reading;
use domain::Bundle;

use super::Dev;
use crate::stamp;
use crate::terminal::coloured;

/// How often one looks. An edit counts once nothing was written between two looks: editors save in several steps.
const EACH: Duration = Duration::from_millis(400);

/// What runs now; an edit puts another in its place. Whoever is at work meanwhile ends it with the one it began with.
#[derive(Clone)]
pub struct Running(Arc<RwLock<Arc<Dev>>>);

impl Running {
    pub fn new(dev: Dev) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(dev))))
    }

    pub fn now(&self) -> Arc<Dev> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn go_on_with(&self, dev: Dev) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(dev);
    }

    /// Goes on with what was read; or as before, and says why not. Answers whether leads to whom nothing happens are to be
    /// looked at again.
    fn take_up(&self, reading: Reading, data: &Path) -> anyhow::Result<bool> {
        let before = self.now();
        let Reading { bundle, findings, .. } = reading;
        let Some(bundle) = bundle else {
            let told = campaign_file::render(&findings, coloured(&std::io::stderr()));
            eprint!("{told}The campaigns have faults: `sillon dev` goes on with those from before.\n\n");
            let faults = Some(campaign_file::render(&findings, false));
            self.go_on_with(before.with(before.app.bundle.clone(), faults)?);
            return Ok(false);
        };
        if bundle.content_hash != before.app.bundle.content_hash {
            super::keep(&bundle, data)?;
            eprintln!("The campaigns were edited: `sillon dev` goes on with them.");
        } else if before.faults.is_none() {
            return Ok(false);
        }
        let wanted = whom_time_reaches(&bundle) != whom_time_reaches(&before.app.bundle);
        self.go_on_with(before.with(bundle, None)?);
        Ok(wanted)
    }
}

impl FromRef<Running> for Arc<Dev> {
    fn from_ref(running: &Running) -> Self {
        running.now()
    }
}

/// What decides over leads to whom nothing happens: whom audiences take in, and how long leads are kept.
fn whom_time_reaches(bundle: &Bundle) -> Option<serde_json::Value> {
    let audiences: Vec<_> = bundle
        .campaigns
        .values()
        .filter_map(|campaign| Some((&campaign.id, campaign.audience.as_ref()?, &campaign.exit_when)))
        .collect();
    let organisation = &bundle.organisation;
    let of_audiences =
        (!audiences.is_empty()).then_some((audiences, &organisation.segments, &organisation.score));
    serde_json::to_value((organisation.retention, of_audiences)).ok()
}

/// What `sillon look` does after a deployment; here at once, since there are few leads.
async fn look_again(dev: &Dev) -> anyhow::Result<()> {
    let now = dev.app.clock.now();
    for stored in dev.app.store.all_leads().await?.leads {
        app::look_again(&dev.app.store, &stored.lead.id, now, now).await?;
    }
    dev.send_due().await?;
    Ok(())
}

/// Looks for edits for ever. `read` is the state of the files that runs now.
pub async fn follow(running: Running, infra: PathBuf, data: PathBuf, mut read: String) {
    let mut seen = read.clone();
    loop {
        tokio::time::sleep(EACH).await;
        let state = stamp::of(&infra, None);
        let settled = seen == state;
        seen = state;
        if !settled || seen == read {
            continue;
        }
        read.clone_from(&seen);
        let folder = infra.clone();
        let Ok(reading) = tokio::task::spawn_blocking(move || campaign_file::read(&folder)).await else {
            continue;
        };
        let taken_up = match running.take_up(reading, &data) {
            Ok(true) => look_again(&running.now()).await,
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = taken_up {
            eprintln!("sillon: the edited campaigns cannot be taken up: {error:#}");
        }
    }
}
