//! The doubt: when a worker stops believing that the carrier takes e-mails, and when it believes it again.

use domain::input::{SendResult, identity_refused};

/// So many e-mails in a row of which nobody knows are no accident.
const NO_ACCIDENT: u32 = 3;

/// What one worker makes of the carrier's answers.
#[derive(Debug, Default)]
pub(crate) struct Doubt {
    /// E-mails in a row of which nobody knows.
    unknown: u32,
    /// Whether the gate knows of the doubt.
    is_told: bool,
}

/// What the gate is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Answers are lost.
    Began,
    /// An answer came.
    Ended,
}

impl Doubt {
    /// What one more answer changes. A refusal for now says nothing, since perhaps nobody was reached, unless it is about a sender.
    pub(crate) fn hear(&mut self, result: &SendResult) -> Option<Change> {
        match result {
            SendResult::Rejected { code, retryable: true } if identity_refused(code).is_none() => None,
            SendResult::Uncertain { .. } => {
                self.unknown += 1;
                (self.unknown >= NO_ACCIDENT && !self.is_told).then_some(Change::Began)
            }
            SendResult::Accepted { .. } | SendResult::Rejected { .. } | SendResult::Throttled { .. } => {
                self.unknown = 0;
                self.is_told.then_some(Change::Ended)
            }
        }
    }

    /// Whether the gate is in doubt, as far as this worker knows.
    pub(crate) fn is_told(&self) -> bool {
        self.is_told
    }

    /// The gate was told or asked, and is in doubt or not. Once a doubt that this worker knew of is ended, it counts anew.
    pub(crate) fn learn(&mut self, is_in_doubt: bool) {
        if std::mem::replace(&mut self.is_told, is_in_doubt) && !is_in_doubt {
            self.unknown = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::input::CarrierLimit;

    use super::*;

    #[test]
    fn it_begins_with_the_third_email_in_a_row_of_which_nobody_knows_and_ends_with_any_answer() {
        let code = || "code".to_owned();
        let lost = || (SendResult::Uncertain { code: code() }, None);
        let begins = || (SendResult::Uncertain { code: code() }, Some(Change::Began));
        let accepted = |change| (SendResult::Accepted { message_id: code() }, change);
        let refused = |retryable, change| (SendResult::Rejected { code: code(), retryable }, change);
        let throttled = |change| (SendResult::Throttled { code: code(), limit: CarrierLimit::Rate }, change);
        let ended = Some(Change::Ended);
        let story = [
            accepted(None),
            lost(),
            lost(),
            accepted(None),
            lost(),
            lost(),
            begins(),
            lost(),
            accepted(ended),
            accepted(None),
            lost(),
            refused(true, None),
            lost(),
            begins(),
            refused(true, None),
            refused(false, ended),
            lost(),
            lost(),
            begins(),
            (SendResult::identity_refused("MessageRejected"), ended),
            lost(),
            lost(),
            begins(),
            throttled(ended),
        ];
        let mut doubt = Doubt::default();
        for (place, (result, change)) in story.into_iter().enumerate() {
            assert_eq!(doubt.hear(&result), change, "answer {place}: {result:?}");
            if let Some(change) = change {
                doubt.learn(change == Change::Began);
            }
        }
    }

    #[test]
    fn a_gate_that_was_not_told_is_told_by_the_next_answer() {
        let (lost, accepted) = (lost(), accepted());
        let mut doubt = Doubt::default();
        assert_eq!([(); 3].map(|()| doubt.hear(&lost)), [None, None, Some(Change::Began)]);
        assert_eq!(doubt.hear(&lost), Some(Change::Began));
        doubt.learn(true);
        assert_eq!(doubt.hear(&lost), None);
        assert_eq!([(); 2].map(|()| doubt.hear(&accepted)), [Some(Change::Ended); 2]);
        doubt.learn(false);
        assert_eq!(doubt.hear(&accepted), None);
    }

    #[test]
    fn another_workers_doubt_is_ended_and_who_ends_one_begins_to_count_anew() {
        let mut doubt = Doubt::default();
        doubt.learn(true);
        assert_eq!(doubt.hear(&accepted()), Some(Change::Ended));

        assert_eq!([(); 4].map(|()| doubt.hear(&lost())), [None; 4], "the gate knows");
        doubt.learn(false);
        assert_eq!([(); 3].map(|()| doubt.hear(&lost())), [None, None, Some(Change::Began)]);
    }

    fn lost() -> SendResult {
        SendResult::Uncertain { code: "code".into() }
    }

    fn accepted() -> SendResult {
        SendResult::Accepted { message_id: "m".into() }
    }
}
