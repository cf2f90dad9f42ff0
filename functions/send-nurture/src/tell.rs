//! Tells what was done, one line per outcome.

use app::ports::Clock;
use app::{Queued, Report};
use domain::input::identity_refused;
use lambda::tracing::field::display;
use lambda::tracing::{error, info, warn};
use lambda_runtime::Error;

/// By these words the template's alarm knows that SES does not take an identity.
const IDENTITY_REFUSED: &str = "SES does not take the sender";

/// By these words the template's alarm knows that nobody knows what becomes of e-mails.
const CARRIER_IN_DOUBT: &str = "SES does not tell whether e-mails leave";

/// A tick's lines.
pub fn queued(queued: &Queued) {
    let Queued { leads, more, stopped, in_doubt } = queued;
    if *in_doubt && stopped.is_none() {
        error!("{CARRIER_IN_DOUBT}; one a minute tries it, and the others wait");
    }
    match stopped {
        Some(stop) => error!(reason = stop.because, since = %stop.since, "sending is stopped; leads are due"),
        None => info!(leads, more, "queued"),
    }
}

/// A worker's lines. What failed for good is counted, and set aside in the end; a failure of any kind fails the run, so that
/// the function's alarm rings.
pub async fn sent(app: &lambda::App, report: &Report) -> Result<(), Error> {
    let Report {
        sent,
        notified,
        rejected,
        throttled,
        uncertain,
        waiting,
        held,
        erased,
        stopped,
        confirmations_stopped,
        codes,
        unwritten,
        failed,
        poisoned,
    } = report;
    info!(
        sent,
        notified,
        rejected,
        throttled,
        uncertain,
        waiting,
        erased = erased.len(),
        failed = failed.len(),
        "done"
    );
    if *held > 0 {
        error!(
            held,
            "confirmations wait, since an hour had as many as `limits.confirmations_per_hour` allows"
        );
    }
    if let Some(stop) = stopped {
        error!(reason = stop.because, since = %stop.since, "sending is stopped; leads are due");
    }
    if let Some(stop) = confirmations_stopped {
        error!(reason = stop.because, since = %stop.since, "sending is stopped: only confirmations wait");
    }
    for (step, leads) in unwritten {
        let (times, lead) = (leads.len(), leads.first().map(display));
        error!(
            step,
            times,
            lead,
            "could not be written, and nothing left: `sillon why` of that lead says what to mend"
        );
    }
    for (code, times) in codes {
        match identity_refused(code) {
            Some(code) => error!(
                code,
                times,
                "{IDENTITY_REFUSED}, or in the sandbox the recipient: verify the sender's domain, and let the role of send-nurture \
                 send from it; the e-mails are tried again for a month"
            ),
            None => warn!(code, times, "e-mails or notifications were not taken"),
        }
    }
    for (lead, reason) in failed {
        error!(%lead, reason, "not served; it stays due");
        if poisoned.contains(lead) {
            match app.store.note_failure(lead, reason, app.clock.now()).await {
                Ok(false) => {}
                Ok(true) => error!(%lead, reason, "set aside; `sillon repair` puts it back"),
                Err(error) => error!(%lead, %error, "could not be set aside"),
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err("some leads were not served; they stay due".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The filters of the log are text that nobody compiles.
    #[test]
    fn alarms_hear_the_words_that_are_logged() {
        let template = include_str!("../../../template.yaml");
        for (name, words) in [("IdentityRefused", IDENTITY_REFUSED), ("CarrierInDoubt", CARRIER_IN_DOUBT)] {
            let part = |name: &str| {
                let part = template.split(&format!("  {name}:\n")).nth(1);
                part.and_then(|part| part.split("\n\n").next()).expect("a part of the template").to_owned()
            };
            let filter = part(name);
            assert!(filter.contains("LogGroupName: !Ref SendNurtureLogs\n"), "{filter}");
            assert!(filter.contains(&format!("      FilterPattern: '\"{words}\"'\n")), "{filter}");
            assert!(filter.contains(&format!("MetricName: {name}, ")), "{filter}");
            let alarm = part(&format!("{name}Alarm"));
            assert!(alarm.contains(&format!("      MetricName: {name}\n")), "{alarm}");
        }
    }
}
