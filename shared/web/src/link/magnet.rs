//! `/d/{token}`: the guide that a lead asked for, as a file or elsewhere.

use std::path::{Component, Path, PathBuf};

use app::App;
use app::ports::{Clock, LeadStore};
use app::token::Download;
use domain::agent::is_machine;
use domain::campaign::Magnet;
use http::{HeaderName, Method, StatusCode, header};
use maud::Markup;

use super::{Visit, media};
use crate::request::header;
use crate::{Response, reply};

/// Hands out the magnet. A GET is noted, and the visitor gets what was promised even if that fails.
pub(super) async fn fetch<S: LeadStore, C: Clock>(
    app: &App<S, C>,
    visit: &Visit<'_>,
    token: &str,
) -> Response {
    let token: Download = match visit.open(app, token) {
        Ok(token) => token,
        Err(page) => return *page,
    };
    let missing = || visit.notice(StatusCode::NOT_FOUND, &visit.words().no_magnet, &Markup::default());
    let magnet = app.bundle.campaign(&token.campaign).and_then(|campaign| campaign.magnet.as_ref());
    let answer = match magnet {
        None => return reply::logged_of(missing(), "no_magnet", &token.lead),
        Some(Magnet::Url(url)) => reply::redirect(StatusCode::FOUND, url),
        Some(Magnet::File(path)) => {
            let whole = inside(&app.files.join(token.campaign.as_str()), path);
            match whole.ok_or_else(outside).and_then(std::fs::read) {
                Ok(body) => file(path, body),
                Err(error) => return reply::failed(missing(), Some(&token.lead), &error),
            }
        }
    };
    if visit.request.method() == Method::HEAD {
        return reply::logged_of(answer, "looked_at", &token.lead);
    }
    match app.download(&token, by_machine(visit)).await {
        Ok(()) => reply::logged_of(answer, "downloaded", &token.lead),
        Err(error) => reply::failed(answer, Some(&token.lead), &error),
    }
}

fn file(path: &str, body: Vec<u8>) -> Response {
    let media = media::of(path);
    let mut response = reply::bytes(StatusCode::OK, media.content_type, body);
    reply::set(&mut response, header::CONTENT_DISPOSITION, &media::disposition(path, media.shown));
    // The browser's own viewer of such files must be let to style itself; what could run is never shown but saved.
    reply::set(&mut response, header::CONTENT_SECURITY_POLICY, "base-uri 'none'; frame-ancestors 'none'");
    reply::set(&mut response, HeaderName::from_static("x-robots-tag"), "noindex");
    response
}

/// The path in that folder; none for one that leads out of it.
fn inside(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    let stays = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    stays.then(|| folder.join(path))
}

fn outside() -> std::io::Error {
    std::io::Error::new(
        std::io::ErrorKind::InvalidInput,
        "the magnet's path leads out of its campaign's folder",
    )
}

/// A browser that fetches ahead of its user counts as a machine, as does what calls itself one.
fn by_machine(visit: &Visit<'_>) -> bool {
    let ahead = ["purpose", "sec-purpose", "x-purpose", "x-moz"].into_iter().any(|name| {
        let value = header(visit.request, HeaderName::from_static(name));
        value.is_some_and(|value| value.contains("prefetch") || value.contains("preview"))
    });
    ahead || is_machine(&header(visit.request, header::USER_AGENT).unwrap_or_default())
}
