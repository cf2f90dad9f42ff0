//! `sillon dev`: the five functions in one process, over an embedded DynamoDB, with an inbox and a clock.

mod challenge;
mod clock;
mod edits;
mod forget;
mod inbox;
mod kept;
mod lead_json;
mod notifications;
mod pages;
mod pretend;
mod reply;
mod routes;
mod sender;
pub mod store;

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use app::App;
use app::token::TokenKeys;
use domain::{Bundle, LeadKey};
use turnstile::Turnstile;
use web::WriteKeys;

use clock::DevClock;
use edits::Running;
pub use forget::forget;
use inbox::Inbox;
use notifications::Notifications;
use sender::Sender;

/// Not secret: whoever reaches a loopback address is the developer.
const LEAD_KEY: &str = "sillon dev lead key";
const TOKEN_KEYS: &str = "dev:sillon dev token key";
const WRITE_KEY: &str = "dev";

/// The app as it runs here.
pub type DevApp = App<dynamodb::Store, DevClock>;

/// Which limits hold here that would be in the way of somebody who tries the forms again and again.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// `limits.per_network`.
    pub networks: bool,
    /// `limits.fill_time`.
    pub fill_time: bool,
    /// `turnstile`.
    pub turnstile: bool,
}

impl Asked {
    /// The campaigns without the limits that nobody asked for.
    fn of(self, mut bundle: Bundle) -> Bundle {
        let organisation = &mut bundle.organisation;
        organisation.turnstile = organisation.turnstile.take().filter(|_| self.turnstile);
        let limits = &mut organisation.limits;
        limits.per_network = limits.per_network.filter(|_| self.networks);
        limits.fill_time = limits.fill_time.filter(|_| self.fill_time);
        bundle
    }
}

/// Everything that the routes need, with the campaigns as they were when it was made.
pub struct Dev {
    pub app: DevApp,
    /// Whom forms ask whether a person posts.
    pub challenge: Arc<Option<Turnstile>>,
    pub inbox: Arc<Inbox>,
    pub notifications: Notifications,
    pub sender: Arc<Sender>,
    pub write_keys: WriteKeys,
    /// The folder that keeps everything.
    pub data: Arc<Path>,
    /// What is wrong with the campaigns as they are edited now; they do not run.
    pub faults: Option<String>,
    asked: Asked,
}

impl Dev {
    /// The same with other campaigns.
    fn with(&self, bundle: Bundle, faults: Option<String>) -> anyhow::Result<Self> {
        let app = &self.app;
        Ok(Self {
            notifications: self.notifications.of(&bundle)?,
            app: App {
                bundle: self.asked.of(bundle),
                store: app.store.clone(),
                clock: app.clock.clone(),
                lead_key: app.lead_key.clone(),
                token_keys: app.token_keys.clone(),
                public_url: app.public_url.clone(),
                files: app.files.clone(),
            },
            challenge: Arc::clone(&self.challenge),
            inbox: Arc::clone(&self.inbox),
            sender: Arc::clone(&self.sender),
            write_keys: self.write_keys.clone(),
            data: Arc::clone(&self.data),
            faults,
            asked: self.asked,
        })
    }
}

/// The time as the clock of that folder has it.
pub fn time(data: &Path) -> anyhow::Result<jiff::Timestamp> {
    Ok(app::ports::Clock::now(&DevClock::open(data)?))
}

/// Keeps what runs here, for `sillon plan --deployed`.
fn keep(bundle: &Bundle, data: &Path) -> anyhow::Result<()> {
    let file = data.join("bundle.json");
    std::fs::write(&file, serde_json::to_vec(bundle)?)
        .with_context(|| format!("{}: cannot be written", file.display()))
}

pub fn run(listen: SocketAddr, data: &Path, infra: &Path, asked: Asked) -> anyhow::Result<ExitCode> {
    crate::loopback::must_be_loopback(listen)?;
    let challenge = asked.turnstile.then(challenge::turnstile).transpose()?;
    let read = crate::stamp::of(infra, None);
    let Some(bundle) = crate::infra::bundle_or_findings(infra, crate::Format::Text)? else {
        return Ok(ExitCode::from(1));
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(serve(listen, data, infra, bundle, read, asked, challenge))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(
    listen: SocketAddr,
    data: &Path,
    infra: &Path,
    bundle: Bundle,
    read: String,
    asked: Asked,
    challenge: Option<Turnstile>,
) -> anyhow::Result<()> {
    std::fs::create_dir_all(data).with_context(|| format!("{}: cannot be made", data.display()))?;
    let _lock = store::lock(data)?;
    keep(&bundle, data)?;
    let listener = tokio::net::TcpListener::bind(listen).await.with_context(|| {
        format!("{listen} is taken: is another `sillon dev` running? Choose another with --listen")
    })?;
    let address = listener.local_addr()?;
    let notifications = Notifications::open(data, &bundle)?;
    let app = App {
        bundle: asked.of(bundle),
        store: store::open(data).await?,
        clock: DevClock::open(data)?,
        lead_key: LeadKey::new(LEAD_KEY)?,
        token_keys: TokenKeys::parse(TOKEN_KEYS)?,
        public_url: format!("http://{address}"),
        files: infra.join("campaigns"),
    };
    let running = Running::new(Dev {
        app,
        challenge: Arc::new(challenge),
        inbox: Arc::new(Inbox::open(data)?),
        notifications,
        sender: Arc::default(),
        write_keys: WriteKeys::parse(WRITE_KEY)?,
        data: Arc::from(data),
        faults: None,
        asked,
    });
    greet(&running.now(), address);
    tokio::spawn(sender::send_every_second(running.clone()));
    tokio::spawn(edits::follow(running.clone(), infra.to_owned(), data.to_owned(), read));
    axum::serve(listener, routes::router(running)).with_graceful_shutdown(interrupted()).await?;
    Ok(())
}

fn greet(dev: &Dev, address: SocketAddr) {
    let campaigns = dev.app.bundle.campaigns.iter();
    let forms = campaigns.filter(|(_, campaign)| campaign.form.is_some()).map(|(id, _)| id);
    let forms: String = forms.map(|campaign| format!("  form     http://{address}/f/{campaign}\n")).collect();
    let greeting = format!(
        "Sillon is at http://{address}/\n{forms}  inbox    http://{address}/dev/inbox\n  leads    \
         http://{address}/dev/leads\nEdits of the campaigns are taken up. Events take the write key `{WRITE_KEY}`. Ctrl-C stops; \
         nothing is lost.\n"
    );
    // Whoever started us may not listen; that is no reason to stop.
    let _ = std::io::stdout().write_all(greeting.as_bytes());
}

async fn interrupted() {
    let _ = tokio::signal::ctrl_c().await;
}
