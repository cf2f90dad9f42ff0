//! Deliberate faults, each of which an invariant must notice: they show that the simulation bites.
//!
//! They are made at the ports, in the activities between `decide` and the store, in the worker's campaigns and in its clock,
//! so that production code knows nothing of them.

mod made;

use std::collections::BTreeMap;

use domain::calendar::Period;
use domain::sequence::{Act, Sequence, Step};
use domain::{Bundle, Lead, LeadId, StepId};

use crate::agenda::{OwnedWrite, TaskId, secs};
use crate::invariants::Rule;

/// Declares the faults, each with the rules that may notice it.
macro_rules! mutations {
    ($($(#[$doc:meta])* $name:ident => [$($rule:ident),+],)*) => {
        /// A deliberate fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Mutation { $($(#[$doc])* $name,)* }

        impl Mutation {
            /// Every fault.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The rules that may notice it.
            pub fn noticed_by(self) -> &'static [Rule] {
                match self { $(Self::$name => &[$(Rule::$rule),+],)* }
            }
        }
    };
}

mutations! {
    /// The store writes claims whatever the profile has become, if only their records are new.
    ClaimWithoutCondition => [Exclusive, Consent, OneAcceptance, Order, Cap, Rest, Mailbox],
    /// The e-mail is handed over before its claim is written.
    SendBeforeClaim => [ClaimedFirst],
    /// The carrier's client repeats a call that timed out.
    CarrierRetries => [OneAcceptance],
    /// The lease ends while the carrier is still called.
    ShortLease => [Exclusive, ClaimedFirst],
    /// The carrier's answer is not recorded.
    AnswerForgotten => [Answer],
    /// The carrier's answer is recorded under the version of the claim.
    AnswerUnderWrongVersion => [Fold],
    /// Consent is looked at when a lead is found due, and not again when its e-mail is claimed.
    ConsentSeenTooEarly => [Consent, Order],
    /// A complaint is recorded and does not suppress.
    ComplaintWithoutSuppression => [Consent],
    /// The due index misses a write now and then.
    IndexForgets => [Stuck, Index],
    /// Records are put without asking whether they are there.
    RecordsPutTwice => [InputOnce],
    /// The profile is written without the last activity of its record.
    ProfileMissesAnActivity => [Fold],
    /// Messages are deleted before they are applied.
    MessagesDeletedFirst => [Lost],
    /// A write without an answer counts as done.
    LostAnswerTakenForDone => [ClaimedFirst, Lost, Answer],
    /// A time-out counts as a refusal, and the e-mail is sent again.
    UncertainTakenForRefused => [Answer, OneAcceptance, Bound],
    /// An alert of which nobody knows is repeated for ever.
    AlertsForEver => [Bound],
    /// Whoever asks for a place in an hour gets one, whoever else has it.
    PlacesGrantedTwice => [Place],
    /// As many confirmations leave in an hour as there are.
    HoursUnlimited => [Place],
    /// Nobody counts what a mailbox gets.
    MailboxesUncounted => [Mailbox],
    /// Whoever presses a confirmation's button confirms what its page did not name.
    PagesUnread => [Consent],
    /// Who does nothing is erased after half the time.
    RetentionCutShort => [Retention],
    /// There is no frequency cap.
    CapIgnored => [Cap],
    /// There are no quiet hours and closed days.
    QuietHoursIgnored => [Hours],
    /// Steps have no windows.
    WindowsIgnored => [Hours],
    /// Waits take half of their time.
    WaitsCutShort => [Early],
    /// A wait's other way is taken at once.
    DeadlinesIgnored => [Early],
    /// A step is passed over.
    StepPassedOver => [Order],
    /// Paused campaigns go on.
    PauseIgnored => [Preference],
    /// E-mails have no topics that a lead could leave.
    TopicsIgnored => [Preference],
    /// Whoever asks for moments gets them, whoever else has them.
    MomentsGrantedTwice => [Pace],
    /// Nobody waits for the moment that it has.
    MomentsNotWaitedFor => [Pace],
    /// Nobody sees that the carrier's answers are lost.
    DoubtUnseen => [Doubt],
    /// The carrier answers again, and nobody trusts it.
    DoubtForEver => [Doubt],
    /// Moments are granted while sending is stopped.
    StopUnseen => [Stop],
    /// However many e-mails come back, sending goes on.
    BreakerNeverOpens => [Stop],
    /// Somebody resumes, and sending stays stopped.
    ResumeForgets => [Stuck],
    /// What the carrier throttles counts as refused.
    ThrottledCountsAsRefused => [Answer],
    /// What the carrier throttles waits for a day.
    ThrottledLosesItsTurn => [Turn],
    /// A confirmation of which nobody knows is repeated for ever.
    ConfirmationsForEver => [Bound],
    /// Those who work on a lead write it, though it was erased meanwhile.
    ErasedLeadsWritten => [Erased],
    /// What happened before a lead was erased brings it back.
    EarlierEventsBringBack => [Erased],
    /// Of an erased lead a record is left.
    ErasureLeavesARecord => [Erased],
    /// An erasure that breaks off is found by nobody.
    ErasureForgotten => [Stuck],
    /// Nobody tells who comes back that somebody of that address was erased.
    LivesUntold => [Erased, OneAcceptance],
    /// What comes back after an erasure is told to nobody.
    MarksHearNothing => [Lost],
    /// Nobody sees that confirmations are stopped.
    ConfirmationsStopUnseen => [Stop],
    /// Bounces bring no rest.
    BouncesUncounted => [Rest],
    /// `decide` does not see that an e-mail was delivered.
    DeliveriesUnseen => [Rest, Fold],
    /// `decide` does not see that a mailbox rests.
    RestUnseen => [Rest],
    /// Whoever posts a form for a lead does not see that it left.
    WithdrawalUnseen => [Consent],
    /// `decide` does not see that a lead is suppressed.
    SuppressionUnseen => [Consent],
    /// `decide` does not see that a worker is at the lead.
    ClaimUnseen => [Exclusive],
    /// `decide` does not see the lead's pause.
    LeadsPauseUnseen => [Preference],
    /// `decide` does not see what was sent before.
    SendsUnseen => [Cap, OneAcceptance, Fold],
    /// Steps are due after half their time, whatever `decide` said.
    DueTooEarly => [Early],
    /// The step that begins is the one after the one that `decide` said.
    StepsOutOfOrder => [Order],
    /// That a step was skipped never reaches `evolve`.
    SkipsForgotten => [Order],
    /// One machine's clock is more than a day ahead.
    ClockAhead => [Early],
}

/// What mutations remember.
#[derive(Debug, Default)]
pub struct Sabotage {
    /// Claims that are not written yet.
    held: BTreeMap<(TaskId, LeadId), OwnedWrite>,
    /// Leads as they were when they were found due.
    found: BTreeMap<LeadId, Lead>,
}

/// Changes the campaigns that programs load. The invariants know them as they are written.
pub fn edit(mutation: Option<Mutation>, bundle: &mut Bundle) {
    let limits = &mut bundle.organisation.limits;
    match mutation {
        Some(Mutation::CapIgnored) => limits.per_lead = None,
        Some(Mutation::HoursUnlimited) => limits.confirmations_per_hour = u32::MAX,
        Some(Mutation::RetentionCutShort) => {
            let retention = &mut bundle.organisation.retention;
            *retention = retention.map(|_| Period::Days(4));
        }
        Some(Mutation::QuietHoursIgnored) => (limits.quiet_hours, limits.closed_days) = (None, Vec::new()),
        _ => {}
    }
    for campaign in bundle.campaigns.values_mut() {
        match mutation {
            Some(Mutation::PauseIgnored) => campaign.paused = false,
            Some(Mutation::TopicsIgnored) => campaign.topic = None,
            Some(Mutation::StepPassedOver) => pass_over(&mut campaign.sequence, "case"),
            _ => {}
        }
        for step in campaign.sequence.steps.values_mut() {
            match (mutation, &mut step.act) {
                (Some(Mutation::WindowsIgnored), Act::Send { between, .. }) => *between = None,
                (Some(Mutation::TopicsIgnored), Act::Send { topic, .. }) => *topic = None,
                (Some(Mutation::WaitsCutShort), Act::Wait { length }) => *length = secs(length.as_secs() / 2),
                (Some(Mutation::DeadlinesIgnored), Act::WaitFor { within, .. }) => *within = secs(1),
                _ => {}
            }
        }
    }
}

/// Lets what leads to a step lead to what follows it.
fn pass_over(sequence: &mut Sequence, step: &str) {
    let is_it = |id: &StepId| id.as_str() == step;
    let Some((_, Step { next: after, .. })) = sequence.steps.iter().find(|(id, _)| is_it(id)) else { return };
    let after = after.clone();
    let before = sequence.steps.values_mut().filter(|step| step.next.as_ref().is_some_and(is_it));
    before.for_each(|step| step.next = after.clone());
}
