//! Takes the posts of landing pages' forms, shows a form to those who have no page, and serves the forms' script.

use lambda_http::{Error, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let function = lambda::start().await?;
    let challenge = &function.challenge()?;
    let app = &function.app;
    lambda_http::run(service_fn(move |event| async move {
        let (request, ip) = lambda::http::request(event);
        let method = request.method().clone();
        let route = web::Route::of(request.uri().path()).map_or("$default", |(route, _)| route.path);
        let reply = web::form(app, challenge, request, ip.as_deref()).await;
        lambda::http::log(route, &method, &reply);
        Ok::<_, Error>(lambda::http::reply(reply))
    }))
    .await
}
