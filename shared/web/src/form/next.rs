//! Where a browser goes after a post.

use domain::campaign::{Form, Thanks};
use url::Url;

use crate::cors::{is_among, origin_of};

/// The page that the post names, if the form's owner allows its origin; else the one that the campaign names.
pub(crate) fn next(form: &Form, asked: Option<&str>) -> Option<String> {
    asked.and_then(|address| allowed(form, address)).or_else(|| thanks(form).cloned())
}

fn thanks(form: &Form) -> Option<&String> {
    match &form.thanks {
        Some(Thanks::Page(page)) => Some(page),
        Some(Thanks::Text(_)) | None => None,
    }
}

/// What is not plainly an address on an allowed origin is no address: `//evil.example`, `https:\\evil.example` and
/// `https://good.example@evil.example` all lead elsewhere than they seem to. Spelled as the parser understood it.
fn allowed(form: &Form, address: &str) -> Option<String> {
    if address.contains(|c: char| c.is_control() || c == '\\') {
        return None;
    }
    let url = Url::parse(address).ok()?;
    let plain =
        matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    let known = form.allowed_origins.iter().chain(thanks(form)).map(String::as_str);
    let origin = origin_of(address).filter(|_| plain)?;
    is_among(&origin, known).then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    const THANKS: &str = "https://thanks.example/merci";

    fn form() -> Form {
        Form {
            allowed_origins: vec!["https://good.example".into()],
            thanks: Some(Thanks::Page(THANKS.into())),
            ..Form::default()
        }
    }

    #[rstest]
    #[case::an_allowed_page("https://good.example/a?b=c#d", "https://good.example/a?b=c#d")]
    #[case::on_the_origin_of_thanks("https://thanks.example/en", "https://thanks.example/en")]
    #[case::letters_beyond_ascii("https://good.example/été", "https://good.example/%C3%A9t%C3%A9")]
    #[case::another_origin("https://evil.example/", THANKS)]
    #[case::another_scheme("http://good.example/", THANKS)]
    #[case::another_port("https://good.example:444/", THANKS)]
    #[case::a_longer_name("https://good.example.evil.example/", THANKS)]
    #[case::without_a_scheme("//evil.example", THANKS)]
    #[case::a_path("/merci", THANKS)]
    #[case::backslashes("https:\\\\evil.example", THANKS)]
    #[case::a_backslash_after_the_host("https://evil.example\\@good.example/", THANKS)]
    #[case::a_name_before_the_host("https://good.example@evil.example/", THANKS)]
    #[case::a_name_before_the_good_host("https://evil.example@good.example/", THANKS)]
    #[case::a_script("javascript:alert(1)", THANKS)]
    #[case::data("data:text/html,hello", THANKS)]
    #[case::a_line_break("https://good.example/\r\nSet-Cookie: a=b", THANKS)]
    #[case::a_tab_in_the_scheme("java\tscript:alert(1)", THANKS)]
    #[case::nothing("", THANKS)]
    fn after_a_post(#[case] asked: &str, #[case] expected: &str) {
        assert_eq!(next(&form(), Some(asked)).as_deref(), Some(expected));
    }

    #[test]
    fn a_campaign_without_a_page_has_ours() {
        let form = Form { thanks: None, ..form() };
        assert_eq!(next(&form, None), None);
        assert_eq!(next(&form, Some("https://evil.example")), None);
    }

    proptest! {
        #[test]
        fn nobody_is_led_elsewhere(asked in "(https?:)?[/\\\\]{0,3}(good\\.example|evil\\.example|@|:|\\.|\\PC){0,6}") {
            let led = next(&form(), Some(&asked)).unwrap();
            prop_assert!(led.starts_with("https://good.example/") || led == THANKS, "{}", led);
        }
    }
}
