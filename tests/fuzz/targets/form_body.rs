//! Posts a body to a form: its first line is the content type, its second the `Accept`.
#![no_main]

use fuzz::visits::{check_harmless, run};
use fuzz::web_support::{SITE, request, world};
use http::{HeaderValue, Method, header};
use libfuzzer_sys::fuzz_target;

/// Where the campaign of the tests sends its visitors.
const THANKS: &str = "https://atelier-soleil.example/merci";
/// The form takes one line of text of 80 characters, and nothing else that is long.
const MOST_TRAIT_BYTES: usize = 2_000;

fuzz_target!(|bytes: &[u8]| {
    let mut lines = bytes.splitn(3, |byte| *byte == b'\n');
    let [kind, accept, body] = [(); 3].map(|()| lines.next().unwrap_or_default());
    let (Ok(kind), Ok(accept)) = (HeaderValue::from_bytes(kind), HeaderValue::from_bytes(accept)) else {
        return;
    };
    let world = world();
    let post = || {
        let mut request = request(Method::POST, "/f/guide-solaire", &[("origin", SITE)], body);
        request.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
        request.headers_mut().insert(header::ACCEPT, accept.clone());
        run(world.form(request))
    };
    let answer = post();
    check_harmless(&answer);
    let status = answer.status().as_u16();
    let stored = world.count();
    match status {
        200 | 303 => assert!(stored <= 1),
        400 | 413 | 415 | 422 => assert_eq!(stored, 0, "{status}, and somebody is stored"),
        _ => panic!("{answer:?}"),
    }
    if let Some(location) = answer.headers().get(header::LOCATION) {
        let location = location.to_str().expect("an address in ASCII");
        let rest = location.strip_prefix(SITE).unwrap_or_else(|| panic!("an open redirect: {location}"));
        assert!(location == THANKS || rest.is_empty() || rest.starts_with(['/', '?', '#']), "{location}");
    }
    let again = post();
    assert_eq!((again.status(), again.body()), (answer.status(), answer.body()), "the same post again");
    assert_eq!(world.count(), stored, "a double click makes nobody new");
    if let Some(lead) = world.only_lead() {
        let known = ["first_name", "housing", "surface", "phone", "visit"];
        assert!(lead.traits.keys().all(|name| known.contains(&name.as_str())), "{:?}", lead.traits);
        let size = serde_json::to_string(&lead.traits).expect("traits are JSON").len();
        assert!(size <= MOST_TRAIT_BYTES, "{size} bytes of traits");
    }
});
