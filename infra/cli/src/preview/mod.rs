//! `sillon preview`: every e-mail as its readers will see it, and what a careful colleague would say of it.

mod files;
mod mails;
mod once;
mod pages;
mod routes;
pub mod samples;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;

use crate::{Format, Infra};

#[derive(clap::Args)]
pub struct Arguments {
    /// Where to listen; a loopback address, since nothing here asks for a password.
    #[arg(long, default_value = "127.0.0.1:8788", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    #[command(flatten)]
    infra: Infra,
    /// Leads to show the e-mails for, besides those of `campaigns/<campaign>/preview.yaml`.
    #[arg(long, value_name = "FILE")]
    lead: Option<PathBuf>,
    /// Print what is to be said of the e-mails, and end: 1 if something is wrong with one.
    #[arg(long)]
    once: bool,
    /// How to print it.
    #[arg(long, default_value = "text", requires = "once")]
    format: Format,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    crate::loopback::must_be_loopback(arguments.listen)?;
    let files = files::Files::new(arguments.infra.folder.clone(), arguments.lead.clone());
    if arguments.once {
        return once::run(&files.load(), arguments.format == Format::Json, now());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(serve(arguments.listen, files))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(listen: SocketAddr, files: files::Files) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind(listen).await.with_context(|| {
        format!("{listen} is taken: is another `sillon preview` running? Choose another with --listen")
    })?;
    let address = listener.local_addr()?;
    let greeting = format!(
        "Sillon is at http://{address}/\nThe page follows the files of {}. Ctrl-C stops.\n",
        files.infra().display()
    );
    // Whoever started us may not listen; that is no reason to stop.
    let _ = std::io::stdout().write_all(greeting.as_bytes());
    let interrupted = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    axum::serve(listener, routes::router(Arc::new(files))).with_graceful_shutdown(interrupted).await?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "this is where the time comes in")]
fn now() -> Timestamp {
    Timestamp::now()
}
