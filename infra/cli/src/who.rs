//! Who reads or changes a lead: what its own log tells of it.

use crate::WrongUse;

/// A name, not a text.
const LONGEST: usize = 100;

#[derive(Debug, Clone, clap::Args)]
pub struct Who {
    /// Who you are, for the lead's log. Without it, your name on this machine.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl Who {
    /// The name. Nobody checks it: who may read the table at all is for the account to say.
    pub fn name(&self) -> Result<String, WrongUse> {
        #[expect(clippy::disallowed_methods, reason = "this is where the user's name comes in")]
        let of_machine =
            || ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
        let name = self.by.clone().or_else(of_machine).unwrap_or_default().trim().to_owned();
        if name.is_empty() {
            let help = "say who you are with --by NAME: that you read or change a lead stands in its log";
            return Err(WrongUse(help.to_owned()));
        }
        if name.chars().count() > LONGEST || name.chars().any(char::is_control) {
            return Err(WrongUse(format!("--by: write a name of at most {LONGEST} characters, in one line")));
        }
        Ok(name)
    }
}
