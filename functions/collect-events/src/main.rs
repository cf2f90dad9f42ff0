//! Takes events of websites, shops and CRMs: checks who sends them and what they are, and queues them.

mod queue;

use lambda_http::{Error, service_fn};
use queue::Queue;
use web::WriteKeys;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let function = lambda::start().await?;
    #[expect(clippy::disallowed_methods, reason = "this is where the environment comes in")]
    let variable = |name| std::env::var(name).map_err(|_| format!("{name} is not set"));
    let queue = Queue::new(aws_sdk_sqs::Client::new(&function.aws), variable("SILLON_EVENTS_QUEUE_URL")?);
    let write_keys = WriteKeys::parse(&variable("SILLON_WRITE_KEYS")?)?;
    let (app, queue, write_keys) = (&function.app, &queue, &write_keys);
    lambda_http::run(service_fn(move |event| async move {
        let (request, _) = lambda::http::request(event);
        let method = request.method().clone();
        let reply = web::events(app, write_keys, queue, request).await;
        lambda::http::log("/v1/events", &method, &reply);
        Ok::<_, Error>(lambda::http::reply(reply))
    }))
    .await
}
