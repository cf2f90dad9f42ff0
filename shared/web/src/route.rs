//! The routes that the world sees, each with its methods. `template.yaml` has the same.

use http::Method;

/// Addresses of one shape, and what may be asked of them.
#[derive(Debug, PartialEq, Eq)]
pub struct Route {
    /// With at most one parameter, as API Gateway writes it: `/f/{campaign}`.
    pub path: &'static str,
    /// All that it answers; others get 405.
    pub methods: &'static [Method],
}

pub(crate) const FORM: &str = "/f/{campaign}";
pub(crate) const SCRIPT: &str = "/f/{campaign}/embed.js";
pub(crate) const CONFIRM: &str = "/c/{token}";
pub(crate) const LEAVE: &str = "/u/{token}";
pub(crate) const PREFERENCES: &str = "/p/{token}";
pub(crate) const MAGNET: &str = "/d/{token}";
pub(crate) const EVENTS: &str = "/v1/events";

const PAGE_WITH_BUTTON: &[Method] = &[Method::GET, Method::HEAD, Method::POST];

/// All of them: at an address that fits none there is nothing. Where several fit, the first counts.
pub const ROUTES: [Route; 7] = [
    Route { path: SCRIPT, methods: &[Method::GET, Method::HEAD, Method::OPTIONS] },
    Route { path: FORM, methods: &[Method::GET, Method::HEAD, Method::POST, Method::OPTIONS] },
    Route { path: CONFIRM, methods: PAGE_WITH_BUTTON },
    Route { path: LEAVE, methods: PAGE_WITH_BUTTON },
    Route { path: PREFERENCES, methods: PAGE_WITH_BUTTON },
    Route { path: MAGNET, methods: &[Method::GET, Method::HEAD] },
    Route { path: EVENTS, methods: &[Method::POST, Method::OPTIONS] },
];

impl Route {
    /// The route of an address, and what stands in its parameter's place, which may be nothing, or have slashes.
    pub fn of(path: &str) -> Option<(&'static Self, &str)> {
        ROUTES.iter().find_map(|route| Some((route, route.parameter(path)?)))
    }

    fn parameter<'a>(&self, path: &'a str) -> Option<&'a str> {
        let Some((before, rest)) = self.path.split_once('{') else {
            return (self.path == path).then_some("");
        };
        let (_, after) = rest.split_once('}')?;
        path.strip_prefix(before)?.strip_suffix(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("/f/guide", Some((FORM, "guide")))]
    #[case("/f/guide/embed.js", Some((SCRIPT, "guide")))]
    #[case("/f/", Some((FORM, "")))]
    #[case("/c/token", Some((CONFIRM, "token")))]
    #[case("/c/", Some((CONFIRM, "")))]
    #[case("/c/token/more", Some((CONFIRM, "token/more")))]
    #[case("//c/token", None)]
    #[case("/c", None)]
    #[case("/v1/events", Some((EVENTS, "")))]
    #[case("/v1/events/", None)]
    #[case("/", None)]
    #[case("", None)]
    fn an_address_has_a_route(#[case] path: &str, #[case] expected: Option<(&str, &str)>) {
        assert_eq!(Route::of(path).map(|(route, parameter)| (route.path, parameter)), expected);
    }
}
