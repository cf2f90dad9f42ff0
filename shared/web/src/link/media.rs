//! What kind of file a name tells of, and under what name it is saved.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Media {
    /// For `Content-Type`.
    pub content_type: &'static str,
    /// Whether a browser may show it; what it would run, or does not know, is saved.
    pub shown: bool,
}

/// By the name's ending.
pub(super) fn of(path: &str) -> Media {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    let (content_type, shown) = match ending.as_str() {
        "pdf" => ("application/pdf", true),
        "png" => ("image/png", true),
        "jpg" | "jpeg" => ("image/jpeg", true),
        "webp" => ("image/webp", true),
        "gif" => ("image/gif", true),
        "mp3" => ("audio/mpeg", true),
        "mp4" => ("video/mp4", true),
        "txt" => ("text/plain; charset=utf-8", true),
        "csv" => ("text/csv; charset=utf-8", false),
        "html" | "htm" => ("text/html; charset=utf-8", false),
        "ics" => ("text/calendar; charset=utf-8", false),
        "epub" => ("application/epub+zip", false),
        "zip" => ("application/zip", false),
        "docx" => ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", false),
        "xlsx" => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false),
        "pptx" => ("application/vnd.openxmlformats-officedocument.presentationml.presentation", false),
        "odt" => ("application/vnd.oasis.opendocument.text", false),
        "ods" => ("application/vnd.oasis.opendocument.spreadsheet", false),
        _ => ("application/octet-stream", false),
    };
    Media { content_type, shown }
}

/// Letters that RFC 8187 lets stand as they are.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// For `Content-Disposition` (RFC 6266), with an ASCII name for those who read no other.
pub(super) fn disposition(path: &str, shown: bool) -> String {
    let kind = if shown { "inline" } else { "attachment" };
    let name = path.rsplit('/').next().unwrap_or_default();
    let safe = |c: char| if c.is_ascii_alphanumeric() || ".-_ ".contains(c) { c } else { '_' };
    let ascii: String = name.chars().map(safe).collect();
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(name, PLAIN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("files/guide.pdf", true, "inline; filename=\"guide.pdf\"; filename*=UTF-8''guide.pdf")]
    #[case(
        "été \"1\".pdf",
        false,
        "attachment; filename=\"_t_ _1_.pdf\"; filename*=UTF-8''%C3%A9t%C3%A9%20%221%22.pdf"
    )]
    #[case("a\r\nb.txt", true, "inline; filename=\"a__b.txt\"; filename*=UTF-8''a%0D%0Ab.txt")]
    fn a_file_is_saved_under_its_name(#[case] path: &str, #[case] shown: bool, #[case] expected: &str) {
        assert_eq!(disposition(path, shown), expected);
    }

    #[test]
    fn what_could_run_is_saved() {
        assert!(of("Guide.PDF").shown);
        assert!(["page.html", "image.svg", "no-ending", "script.js"].iter().all(|path| !of(path).shown));
    }
}
