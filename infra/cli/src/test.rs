//! `sillon test`: rehearses the scenarios, and says which did not come true.

use std::io::IsTerminal;
use std::process::ExitCode;

use rehearsal::scenario::{self, Scenario};

use crate::check::count;
use crate::{Format, Infra, WrongUse};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    infra: Infra,
    /// Only these: a campaign, a scenario, or `campaign/scenario`.
    #[arg(value_name = "CAMPAIGN|SCENARIO")]
    only: Vec<String>,
    /// How to tell what came of them.
    #[arg(long, default_value = "text")]
    format: Format,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (infra, wanted) = (arguments.infra.folder.as_path(), &arguments.only);
    let Some(bundle) = crate::infra::bundle_or_findings(infra)? else { return Ok(ExitCode::from(1)) };
    let read = scenario::read(infra, &bundle);
    let faulty = read.findings.iter().any(|finding| finding.severity == campaign_file::Severity::Error);
    eprint!("{}", campaign_file::render(&read.findings, std::io::stderr().is_terminal()));
    for name in wanted {
        let known = bundle.campaigns.keys().any(|id| id.as_str() == name)
            || read.scenarios.iter().any(|scenario| is(scenario, name));
        if !known && !faulty {
            let message = format!("`{name}` is neither a campaign nor a scenario of {}", infra.display());
            return Err(WrongUse(message).into());
        }
    }
    let chosen = |scenario: &Scenario| wanted.is_empty() || wanted.iter().any(|name| is(scenario, name));
    let outcomes: Vec<_> = read
        .scenarios
        .into_iter()
        .filter(chosen)
        .map(|scenario| {
            let outcome = scenario::play(&bundle, &scenario);
            (scenario, outcome)
        })
        .collect();
    let failed = outcomes.iter().filter(|(_, outcome)| !outcome.failures.is_empty()).count();
    if arguments.format == Format::Json {
        println!("{}", scenario::to_json(&outcomes));
    } else {
        print!("{}", scenario::to_text(&outcomes, std::io::stdout().is_terminal()));
        println!("{}: {failed} failed.", count(outcomes.len(), "scenario"));
    }
    Ok(ExitCode::from(u8::from(failed > 0 || faulty)))
}

/// By its campaign, its name, both, or its file.
fn is(scenario: &Scenario, wanted: &str) -> bool {
    let Scenario { campaign, name, file, .. } = scenario;
    campaign.as_str() == wanted || name == wanted || file == wanted || format!("{campaign}/{name}") == wanted
}
