//! Sends what is due: every minute, and at once when a lead's profile asks for it. Nobody else calls SES.

mod decode;

use app::{Nurture, Report};
use decode::Wake;
use jiff::{SignedDuration, Timestamp};
use lambda::SystemClock;
use lambda::tracing::{error, info, warn};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use webhook::{Poster, Reach};

/// No e-mail is begun this close to the function's end: one takes at most ten seconds.
const RESERVE: SignedDuration = SignedDuration::from_secs(15);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let function = lambda::start().await?;
    #[expect(clippy::disallowed_methods, reason = "this is where the environment comes in")]
    let configuration_set = std::env::var("SILLON_CONFIGURATION_SET").ok();
    let mailer = ses::Mailer::new(&function.aws, configuration_set);
    let notifier = Poster::new(function.webhook_secrets, SystemClock, Reach::OtherMachines);
    let (app, mailer, notifier) = (&function.app, &mailer, &notifier);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Wake>| async move {
        let worker = event.context.request_id.as_str();
        let stop_at = Timestamp::from_millisecond(i64::try_from(event.context.deadline)?)? - RESERVE;
        let nurture = Nurture { app, mailer, notifier, worker };
        let report = match event.payload {
            Wake::Tick => nurture.send_due(stop_at).await?,
            Wake::Nudge(leads) => nurture.send_to(&leads, stop_at).await,
        };
        tell(&report)
    }))
    .await
}

fn tell(report: &Report) -> Result<(), Error> {
    let Report { sent, notified, rejected, throttled, uncertain, codes, failed } = report;
    info!(sent, notified, rejected, throttled, uncertain, failed = failed.len(), "done");
    for (code, times) in codes {
        warn!(code, times, "e-mails or notifications were not taken");
    }
    for (lead, reason) in failed {
        error!(%lead, reason, "not served; it stays due");
    }
    if failed.is_empty() { Ok(()) } else { Err("some leads were not served; they stay due".into()) }
}
