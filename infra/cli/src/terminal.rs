//! What people and programs get to see: standard output, colours, and numbers with their words.

use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal, Write};

use anyhow::Context;

/// Prints. A reader that has seen enough, such as `head`, is no fault: the verb ends as it would have.
pub fn print(text: impl Display) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("standard output cannot be written")
        }
        _ => Ok(()),
    }
}

/// Prints, and ends the line.
pub fn print_line(text: impl Display) -> anyhow::Result<()> {
    print(format_args!("{text}\n"))
}

/// Whether a stream is a terminal that wants colours (<https://no-color.org>).
pub fn coloured(stream: &impl IsTerminal) -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "NO_COLOR speaks to the command alone (https://no-color.org)"
    )]
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !plain
}

/// `1 warning`, `2 warnings`.
pub fn count(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}
