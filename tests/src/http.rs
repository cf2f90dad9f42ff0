//! HTTP as tests speak it: requests as browsers and programs send them, and what comes back.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;

/// What is sent.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// `GET` and such.
    pub method: String,
    /// With the query.
    pub path: String,
    /// By lower-case name.
    pub headers: BTreeMap<String, String>,
    /// Any bytes.
    pub body: Vec<u8>,
}

/// What comes back.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// 200 and such.
    pub status: u16,
    /// By lower-case name.
    pub headers: BTreeMap<String, String>,
    /// Any bytes.
    pub body: Vec<u8>,
}

impl Request {
    /// `GET`, as a browser does it.
    pub fn get(path: &str) -> Self {
        Self { method: "GET".into(), path: path.into(), ..Self::default() }.header("accept", "text/html")
    }

    /// A form, as a browser posts it.
    pub fn form(path: &str, fields: &[(&str, &str)]) -> Self {
        let encoded = |(name, value): &(&str, &str)| format!("{}={}", percent(name), percent(value));
        let body = fields.iter().map(encoded).collect::<Vec<_>>().join("&");
        Self::post(path, "application/x-www-form-urlencoded", body).header("accept", "text/html")
    }

    /// JSON, as a program posts it.
    pub fn json(path: &str, body: &Value) -> Self {
        Self::post(path, "application/json", body.to_string()).header("accept", "application/json")
    }

    /// Any body.
    pub fn post(path: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { method: "POST".into(), path: path.into(), body: body.into(), ..Self::default() }
            .header("content-type", content_type)
    }

    /// With one more header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_ascii_lowercase(), value.into());
        self
    }
}

impl Reply {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What somebody reads of it: the text of a page without its head, where its style stands.
    pub fn told(&self) -> String {
        let text = self.text();
        let body = text.split_once("</head>").map_or(text.as_str(), |(_, body)| body);
        format!("{} {}", self.status, body)
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}: {}", self.status, self.text()))
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

static AGENT: LazyLock<ureq::Agent> = LazyLock::new(|| {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(60)))
        // A server may close an idle connection at the moment in which it is used again, and a test would blame the product.
        .max_idle_connections(0)
        .build()
        .into()
});

/// Sends a request to `base`. Fails when nobody answers.
pub fn send(base: &str, request: &Request) -> Result<Reply, ureq::Error> {
    let mut builder =
        ureq::http::Request::builder().method(request.method.as_str()).uri(format!("{base}{}", request.path));
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let mut response = match request.method.as_str() {
        "GET" | "HEAD" | "OPTIONS" => AGENT.run(builder.body(()).map_err(ureq::Error::Http)?)?,
        _ => AGENT.run(builder.body(request.body.clone()).map_err(ureq::Error::Http)?)?,
    };
    let headers = response.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()));
    Ok(Reply {
        status: response.status().as_u16(),
        headers: headers.collect(),
        body: response.body_mut().with_config().limit(64 << 20).read_to_vec()?,
    })
}

/// As forms encode it.
pub fn percent(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => (byte as char).to_string(),
        b' ' => "+".into(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
