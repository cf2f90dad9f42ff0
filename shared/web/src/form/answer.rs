//! The answers to a form post: as JSON for a script, as a page or a redirection for a browser.

use app::ApplyError;
use domain::campaign::Form;
use domain::{Campaign, Organisation};
use http::{Method, StatusCode, header};
use maud::html;
use serde::Serialize;
use serde_json::json;

use super::body::{Posted, Unreadable};
use super::challenge;
use super::fault::{Fault, Spelled};
use super::hosted::Clockwork;
use super::next;
use super::thanks::{self, Told};
use super::words::Words;
use crate::language::Language;
use crate::page::{Trouble, message, trouble, trouble_with};
use crate::request::{header, media_type};
use crate::{Request, Response, accept, cors, reply};

/// Who answers what.
pub(super) struct Answers<'a> {
    pub public_url: &'a str,
    pub organisation: &'a Organisation,
    pub campaign: &'a Campaign,
    pub form: &'a Form,
    pub request: &'a Request,
    pub clockwork: Clockwork<'a>,
}

#[derive(Serialize)]
struct Invalid {
    status: &'static str,
    errors: Vec<Spelled>,
}

/// What a script gets to read when nothing of its post was looked at.
pub(crate) fn refusal(status: StatusCode, trouble: Trouble) -> Response {
    refused(status, trouble.code(), message(trouble).to_owned())
}

fn refused(status: StatusCode, code: &'static str, message: String) -> Response {
    let word = if status == StatusCode::UNPROCESSABLE_ENTITY { "invalid" } else { "refused" };
    reply::json(status, &Invalid { status: word, errors: vec![Spelled { field: None, code, message }] })
}

/// Whether our own script posts, which shows in place what a browser would have been led to.
fn from_script(posted: &Posted) -> bool {
    posted.first("_embed").is_some()
}

impl<'a> Answers<'a> {
    /// Accepted, or just as good as that for whoever looks at the answer.
    pub fn success(&self, posted: &Posted) -> Response {
        let asked = posted.first("_next").or_else(|| posted.first("_redirect"));
        let next = next::next(self.form, asked);
        let language = self.page_language(Some(posted));
        let double_opt_in = self.form.consent.double_opt_in;
        let status = if double_opt_in { "pending_confirmation" } else { "subscribed" };
        if from_script(posted) {
            let Told { title, text } = thanks::told(self.form, language, self.campaign);
            return reply::json(
                StatusCode::OK,
                &match next {
                    Some(next) => json!({ "status": status, "next": next }),
                    None => json!({ "status": status, "title": title, "text": text }),
                },
            );
        }
        if accept::prefers_json(self.request) {
            return reply::json(StatusCode::OK, &json!({ "status": status }));
        }
        let next = next.unwrap_or_else(|| {
            format!("{}/f/{}?thanks&lang={}", self.public_url, self.campaign.id, language.locale)
        });
        reply::redirect(StatusCode::SEE_OTHER, &next)
    }

    /// Faults of fields: all of them.
    pub fn invalid(&self, posted: &Posted, faults: &[Fault]) -> Response {
        let language = self.language(posted);
        let answer = if self.wants_faults_in_json() || from_script(posted) {
            let errors = faults.iter().map(|fault| fault.spelled(self.form, language)).collect();
            reply::json(StatusCode::UNPROCESSABLE_ENTITY, &Invalid { status: "invalid", errors })
        } else {
            self.again(StatusCode::UNPROCESSABLE_ENTITY, posted, faults, None)
        };
        reply::logged(answer, "invalid")
    }

    /// A body that tells nothing.
    pub fn unreadable(&self, unreadable: &Unreadable) -> Response {
        let (status, code) = match unreadable {
            Unreadable::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Unreadable::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type"),
            Unreadable::NotUtf8 => (StatusCode::UNPROCESSABLE_ENTITY, "not_utf8"),
            Unreadable::Json(_) => (StatusCode::UNPROCESSABLE_ENTITY, "malformed_json"),
            Unreadable::Multipart(_) => (StatusCode::UNPROCESSABLE_ENTITY, "malformed_multipart"),
        };
        let answer = if self.wants_faults_in_json() {
            refused(status, code, unreadable.to_string())
        } else {
            trouble(status, Language::of(self.organisation, None, self.request), Trouble::Unreadable)
        };
        reply::logged(answer, code)
    }

    /// A post that is not looked at.
    pub fn refuse(&self, status: StatusCode, why: Trouble) -> Response {
        let answer = if self.wants_faults_in_json() {
            refusal(status, why)
        } else {
            let language = Language::of(self.organisation, None, self.request);
            let form = html! {
                a.button href=(self.campaign.id) { (Words::of(language.tongue).open_form) }
            };
            trouble_with(status, language, why, &form)
        };
        reply::logged(answer, why.code())
    }

    /// The store failed, or the address is posted too often at the same time: the visitor keeps what was typed.
    pub fn unavailable(&self, posted: &Posted, error: &ApplyError) -> Response {
        let words = Words::of(self.page_language(Some(posted)).tongue);
        reply::retriable(match error {
            ApplyError::Store(_) => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                self.not_stored(status, posted, Trouble::Unavailable, words.not_stored)
            }
            ApplyError::Contended | ApplyError::TooMany { .. } => {
                self.not_stored(StatusCode::TOO_MANY_REQUESTS, posted, Trouble::TooMany, words.too_many)
            }
        })
    }

    /// The challenge was not solved, or not by whoever posts: another one may be.
    pub fn unsolved(&self, posted: &Posted) -> Response {
        let (status, why) = (StatusCode::UNPROCESSABLE_ENTITY, Trouble::Unsolved);
        let answer = if self.wants_faults_in_json() || from_script(posted) {
            let field = Some(challenge::FIELD.to_owned());
            let error = Spelled { field, code: why.code(), message: message(why).to_owned() };
            // Not `invalid`: our script leaves what is refused to the server's own page, which sets another challenge.
            reply::json(status, &Invalid { status: "refused", errors: vec![error] })
        } else {
            let words = Words::of(self.page_language(Some(posted)).tongue);
            self.again(status, posted, &[], Some(words.unsolved))
        };
        reply::logged(answer, why.code())
    }

    /// Nobody tells whether the challenge was solved.
    pub fn unverified(&self, posted: &Posted) -> Response {
        let words = Words::of(self.page_language(Some(posted)).tongue);
        let status = StatusCode::SERVICE_UNAVAILABLE;
        reply::retriable(self.not_stored(status, posted, Trouble::Unavailable, words.not_stored))
    }

    /// The visitor's network has sent enough until then.
    pub fn too_many(&self, posted: &Posted, seconds: i64) -> Response {
        let words = Words::of(self.page_language(Some(posted)).tongue);
        let status = StatusCode::TOO_MANY_REQUESTS;
        let answer = self.not_stored(status, posted, Trouble::TooMany, words.too_many);
        reply::logged(reply::retriable_after(answer, seconds), Trouble::TooMany.code())
    }

    /// A page of ours that is too old, or whose stamp somebody changed: a person sends it again, and a robot does not.
    pub fn stale(&self, posted: &Posted) -> Response {
        let words = Words::of(self.page_language(Some(posted)).tongue);
        reply::logged(self.not_stored(StatusCode::CONFLICT, posted, Trouble::Stale, words.stale), "stale")
    }

    fn not_stored(
        &self,
        status: StatusCode,
        posted: &Posted,
        why: Trouble,
        notice: &'static str,
    ) -> Response {
        if self.wants_faults_in_json() || from_script(posted) {
            refused(status, why.code(), message(why).into())
        } else {
            self.again(status, posted, &[], Some(notice))
        }
    }

    /// What a browser asks before a page elsewhere may post JSON.
    pub fn preflight(&self, methods: &[Method]) -> Response {
        let Some(origin) = self.origin() else {
            return reply::allowing(reply::bytes(StatusCode::NO_CONTENT, "text/plain", ""), methods);
        };
        if !self.allows(&origin) {
            return cors::readable_by(refusal(StatusCode::FORBIDDEN, Trouble::OriginNotAllowed), None);
        }
        reply::logged(cors::preflight(&origin, &[Method::POST], "content-type"), "preflight")
    }

    /// Whose page posts; none for what is no browser.
    pub fn origin(&self) -> Option<String> {
        header(self.request, header::ORIGIN).map(std::borrow::Cow::into_owned)
    }

    /// Whether pages of that origin may post.
    pub fn allows(&self, origin: &str) -> bool {
        cors::is_among(origin, self.form.allowed_origins.iter().map(String::as_str))
            || cors::is_own(origin, self.public_url, self.request)
    }

    /// The language of the visitor who posted.
    pub fn language(&self, posted: &Posted) -> Language<'a> {
        Language::of(self.organisation, posted.first("_locale"), self.request)
    }

    /// The language of our page for that visitor: the most wanted one of those that the campaign speaks.
    pub fn page_language(&self, posted: Option<&Posted>) -> Language<'a> {
        let asked = posted.and_then(|posted| posted.first("_locale"));
        Language::of_campaign(self.organisation, self.campaign, asked, self.request)
    }

    /// Whoever posts JSON reads JSON, unless a page is asked for by name.
    fn wants_faults_in_json(&self) -> bool {
        let content_type = header(self.request, header::CONTENT_TYPE).unwrap_or_default();
        let posts_json = media_type(&content_type) == "application/json";
        accept::prefers_json(self.request) || (posts_json && !accept::names_html(self.request))
    }
}
