//! Whatever is sent, nothing fails on our side, and nothing that runs gets into a page.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use http::{HeaderValue, Method, header};
use proptest::prelude::*;
use support::*;

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

const KINDS: [&str; 6] = [
    "application/x-www-form-urlencoded",
    "application/json",
    "multipart/form-data; boundary=b",
    "multipart/form-data; boundary=\"\"",
    "text/plain",
    "",
];

fn kind() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(KINDS.to_vec())
}

/// Bodies that nearly are something.
fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..400),
        "(&|=|%|\\+|[0-9a-fA-F]{2}|email|housing|surface|phone|_next|_locale|\\PC){0,60}"
            .prop_map(String::into_bytes),
        "(\\{|\\}|\\[|\\]|\"|:|,|email|batch|event|userId|\\\\u[0-9a-f]{4}|-?[0-9]+e?[0-9]*|null|true){0,60}"
            .prop_map(String::into_bytes),
        "(--b|--|\r\n|Content-Disposition: form-data; name=\"email\"|; filename=\"x\"|\\PC){0,40}"
            .prop_map(String::into_bytes),
    ]
}

fn header_value() -> impl Strategy<Value = HeaderValue> {
    proptest::collection::vec(any::<u8>(), 0..60)
        .prop_filter_map("a header", |bytes| HeaderValue::from_bytes(&bytes).ok())
}

fn harmless(response: &web::Response) -> Result<(), TestCaseError> {
    prop_assert!(response.status().as_u16() < 500, "{}", response.status());
    prop_assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY));
    prop_assert_eq!(&response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    let ours = "<script src=\"guide-solaire/embed.js\" defer></script>";
    let body = String::from_utf8_lossy(response.body()).replacen(ours, "", 1);
    prop_assert!(!body.contains("<script"));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_post_of_a_form(kind in kind(), body in body(), accept in header_value(), language in header_value(), referer in header_value()) {
        let world = world();
        let mut request = request(Method::POST, "/f/guide-solaire", &[("content-type", kind)], body);
        request.headers_mut().insert(header::ACCEPT, accept);
        request.headers_mut().insert(header::ACCEPT_LANGUAGE, language);
        request.headers_mut().insert(header::REFERER, referer);
        harmless(&run(world.form(request)))?;
    }

    #[test]
    fn any_values_of_the_fields(
        email in "(\\PC|[a-z]|@|\\.){0,20}",
        name in "\\PC{0,90}",
        number in "[0-9., eE+-]{0,12}|\\PC{0,6}",
        phone in "[0-9+ ()]{0,20}|\\PC{0,12}",
        next in "\\PC{0,30}",
    ) {
        let world = world();
        let fields = [("email", &email), ("first_name", &name), ("surface", &number), ("phone", &phone), ("_next", &next)];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).append_pair("housing", "house").finish();
        let response = run(world.form(post("/f/guide-solaire", &body)));
        harmless(&response)?;
        prop_assert!(matches!(response.status().as_u16(), 303 | 422));
        prop_assert_eq!(world.count() == 1, response.status() == 303);
    }

    #[test]
    fn any_name_is_kept(name in "\\PC{1,40}") {
        let world = world();
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("email", "ada@example.org").append_pair("housing", "flat").append_pair("first_name", &name).finish();
        let response = run(world.form(post("/f/guide-solaire", &body)));
        prop_assert_eq!(response.status().as_u16(), 303);
        prop_assert_eq!(world.count(), 1);
    }

    #[test]
    fn any_link(path in "/[cupdx]?/?[a-zA-Z0-9._-]{0,60}", method in "GET|HEAD|POST|PUT", body in body(), kind in kind()) {
        let world = world();
        let request = request(method.parse().unwrap(), &path, &[("content-type", kind)], body);
        harmless(&run(world.link(request)))?;
    }

    #[test]
    fn any_events(body in body(), key in "Bearer first|Bearer \\PC{0,10}|Basic [a-zA-Z0-9=]{0,20}|", kind in kind()) {
        let world = world();
        let headers = [("content-type", kind), ("authorization", key.as_str())];
        let Ok(key) = HeaderValue::from_str(&key) else { return Ok(()) };
        let mut request = request(Method::POST, "/v1/events", &headers[..1], body);
        request.headers_mut().insert(header::AUTHORIZATION, key);
        harmless(&run(world.events(request)))?;
    }

    #[test]
    fn any_query_of_the_page(query in "[a-z_=&%0-9\"<>+]{0,60}") {
        let world = world();
        let Ok(request) = http::Request::get(format!("/f/guide-solaire?{query}")).body(bytes::Bytes::new()) else { return Ok(()) };
        harmless(&run(world.form(request)))?;
    }
}
