//! Sends what is due. Each minute a tick queues whose turn it is; workers send to those, and at once to leads whose
//! profile asks for it. Nobody else calls SES.

mod decode;
mod queue;
mod tell;

use app::ports::Clock;
use app::{Nurture, SharedPace};
use decode::Wake;
use jiff::{SignedDuration, Timestamp};
use lambda::SystemClock;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use queue::Queue;
use webhook::{Poster, Reach};

/// No e-mail is claimed this close to the function's end: the claim takes twelve seconds at most (three attempts of three, and the
/// waits between them), SES ten, and some are left to record its answer.
const RESERVE: SignedDuration = SignedDuration::from_secs(25);
/// E-mails side by side in one worker. Each waits for the network most of its time.
const AT_ONCE: usize = 20;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let function = lambda::start().await?;
    #[expect(clippy::disallowed_methods, reason = "this is where the environment comes in")]
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let queue_url = variable("SILLON_DUE_QUEUE_URL").ok_or("SILLON_DUE_QUEUE_URL is not set")?;
    let queue = Queue::new(aws_sdk_sqs::Client::new(&function.aws), queue_url);
    let mailer = ses::Mailer::new(&function.aws, variable("SILLON_CONFIGURATION_SET"));
    let account = ses::Account::new(&function.aws);
    let notifier = Poster::new(function.webhook_secrets, SystemClock, Reach::OtherMachines);
    let pace = SharedPace::new(function.app.store.clone(), account.clone(), SystemClock, SystemClock);
    let (app, mailer, notifier, pace) = (&function.app, &mailer, &notifier, &pace);
    let (queue, account) = (&queue, &account);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Wake>| async move {
        let worker = event.context.request_id.as_str();
        let stop_at = Timestamp::from_millisecond(i64::try_from(event.context.deadline)?)? - RESERVE;
        let nurture = Nurture { app, mailer, notifier, pace, worker, at_once: AT_ONCE };
        let leads = match event.payload {
            Wake::Tick => {
                tell::queued(&app.queue_due(&app.store, account, queue).await?);
                return Ok(());
            }
            Wake::Leads(leads) => leads,
            Wake::Turns(turns) => {
                let now = app.clock.now();
                turns.into_iter().filter(|turn| turn.good_until > now).flat_map(|turn| turn.leads).collect()
            }
        };
        tell::sent(app, &nurture.send_to(&leads, stop_at).await).await
    }))
    .await
}
