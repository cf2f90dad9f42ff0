//! `sillon erase`: a lead goes, with all that is stored of it; and goes again, after a restore brought it back.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use app::ErasedAgain;
use app::ports::Mark;

use crate::leads::{Opened, Store, Whom};
use crate::terminal::{count, print_line};
use crate::who::Who;

#[derive(clap::Args)]
pub struct Arguments {
    /// Whom to erase: the lead's address or its id.
    #[arg(value_name = "LEAD", required_unless_present_any = ["again", "marks"])]
    lead: Option<String>,
    #[command(flatten)]
    store: Store,
    #[command(flatten)]
    who: Who,
    /// After a restore from a backup: erase again all those that had asked for it, by the marks in --from.
    #[arg(long, requires = "from", conflicts_with = "lead")]
    again: bool,
    /// Where the marks are: the table as it was, or a file that `--marks` wrote.
    #[arg(long, value_name = "TABLE|FILE", requires = "again")]
    from: Option<String>,
    /// Print the marks of all leads that were erased, one a line. They hold no address: keep them apart from the backups.
    #[arg(long, conflicts_with_all = ["lead", "again"])]
    marks: bool,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Some(wanted) = &arguments.lead else { return with_marks(arguments) };
    let whom = Whom::parse(wanted)?;
    let by = arguments.who.name()?;
    let found = match whom {
        Whom::Id(id) => Some(id),
        whom => whom.among(arguments.store.leads()?).map(|log| log.lead),
    };
    let Some(lead) = found else {
        eprintln!("{}: there is no lead `{wanted}`", arguments.store);
        return Ok(ExitCode::from(1));
    };
    // Nobody else may be writing the files that are cleaned.
    let _lock = arguments.store.data().map(crate::dev::store::lock).transpose()?;
    let Opened { runtime, store } = arguments.store.open_to_write()?;
    let now = arguments.store.now()?;
    runtime.block_on(app::erase(&store, &lead, (now, Some(&by)), now))?;
    drop((store, runtime));
    if let Some(folder) = arguments.store.data() {
        crate::dev::forget(folder, &lead)?;
    }
    print_line(format_args!("{lead} is erased; a mark without address stays."))?;
    Ok(ExitCode::SUCCESS)
}

fn with_marks(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Some(from) = &arguments.from else {
        let Opened { runtime, store } = arguments.store.open()?;
        for mark in runtime.block_on(store.marks())? {
            print_line(serde_json::to_string(&mark)?)?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    let Opened { runtime, store } = arguments.store.open_to_write()?;
    // Nobody else may be writing the files that are cleaned.
    let _lock = arguments.store.data().map(crate::dev::store::lock).transpose()?;
    let marks = match Path::new(from) {
        file if file.is_file() => of_file(file)?,
        _ => runtime.block_on(Opened::of_table(from)?.store.marks())?,
    };
    if marks.is_empty() {
        bail!("{from}: there are no marks; is it the table as it was, or a file that `--marks` wrote?");
    }
    let now = arguments.store.now()?;
    let (mut again, mut back, mut failed) = (0, 0, 0);
    for mark in &marks {
        match runtime.block_on(app::erase_again(&store, mark, now)) {
            Ok(ErasedAgain::Erased) => {
                if let Some(folder) = arguments.store.data() {
                    crate::dev::forget(folder, &mark.lead)?;
                }
                again += 1;
            }
            Ok(ErasedAgain::WasGone) => {}
            Ok(ErasedAgain::CameBack) => back += 1,
            Err(error) => {
                failed += 1;
                eprintln!("lead {}: {error}; run this again", mark.lead);
            }
        }
    }
    let erased = count(again, "lead");
    print_line(format_args!(
        "{erased} erased again, of {}; {back} came back since.",
        count(marks.len(), "mark")
    ))?;
    Ok(ExitCode::from(u8::from(failed > 0)))
}

fn of_file(file: &Path) -> anyhow::Result<Vec<Mark>> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("{}: cannot be read", file.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let mark = |(place, line): (usize, &str)| {
        serde_json::from_str(line).with_context(|| format!("{}:{}: not a mark", file.display(), place + 1))
    };
    lines.map(mark).collect()
}
