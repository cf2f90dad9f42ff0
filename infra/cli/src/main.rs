//! The `sillon` command: what a marketer types.

mod aws;
mod bundle;
mod check;
mod dead_letters;
mod dev;
mod draw;
mod erase;
mod experiments;
mod export;
mod infra;
mod leads;
mod look;
mod loopback;
mod new;
mod plan;
mod preview;
mod repair;
mod schema;
mod score;
mod sending;
mod simulate;
mod stamp;
mod terminal;
mod test;
mod verify;
mod who;
mod why;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// Captures, scores and nurtures leads; campaigns are files.
#[derive(Parser)]
#[command(name = "sillon", version, after_help = "Begin with `sillon dev`, and open the page that it names.")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Run everything on this machine: forms, e-mails, scores, and a clock that you can move.
    ///
    /// No e-mail leaves: all of them land in an inbox that you read in the browser. Leads are kept between runs. Edits of
    /// the campaigns are taken up while it runs.
    Dev {
        /// Where to listen; a loopback address, since nothing here asks for a password.
        #[arg(long, default_value = "127.0.0.1:8787", value_name = "ADDRESS:PORT")]
        listen: SocketAddr,
        /// The folder that keeps leads, e-mails and the clock. Delete it to start afresh.
        #[arg(long, default_value = ".sillon", value_name = "FOLDER")]
        data: PathBuf,
        /// Refuse what one network posts beyond `limits.per_network`. Here every post comes from this machine.
        #[arg(long)]
        limit_networks: bool,
        /// Pass over what our own forms send sooner than `limits.fill_time`, as tests do.
        #[arg(long)]
        fill_time: bool,
        /// Ask Turnstile where the campaigns do, with the secret key in SILLON_TURNSTILE_SECRET. Without this, forms pass
        /// unasked here, and no page loads anything of Cloudflare's.
        #[arg(long)]
        turnstile: bool,
        #[command(flatten)]
        infra: Infra,
    },
    /// Begin a campaign from a template: form, sequence, e-mails and a scenario that you change to your own.
    New(new::Arguments),
    /// Look for faults in the campaigns: all of them at once, each with its place and its mend.
    Check {
        #[command(flatten)]
        infra: Infra,
        /// How to tell them.
        #[arg(long, default_value = "text")]
        format: CheckFormat,
        /// Mend what leaves no doubt, such as slips in names; comments and formatting stay.
        #[arg(long)]
        fix: bool,
        /// With `--fix`: only show what would change.
        #[arg(long, requires = "fix")]
        dry_run: bool,
    },
    /// See every e-mail in the browser: each language, variant and lead, on a desktop and on a phone.
    ///
    /// The page follows the files: what you save is what you see.
    Preview(preview::Arguments),
    /// Rehearse the scenarios of the campaigns in simulated time, and tell which do not come true.
    ///
    /// They stand in `campaigns/<campaign>/scenarios/<name>.yaml`.
    Test(test::Arguments),
    /// Tell what an edit would do before it is deployed: to the files, and to the leads on their way.
    ///
    /// Name the leads by --log, --data or --table to learn where they stand, what becomes of them, and what would leave
    /// within a day. Nothing is written.
    Plan(plan::Arguments),
    /// Weigh scoring rules by leads whose outcome is known.
    #[command(subcommand)]
    Score(score::Score),
    /// Tell what experiments have shown so far, and settle those that have a winner.
    ///
    /// Look as often as you like: the rule allows for it, and may end an experiment early.
    Experiments(experiments::Arguments),
    /// Draw campaigns as pictures, in SVG.
    Draw(draw::Arguments),
    /// Explain an e-mail or a score: which rule, condition or limit led to it, delayed it or stopped it.
    Why(why::Arguments),
    /// Have the leads that are there already looked at, after a deployment that changed who belongs to an audience, or how
    /// long leads are kept.
    ///
    /// Without it, a lead to whom nothing happens is not found by a new audience, nor erased after a shorter `retention`. Who
    /// enters or goes is decided by the campaigns that are deployed, when each look comes. What would come of it is rehearsed
    /// first: if more would leave than --allow says, nobody is looked at.
    Look(look::Arguments),
    /// Send many made-up leads through a campaign, in simulated time: a funnel, e-mails a day, and the cost.
    ///
    /// How often they confirm, open, click and convert is a guess, or given by a file, or learnt from leads that you
    /// have: name them with --log, --data or --table.
    Simulate(simulate::Arguments),
    /// Tell whether e-mails may leave; stop them, or let them leave again.
    ///
    /// Sending stops by itself at 4 % bounces or 0.08 % complaints, and when SES pauses the account. Exits with 1 while it
    /// is stopped. Name the store by --table or --data.
    Sending(sending::Arguments),
    /// List the leads that were set aside since they could not be served, or put them back.
    ///
    /// A lead is set aside after three failures that do not pass by themselves; the others go on. Exits with 1 while there
    /// are any. Name the store by --table or --data.
    Repair(repair::Arguments),
    /// Replay every lead's log, and tell where its profile is not what the log says.
    ///
    /// Also tells where an item in the table is not what its profile says, such as its place in the index of who is due.
    /// Tells places and never values. Exits with 1 if there is a difference. Name the store by --table or --data.
    Verify(verify::Arguments),
    /// Show the events that could not be applied, or send them back to be applied again.
    ///
    /// They wait in the stack's queues of dead letters for 14 days. What is shown names no lead. Exits with 1 while there
    /// are any.
    DeadLetters(dead_letters::Arguments),
    /// Write down every lead, or one, and all that happened to it, one lead a line.
    ///
    /// The file holds personal data: keep it as you keep the leads themselves, and delete it when it has served. That you
    /// read them is noted where the leads are.
    Export(export::Arguments),
    /// Erase a lead and all that is stored of it; what stays is a mark without address.
    ///
    /// With --again, after a restore from a backup, all those are erased again who had asked for it.
    Erase(erase::Arguments),
    /// Compile the campaigns into the layer that the functions load.
    ///
    /// The folder is what `template.yaml` expects; `sam deploy` uploads it.
    Bundle {
        #[command(flatten)]
        infra: Infra,
        /// Where to write it. What the folder held before is replaced.
        #[arg(long, default_value = "target/bundle", value_name = "FOLDER")]
        out: PathBuf,
    },
    /// Tell what the files may hold: as JSON Schema for editors, or as a page to read.
    Schema {
        /// The kind of file: `organisation`, `campaign`, …. All of them, if it is left out.
        kind: Option<String>,
        /// In which form.
        #[arg(long, default_value = "json")]
        format: SchemaFormat,
        /// The folder to write the schemas into. Without it, the one that is named is printed.
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
}

#[derive(clap::Args)]
struct Infra {
    /// The folder that holds `sillon.yaml` and `campaigns/`.
    #[arg(long = "infra", default_value = "infra", value_name = "FOLDER")]
    folder: PathBuf,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum CheckFormat {
    /// For people.
    Text,
    /// For programs: an array of findings.
    Json,
    /// For code hosts and editors: SARIF 2.1.0.
    Sarif,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum SchemaFormat {
    /// JSON Schema (2020-12).
    Json,
    /// The reference of all files, as one page.
    Markdown,
}

/// 0: done. 1: the campaigns have faults, or something failed. 2: wrong use.
fn main() -> ExitCode {
    let result = match Arguments::parse().verb {
        Verb::Dev { listen, data, limit_networks, fill_time, turnstile, infra } => dev::run(
            listen,
            &data,
            &infra.folder,
            dev::Asked { networks: limit_networks, fill_time, turnstile },
        ),
        Verb::Check { infra, format, fix: true, dry_run } => check::fix(&infra.folder, format, dry_run),
        Verb::Check { infra, format, .. } => check::run(&infra.folder, format),
        Verb::New(arguments) => new::run(&arguments),
        Verb::Plan(arguments) => plan::run(&arguments),
        Verb::Score(verb) => score::run(&verb),
        Verb::Export(arguments) => export::run(&arguments),
        Verb::Erase(arguments) => erase::run(&arguments),
        Verb::Preview(arguments) => preview::run(&arguments),
        Verb::Simulate(arguments) => simulate::run(&arguments),
        Verb::Look(arguments) => look::run(&arguments),
        Verb::Sending(arguments) => sending::run(&arguments),
        Verb::DeadLetters(arguments) => dead_letters::run(&arguments),
        Verb::Repair(arguments) => repair::run(&arguments),
        Verb::Verify(arguments) => verify::run(&arguments),
        Verb::Test(arguments) => test::run(&arguments),
        Verb::Experiments(arguments) => experiments::run(&arguments),
        Verb::Draw(arguments) => draw::run(&arguments),
        Verb::Why(arguments) => why::run(&arguments),
        Verb::Bundle { infra, out } => bundle::run(&infra.folder, &out),
        Verb::Schema { kind, format, out } => {
            schema::run(kind.as_deref(), format == SchemaFormat::Markdown, out.as_deref())
        }
    };
    result.unwrap_or_else(|error| {
        eprintln!("sillon: {error:#}");
        ExitCode::from(if error.is::<WrongUse>() { 2 } else { 1 })
    })
}

/// The command was called in a way that cannot work.
#[derive(Debug)]
struct WrongUse(String);

impl std::fmt::Display for WrongUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongUse {}
