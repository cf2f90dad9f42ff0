//! Answers the links of e-mails: confirm, leave, preferences, magnet; and says of any other address that nothing is there.

use lambda_http::{Error, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = &lambda::start().await?.app;
    lambda_http::run(service_fn(move |event| async move {
        let (request, ip) = lambda::http::request(event);
        let method = request.method().clone();
        let route = web::Route::of(request.uri().path()).map_or("$default", |(route, _)| route.path);
        let reply = web::link(app, request, ip.as_deref()).await;
        lambda::http::log(route, &method, &reply);
        Ok::<_, Error>(lambda::http::reply(reply))
    }))
    .await
}
