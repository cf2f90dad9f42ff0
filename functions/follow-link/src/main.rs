//! Answers the links of e-mails: confirm, leave, preferences, magnet.

use lambda_http::{Error, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = &lambda::start().await?.app;
    lambda_http::run(service_fn(move |event| async move {
        let (request, ip) = lambda::http::request(event);
        let method = request.method().clone();
        let reply = web::link(app, request, ip.as_deref()).await;
        lambda::http::log("/{link}/{token}", &method, &reply);
        Ok::<_, Error>(lambda::http::reply(reply))
    }))
    .await
}
