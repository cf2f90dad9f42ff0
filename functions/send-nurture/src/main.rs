//! Sends what is due: every minute, and at once when a lead's profile asks for it. Nobody else calls SES.

mod decode;

use app::ports::Clock;
use app::{Nurture, Report};
use decode::Wake;
use jiff::{SignedDuration, Timestamp};
use lambda::tracing::{error, info};
use lambda_runtime::{Error, LambdaEvent, service_fn};

/// No e-mail is begun this close to the function's end: one takes at most ten seconds.
const RESERVE: SignedDuration = SignedDuration::from_secs(15);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let function = lambda::start().await?;
    #[expect(clippy::disallowed_methods, reason = "this is where the environment comes in")]
    let configuration_set = std::env::var("SILLON_CONFIGURATION_SET").ok();
    let mailer = ses::Mailer::new(&function.aws, configuration_set);
    let (app, mailer) = (&function.app, &mailer);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Wake>| async move {
        let worker = event.context.request_id.as_str();
        let stop_at = Timestamp::from_millisecond(i64::try_from(event.context.deadline)?)? - RESERVE;
        let report = send(&Nurture { app, mailer, worker }, event.payload, stop_at).await?;
        let Report { sent, rejected, uncertain, failed } = report;
        info!(sent, rejected, uncertain, failed, "done");
        if failed > 0 {
            error!(failed, "leads were not served; they stay due");
            return Err("some leads were not served; they stay due".into());
        }
        Ok::<_, Error>(())
    }))
    .await
}

async fn send(
    nurture: &Nurture<'_, dynamodb::Store, lambda::SystemClock, ses::Mailer>,
    wake: Wake,
    stop_at: Timestamp,
) -> Result<Report, Error> {
    let Wake::Nudge(leads) = wake else { return Ok(nurture.send_due(stop_at).await?) };
    let mut report = Report::default();
    for lead in leads {
        if nurture.app.clock.now() < stop_at {
            report = report.and(nurture.serve(&lead).await);
        }
    }
    Ok(report)
}
