//! How a crowd that is due at once drains: how much memory the workers need, how fast they are, and how much of the carrier's
//! rate they use. `tests/bench/README.md` says more.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a benchmark, which reads the clock")]

#[path = "../../../shared/app/tests/support/drain.rs"]
mod ground;

mod crowd;
mod engine;
mod runs;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use runs::{Figures, Run};

#[derive(Parser)]
struct Arguments {
    /// How many leads are due at once, in one run after the other.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 100_000, 1_000_000])]
    leads: Vec<usize>,
    /// How long each of these runs lasts at most.
    #[arg(long, default_value_t = 45)]
    seconds: i64,
    /// E-mails a second that the carrier takes, in one run after the other.
    #[arg(long, value_delimiter = ',', default_values_t = [14, 100, 500])]
    rates: Vec<usize>,
    /// After how many e-mails each of these runs ends.
    #[arg(long, default_value_t = 20_000)]
    emails: usize,
    /// Where the tables are written, and deleted in the end.
    #[arg(long, default_value = "target/bench/drain")]
    folder: PathBuf,
    /// One run, in a process of its own.
    #[arg(long, hide = true)]
    run: Option<String>,
    /// What `cargo bench` says.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let arguments = Arguments::parse();
    if let Some(run) = &arguments.run {
        return serde_json::from_str::<Run>(run).unwrap().run();
    }
    std::fs::create_dir_all(&arguments.folder).unwrap();
    let of = |leads: &usize| arguments.folder.join(format!("{leads}.sqlite"));
    for leads in &arguments.leads {
        child(&Run::Seed { file: of(leads), leads: *leads }, "writing the table").1.wait().unwrap();
    }
    println!("{:>10} due  {:>9}  {:>7}  {:>9}  {:>9}", "leads", "e-mails", "a second", "peak MiB", "ratio");
    let mut first = None;
    for leads in &arguments.leads {
        let figures = as_fast_as_it_can(&of(leads), arguments.seconds);
        let ratio = figures.peak_mib / *first.get_or_insert(figures.peak_mib);
        let Figures { accepted, seconds, peak_mib, .. } = figures;
        let a_second = accepted as f64 / seconds;
        println!("{leads:>10} due  {accepted:>9}  {a_second:>7.0}  {peak_mib:>9.1}  {ratio:>9.2}");
    }
    let most = arguments.leads.iter().max().unwrap();
    println!("\n{:>9}  {:>9}  {:>9}  {:>9}  {:>9}", "a second", "by others", "e-mails", "used", "refused");
    for rate in &arguments.rates {
        for others in [0, rate / 2] {
            let run = Run::Paced { file: of(most), rate: *rate, others, emails: arguments.emails };
            let (figures, _) = child(&run, &format!("{rate} a second, {others} by others"));
            let Figures { accepted, refused, seconds, .. } = figures.unwrap();
            let used = 100.0 * accepted as f64 / seconds / (rate - others) as f64;
            let refused = 100.0 * refused as f64 / (accepted + refused) as f64;
            println!("{rate:>9}  {others:>9}  {accepted:>9}  {used:>8.1}%  {refused:>8.3}%");
        }
    }
    std::fs::remove_dir_all(&arguments.folder).unwrap();
}

/// The table in one process, tick and workers in another, whose memory is measured.
fn as_fast_as_it_can(file: &Path, seconds: i64) -> Figures {
    let mut table = start(&Run::Table { file: file.to_owned() });
    let mut endpoint = String::new();
    BufReader::new(table.stdout.as_mut().unwrap()).read_line(&mut endpoint).unwrap();
    let run = Run::Fast { endpoint: endpoint.trim().to_owned(), seconds };
    let (figures, _) = child(&run, "sending");
    table.kill().unwrap();
    table.wait().unwrap();
    figures.unwrap()
}

fn start(run: &Run) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("--run").arg(serde_json::to_string(run).unwrap());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap()
}

/// Runs it, shows how far it is, and answers its figures, if it has any.
fn child(run: &Run, what: &str) -> (Option<Figures>, Child) {
    let mut child = start(run);
    let style = ProgressStyle::with_template("{msg} {bar:30} {pos} of {len}, {elapsed}").unwrap();
    let bar = ProgressBar::new(run.length()).with_style(style).with_message(what.to_owned());
    let mut figures = None;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        match line.parse() {
            Ok(done) => bar.set_position(done),
            Err(_) => figures = Some(serde_json::from_str(&line).unwrap()),
        }
    }
    bar.finish_and_clear();
    (figures, child)
}
