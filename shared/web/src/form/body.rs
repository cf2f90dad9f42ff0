//! Reads a form post's body, in each of the three encodings that browsers and scripts use.

use std::collections::BTreeMap;
use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;

use super::fault::FaultKind;
use super::fields::TOPICS;
use super::json;
use crate::MOST_BYTES;
use crate::request::media_type;

/// One value as it came.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Typed {
    /// A text.
    Text(String),
    /// Bytes that are no UTF-8, with replacement characters in the place of what is broken.
    NotUtf8(String),
    /// A list of texts, as a script posts boxes that are ticked.
    List(Vec<String>),
    /// An object, or a list of something else than texts.
    Nested,
    /// A file.
    File,
}

/// What was posted: a name may come more than once.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Posted(BTreeMap<String, Vec<Typed>>);

/// Why a body tells nothing at all.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the body is larger than {MOST_BYTES} bytes")]
    TooLarge,
    #[error(
        "the content type is not one of `application/x-www-form-urlencoded`, `multipart/form-data` and `application/json`"
    )]
    MediaType,
    #[error("the body is not UTF-8")]
    NotUtf8,
    #[error("the body is not a flat JSON object: {0}")]
    Json(String),
    #[error("the body is not `multipart/form-data`: {0}")]
    Multipart(String),
}

impl Posted {
    /// Reads a body.
    pub async fn read(content_type: &str, body: &Bytes) -> Result<Self, Unreadable> {
        if body.len() > MOST_BYTES {
            return Err(Unreadable::TooLarge);
        }
        match media_type(content_type).as_str() {
            "application/x-www-form-urlencoded" => Ok(Self::urlencoded(body)),
            "multipart/form-data" => Self::multipart(content_type, body.clone()).await,
            "application/json" => json::read(body),
            _ => Err(Unreadable::MediaType),
        }
    }

    /// The URL Standard's `application/x-www-form-urlencoded`, but for its leniency: broken UTF-8 is told apart.
    fn urlencoded(body: &[u8]) -> Self {
        let mut posted = Self::default();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = percent_decoded(halves.next().unwrap_or_default());
            let value = percent_decoded(halves.next().unwrap_or_default());
            posted.add(&String::from_utf8_lossy(&name), text(value));
        }
        posted
    }

    /// RFC 7578. The body is here already, so that nothing of this waits.
    async fn multipart(content_type: &str, body: Bytes) -> Result<Self, Unreadable> {
        let broken = |error: multer::Error| Unreadable::Multipart(error.to_string());
        let boundary = multer::parse_boundary(content_type).map_err(broken)?;
        let body = stream::iter([Ok::<Bytes, Infallible>(body)]);
        let mut parts = multer::Multipart::new(body, boundary);
        let mut posted = Self::default();
        while let Some(part) = parts.next_field().await.map_err(broken)? {
            let Some(name) = part.name().map(str::to_owned) else { continue };
            let file = part.file_name().map(str::to_owned);
            let value = part.bytes().await.map_err(broken)?;
            match file {
                // What browsers send for a file field that nobody touched.
                Some(file) if file.is_empty() && value.is_empty() => {}
                Some(_) => posted.add(&name, Typed::File),
                None => posted.add(&name, text(value.to_vec())),
            }
        }
        Ok(posted)
    }

    pub(super) fn add(&mut self, name: &str, value: Typed) {
        self.0.entry(name.to_owned()).or_default().push(value);
    }

    /// Every text of that name that is not empty; a fault if one of its values is no text.
    pub fn texts(&self, name: &str) -> Result<Vec<&str>, FaultKind> {
        let values = self.0.get(name).map(Vec::as_slice).unwrap_or_default();
        let texts: Result<Vec<&str>, FaultKind> = values.iter().map(Typed::as_text).collect();
        Ok(texts?.into_iter().map(str::trim).filter(|text| !text.is_empty()).collect())
    }

    /// The same for boxes of which several may be ticked: they may come as a list, too.
    pub fn ticked(&self, name: &str) -> Result<Vec<&str>, FaultKind> {
        match self.0.get(name).map(Vec::as_slice) {
            Some([Typed::List(texts)]) => Ok(texts.iter().map(String::as_str).collect()),
            _ => self.texts(name),
        }
    }

    /// The one text of that name. Saying the same twice is no harm; saying two things is.
    pub fn one(&self, name: &str) -> Result<Option<&str>, FaultKind> {
        let texts = self.texts(name)?;
        match texts.as_slice() {
            [] => Ok(None),
            [first, rest @ ..] if rest.iter().all(|text| text == first) => Ok(Some(first)),
            _ => Err(FaultKind::Ambiguous),
        }
    }

    /// The first text of that name, however broken: for what is only shown again, or may be missing.
    pub fn first(&self, name: &str) -> Option<&str> {
        let values = self.0.get(name)?.iter();
        let mut texts = values.filter_map(|value| match value {
            Typed::Text(text) | Typed::NotUtf8(text) => Some(text.trim()),
            Typed::Nested | Typed::List(_) | Typed::File => None,
        });
        texts.find(|text| !text.is_empty())
    }

    /// The names whose values no field can hold, whatever it is.
    pub fn misshapen(&self) -> impl Iterator<Item = (&str, FaultKind)> {
        let fault = |name: &str, values: &[Typed]| {
            values.iter().find_map(|value| match value {
                Typed::List(_) if name == TOPICS => None,
                Typed::Nested | Typed::List(_) => Some(FaultKind::Nested),
                Typed::File => Some(FaultKind::File),
                Typed::Text(_) | Typed::NotUtf8(_) => None,
            })
        };
        self.0.iter().filter_map(move |(name, values)| Some((name.as_str(), fault(name, values)?)))
    }
}

impl Typed {
    fn as_text(&self) -> Result<&str, FaultKind> {
        match self {
            Self::Text(text) => Ok(text),
            Self::NotUtf8(_) => Err(FaultKind::NotUtf8),
            Self::Nested | Self::List(_) => Err(FaultKind::Nested),
            Self::File => Err(FaultKind::File),
        }
    }
}

fn text(bytes: Vec<u8>) -> Typed {
    match String::from_utf8(bytes) {
        Ok(text) => Typed::Text(text),
        Err(broken) => Typed::NotUtf8(String::from_utf8_lossy(broken.as_bytes()).into_owned()),
    }
}

fn percent_decoded(half: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = half.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_encoding::percent_decode(&spaced).collect()
}
