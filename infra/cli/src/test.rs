//! `sillon test`: rehearses the scenarios, and says which did not come true.

use std::process::ExitCode;

use rehearsal::scenario::{self, Scenario};

use crate::terminal::{coloured, count, print, print_line};
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
    let Some(bundle) = crate::infra::bundle_or_findings(infra, arguments.format)? else {
        return Ok(ExitCode::from(1));
    };
    let read = scenario::read(infra, &bundle);
    let faulty = read.findings.iter().any(|finding| finding.severity == campaign_file::Severity::Error);
    if faulty && arguments.format == Format::Json {
        return crate::infra::tell(&read.findings, arguments.format);
    }
    eprint!("{}", campaign_file::render(&read.findings, coloured(&std::io::stderr())));
    for name in wanted {
        let known = bundle.campaigns.keys().any(|id| id.as_str() == name)
            || read.scenarios.iter().any(|scenario| is(scenario, name));
        if !known && !faulty {
            let scenarios = read.scenarios.iter().map(|Scenario { campaign, name: own, .. }| {
                if name.contains('/') { format!("{campaign}/{own}") } else { own.clone() }
            });
            let campaigns = bundle.campaigns.keys().map(ToString::to_string);
            let names: Vec<String> = campaigns.chain(scenarios).collect();
            let help = campaign_file::tree::mend(name, names.iter().map(String::as_str), "");
            let message = format!("`{name}` is neither a campaign nor a scenario of {}", infra.display());
            return Err(WrongUse(format!("{message}; {help}")).into());
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
        print_line(scenario::to_json(&outcomes))?;
    } else {
        print(scenario::to_text(&outcomes, coloured(&std::io::stdout())))?;
        print_line(format_args!("{}: {failed} failed.", count(outcomes.len(), "scenario")))?;
    }
    Ok(ExitCode::from(u8::from(failed > 0 || faulty)))
}

/// By its campaign, its name, both, or its file.
fn is(scenario: &Scenario, wanted: &str) -> bool {
    let Scenario { campaign, name, file, .. } = scenario;
    campaign.as_str() == wanted || name == wanted || file == wanted || format!("{campaign}/{name}") == wanted
}
