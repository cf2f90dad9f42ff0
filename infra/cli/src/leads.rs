//! Where verbs take leads from, with everything that happened to them: a log file, the store of `sillon dev`, or a table
//! on AWS.

mod scan;
mod whom;

pub use scan::Opened;
pub use whom::Whom;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::Context;
use domain::LeadId;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::{Timestamp, Unit};
use rehearsal::log::{Log, Reader};

use crate::WrongUse;
use crate::who::Who;

/// Where leads are kept, and can be changed: one of the two.
#[derive(Debug, Clone, Default, clap::Args)]
#[group(multiple = false)]
pub struct Store {
    /// The folder in which `sillon dev` keeps its leads.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// A table on AWS, by the region and credentials of your environment. Verbs that look at every lead read all of it,
    /// which is billed.
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
}

impl Store {
    /// The folder of `sillon dev`, if it is that.
    pub fn data(&self) -> Option<&Path> {
        self.data.as_deref()
    }

    /// The time there, in whole milliseconds as the store keeps them: `sillon dev` has a clock of its own.
    pub fn now(&self) -> anyhow::Result<Timestamp> {
        match &self.data {
            Some(folder) => crate::dev::time(folder),
            #[expect(clippy::disallowed_methods, reason = "this is where the time comes in")]
            None => Ok(Timestamp::now().round(Unit::Millisecond)?),
        }
    }

    /// How the same place is named to another verb.
    pub fn as_arguments(&self) -> String {
        match self {
            Self { data: Some(folder), .. } => format!("--data {}", folder.display()),
            Self { table: Some(table), .. } => format!("--table {table}"),
            _ => String::new(),
        }
    }

    pub fn open(&self) -> anyhow::Result<Opened> {
        match self {
            Self { data: Some(folder), .. } => Opened::of_dev(folder),
            Self { table: Some(table), .. } => Opened::of_table(table),
            _ => Err(WrongUse("say where the leads are: --data .sillon or --table NAME".to_owned()).into()),
        }
    }

    /// For verbs that write leads, which are to be found where the functions look for who is due.
    pub fn open_to_write(&self) -> anyhow::Result<Opened> {
        let Opened { runtime, store } = self.open()?;
        let store = runtime.block_on(store.with_shards_found());
        let store = store.with_context(|| {
            format!("{self}: the index `due` cannot be read; it takes the right `dynamodb:Scan` on that index, too")
        })?;
        Ok(Opened { runtime, store })
    }

    /// Every lead, one at a time. What cannot be read is told on standard error, and counted.
    pub fn leads(&self) -> anyhow::Result<Leads> {
        let feed = Feed::Store(scan::Feed::of(self.open()?));
        let bar = bar(None, "{spinner} {pos} leads, {elapsed}");
        Ok(Leads { feed, bar, place: self.to_string(), faults: 0, silent: false })
    }
}

impl std::fmt::Display for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self { data: Some(folder), .. } => write!(f, "{}", folder.display()),
            Self { table: Some(table), .. } => write!(f, "table {table}"),
            _ => f.write_str("no leads"),
        }
    }
}

/// Where leads can be read: a store, or a log file.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Source {
    /// A log file, as `sillon export` writes it; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["data", "table"])]
    log: Option<PathBuf>,
    #[command(flatten)]
    store: Store,
}

impl Source {
    /// Whether none is named.
    pub fn is_absent(&self) -> bool {
        self.log.is_none() && self.store.data.is_none() && self.store.table.is_none()
    }

    /// Whether it can be read but once.
    pub fn is_standard_input(&self) -> bool {
        self.log.as_ref().is_some_and(|path| path.as_os_str() == "-")
    }

    /// The time there, as [`Store::now`] tells it.
    pub fn now(&self) -> anyhow::Result<Timestamp> {
        self.store.now()
    }

    /// Every lead, as [`Store::leads`] tells them.
    pub fn leads(&self) -> anyhow::Result<Leads> {
        match &self.log {
            Some(path) => of_file(path),
            None if self.is_absent() => {
                let help = "say where the leads are: --log FILE, --data .sillon or --table NAME";
                Err(WrongUse(help.to_owned()).into())
            }
            None => self.store.leads(),
        }
    }

    /// Takes note that somebody reads that lead, or all of them, and `how`. To be done before anything is shown: what cannot
    /// be noted is not to be read. A log file is a copy, of which nothing is noted.
    pub fn note_read(&self, lead: Option<&LeadId>, who: &Who, how: &str) -> anyhow::Result<()> {
        if self.log.is_some() {
            return Ok(());
        }
        let (by, now) = (who.name()?, self.now()?);
        let Opened { runtime, store } = match lead {
            Some(_) => self.store.open_to_write()?,
            None => self.store.open()?,
        };
        let noted = match lead {
            Some(lead) => {
                runtime.block_on(app::note_read(&store, lead, (&by, how), now)).map_err(anyhow::Error::new)
            }
            None => runtime.block_on(store.note_read_of_all((&by, how), now)).map_err(anyhow::Error::new),
        };
        noted.with_context(|| format!("{self}: nothing is shown, since it cannot be noted that you read it"))
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.log {
            Some(path) => write!(f, "{}", path.display()),
            None => self.store.fmt(f),
        }
    }
}

fn of_file(path: &Path) -> anyhow::Result<Leads> {
    let (input, length): (Box<dyn BufRead>, _) = if path.as_os_str() == "-" {
        (Box::new(BufReader::new(std::io::stdin())), None)
    } else {
        if !path.is_file() {
            return Err(WrongUse(format!("{}: there is no such file", path.display())).into());
        }
        let file = File::open(path).with_context(|| format!("{}: cannot be read", path.display()))?;
        let length = file.metadata().ok().map(|metadata| metadata.len());
        (Box::new(BufReader::with_capacity(1 << 20, file)), length)
    };
    let bar = bar(length, "{bar:30} {percent}%, {eta} left");
    Ok(Leads {
        feed: Feed::File(Reader::new(input)),
        bar,
        place: path.display().to_string(),
        faults: 0,
        silent: false,
    })
}

/// Drawn on standard error, and only where that is a terminal.
pub fn bar(length: Option<u64>, template: &str) -> ProgressBar {
    let bar = length.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Leads that come one at a time.
pub struct Leads {
    feed: Feed,
    bar: ProgressBar,
    place: String,
    faults: usize,
    silent: bool,
}

enum Feed {
    File(Reader<Box<dyn BufRead>>),
    Store(scan::Feed),
}

impl Leads {
    /// Tells nothing of what cannot be read: somebody reads it again, and tells.
    pub fn silent(self) -> Self {
        Self { silent: true, ..self }
    }

    /// Prints while the progress that is shown stands aside.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// Tells of a lead that is of no use, and counts it.
    pub fn tell(&mut self, fault: &str) {
        self.faults += 1;
        if self.silent {
            return;
        }
        self.aside(|| eprintln!("{}: {fault}", self.place));
    }

    /// How many could not be read so far. Above zero, a verb exits 1 even though it did its work on the others.
    pub fn faults(&self) -> usize {
        self.faults
    }
}

impl Iterator for Leads {
    type Item = Log;

    fn next(&mut self) -> Option<Log> {
        loop {
            let read = match &mut self.feed {
                Feed::File(reader) => {
                    let read = reader.next();
                    self.bar.set_position(reader.bytes());
                    read.map(|read| read.map_err(|fault| fault.to_string()))
                }
                Feed::Store(feed) => {
                    self.bar.inc(1);
                    feed.next()
                }
            };
            match read {
                Some(Ok(log)) => return Some(log),
                Some(Err(fault)) => self.tell(&fault),
                None => {
                    self.bar.finish_and_clear();
                    return None;
                }
            }
        }
    }
}
