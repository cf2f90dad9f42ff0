//! The embedded engine without a network, for a time that jumps: the SDK's requests are answered in this process, each a few
//! milliseconds of that time later.

use std::path::Path;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use dynoxide::Database;
use dynoxide::errors::DynoxideError;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What DynamoDB takes, network included.
const LATENCY: Duration = Duration::from_millis(5);

/// A client of the table in that file.
pub fn client(file: &Path) -> Client {
    let engine = Engine(Database::new(file.to_str().unwrap()).unwrap());
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .credentials_provider(Credentials::new("local", "local", None, None, "bench"))
        .endpoint_url("http://localhost")
        .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(engine.clone())));
    Client::from_conf(config.build())
}

#[derive(Clone)]
struct Engine(Database);

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

impl HttpConnector for Engine {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let database = self.0.clone();
        HttpConnectorFuture::new(async move {
            tokio::time::sleep(LATENCY).await;
            let target = request.headers().get("x-amz-target").unwrap_or_default();
            let body = request.body().bytes().unwrap_or_default();
            let (status, told) = match target.rsplit('.').next().unwrap_or_default() {
                "GetItem" => answer(body, |asked| database.get_item(asked)),
                "Query" => answer(body, |asked| database.query(asked)),
                "UpdateItem" => answer(body, |asked| database.update_item(asked)),
                "TransactWriteItems" => answer(body, |asked| database.transact_write_items(asked)),
                other => panic!("nobody asks for {other} here"),
            };
            Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(told)))
        })
    }
}

fn answer<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    ask: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> (u16, String) {
    match ask(serde_json::from_slice(body).unwrap()) {
        Ok(answer) => (200, serde_json::to_string(&answer).unwrap()),
        Err(error) => (error.status_code(), error.to_json()),
    }
}
