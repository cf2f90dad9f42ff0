//! The pretend carrier: it answers what it is told to answer.

use std::collections::VecDeque;

use domain::SendId;
use domain::input::SendResult;

/// What the carrier does with a claimed e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It takes the e-mail.
    Accepted,
    /// It refuses it.
    Rejected {
        /// The carrier's error code.
        code: String,
        /// Whether the same e-mail may be taken later.
        retryable: bool,
    },
    /// Nobody learns whether it took the e-mail.
    Uncertain {
        /// What went wrong.
        code: String,
    },
    /// The worker dies before it records anything: the claim's lease ends by itself.
    Silence,
}

/// Takes every e-mail, but for the answers that were chosen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Carrier {
    pub next: VecDeque<Answer>,
}

impl Carrier {
    /// None for silence.
    pub fn send(&mut self, send_id: &SendId) -> Option<SendResult> {
        match self.next.pop_front().unwrap_or(Answer::Accepted) {
            Answer::Accepted => {
                Some(SendResult::Accepted { message_id: format!("rehearsed-{}", send_id.as_str()) })
            }
            Answer::Rejected { code, retryable } => Some(SendResult::Rejected { code, retryable }),
            Answer::Uncertain { code } => Some(SendResult::Uncertain { code }),
            Answer::Silence => None,
        }
    }
}
