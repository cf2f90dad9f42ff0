//! The hosted page as it is answered: the empty form, and the form with what was typed.

use app::token::TokenKeys;
use http::{StatusCode, header};
use jiff::Timestamp;

use super::answer::Answers;
use super::body::Posted;
use super::fault::Fault;
use super::page::{self, Sheet};
use super::stamp::{self, Pace};
use super::{thanks, touch};
use crate::page::content_security_policy_of_form;
use crate::request::{header, pairs, query};
use crate::{Response, reply};

/// The hosted page tells its own address, not an address with a token; and with no referrer at all, browsers would
/// post it with an `Origin` of `null`.
const REFERRER_POLICY: &str = "strict-origin-when-cross-origin";
/// Fields beyond the form's own that a corrected post must bear again.
const CARRIED: [&str; 9] = [
    "_next",
    "_redirect",
    "_locale",
    "_time_zone",
    "_token",
    "_id",
    "_referrer",
    "referrer",
    "_landing_page",
];

/// What the times of pages are signed and read with.
#[derive(Clone, Copy)]
pub(super) struct Clockwork<'a> {
    pub keys: &'a TokenKeys,
    pub now: Timestamp,
}

impl Answers<'_> {
    /// The hosted form, or what it says afterwards.
    pub fn page(&self) -> Response {
        let language = self.page_language(None);
        if query(self.request, "thanks").is_some() {
            return reply::logged(
                self.hosted(StatusCode::OK, thanks::page(self.campaign, self.form, language, "&thanks")),
                "thanks_shown",
            );
        }
        let told: Vec<(String, String)> = pairs(self.request)
            .filter(|(name, _)| touch::UTM.contains(&name.as_ref()))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let rest: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(&told).finish();
        let switch = if rest.is_empty() { rest } else { format!("&{rest}") };
        let mut hidden = told;
        hidden.push(("_locale".into(), self.language(&Posted::default()).locale.to_string()));
        hidden.extend(self.own_hidden(|name| query(self.request, name)));
        hidden.extend(self.stamp(false));
        hidden.extend(
            header(self.request, header::REFERER)
                .map(|page| ("_referrer".into(), touch::without_query(&page))),
        );
        let sheet = Sheet {
            campaign: self.campaign,
            form: self.form,
            language,
            typed: &Posted::default(),
            faults: &[],
            notice: None,
            hidden: &hidden,
            switch: Some(&switch),
        };
        reply::logged(self.hosted(StatusCode::OK, page::page(&sheet)), "form_shown")
    }

    /// The form with what was typed.
    pub fn again(
        &self,
        status: StatusCode,
        posted: &Posted,
        faults: &[Fault],
        notice: Option<&'static str>,
    ) -> Response {
        let carried = |name: &str, value: &str| match name {
            "_referrer" | "referrer" | "_landing_page" => touch::without_query(value),
            _ => value.to_owned(),
        };
        let names = CARRIED.iter().chain(&touch::UTM);
        let mut hidden: Vec<(String, String)> = names
            .filter(|name| self.form.fields.iter().all(|field| field.name != **name))
            .filter_map(|name| Some(((*name).to_owned(), carried(name, posted.first(name)?))))
            .collect();
        hidden.extend(self.own_hidden(|name| posted.first(name).map(str::to_owned)));
        hidden.extend(self.stamp(true));
        self.carry_touch(posted, &mut hidden);
        let sheet = Sheet {
            campaign: self.campaign,
            form: self.form,
            language: self.page_language(Some(posted)),
            typed: posted,
            faults,
            notice,
            hidden: &hidden,
            switch: None,
        };
        self.hosted(status, page::page(&sheet))
    }

    /// The form's own hidden fields: whoever asks or posts may choose among what the file allows.
    fn own_hidden(&self, told: impl Fn(&str) -> Option<String>) -> Vec<(String, String)> {
        let own = self.form.fields.iter().filter(|field| !field.is_visible());
        own.filter_map(|field| {
            let told = told(&field.name);
            Some((field.name.clone(), field.kind.hidden_value(told.as_deref())?.to_owned()))
        })
        .collect()
    }

    /// The corrected post comes from our page, and then nobody could tell any more on whose page it began.
    fn carry_touch(&self, posted: &Posted, hidden: &mut Vec<(String, String)>) {
        let touch = touch::touch(posted, self.request);
        let told = [
            touch.utm_source,
            touch.utm_medium,
            touch.utm_campaign,
            touch.utm_term,
            touch.utm_content,
            touch.landing_page,
        ];
        for (name, value) in touch::UTM.into_iter().chain(["_landing_page"]).zip(told) {
            let Some(value) = value else { continue };
            if hidden.iter().all(|(known, _)| known != name) {
                hidden.push((name.to_owned(), value));
            }
        }
    }

    /// What the time tells that the visitor took.
    pub fn pace(&self, posted: &Posted) -> Pace {
        let Clockwork { keys, now } = self.clockwork;
        match self.organisation.limits.fill_time {
            Some(fill_time) => stamp::judge(keys, &self.campaign.id, posted, fill_time, now),
            None => Pace::Human,
        }
    }

    /// The hidden field that tells when the page was shown, where somebody measures.
    fn stamp(&self, filled: bool) -> Option<(String, String)> {
        self.organisation.limits.fill_time?;
        let Clockwork { keys, now } = self.clockwork;
        Some((stamp::FIELD.to_owned(), stamp::stamp(keys, &self.campaign.id, filled, now)))
    }

    fn hosted(&self, status: StatusCode, markup: maud::Markup) -> Response {
        let mut response = reply::html(status, markup);
        let policy = content_security_policy_of_form(self.organisation.turnstile.is_some());
        reply::set(&mut response, header::CONTENT_SECURITY_POLICY, &policy);
        reply::set(&mut response, header::REFERRER_POLICY, REFERRER_POLICY);
        reply::set(&mut response, header::VARY, "Origin, Accept, Accept-Language");
        response
    }
}
