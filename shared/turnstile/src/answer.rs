//! Reads what Cloudflare answers (Turnstile, "Validate the token").

use app::ports::ChallengeError;
use serde::Deserialize;

/// What is the visitor's fault, or the visitor's time that ran out: another challenge mends it.
const OF_THE_VISITOR: [&str; 3] =
    ["missing-input-response", "invalid-input-response", "timeout-or-duplicate"];

#[derive(Deserialize)]
struct Answer {
    success: bool,
    #[serde(rename = "error-codes", default)]
    codes: Vec<String>,
}

/// Yes is a 200 that says so. Another fault than the visitor's, such as a secret that is not known, says nothing of the visitor.
pub(crate) fn judge(status: u16, body: &[u8]) -> Result<bool, ChallengeError> {
    let Ok(answer) = serde_json::from_slice::<Answer>(body) else {
        return Err(ChallengeError::new(match status {
            200 => "the answer cannot be read".to_owned(),
            _ => format!("http {status}"),
        }));
    };
    if answer.success {
        return if status == 200 { Ok(true) } else { Err(ChallengeError::new(format!("http {status}"))) };
    }
    let of_the_visitor = |code: &String| OF_THE_VISITOR.contains(&code.as_str());
    if !answer.codes.is_empty() && answer.codes.iter().all(of_the_visitor) {
        return Ok(false);
    }
    let codes: Vec<&str> = answer.codes.iter().map(|code| told(code)).collect();
    Err(ChallengeError::new(format!("http {status}, [{}]", codes.join(", "))))
}

/// A code as it may stand in the log: nothing that was sent comes back in one.
fn told(code: &str) -> &str {
    let is_code = code.len() <= 40 && code.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    if is_code { code } else { "an odd code" }
}
