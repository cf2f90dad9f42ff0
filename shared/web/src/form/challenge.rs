//! Whether a person posts: the page sets a challenge, and whoever made it says whether it was solved.

use app::App;
use app::ports::{Challenge, ChallengeError};
use domain::InputId;

use super::Posted;

/// The field that holds the solution, by the name that Cloudflare's script gives it.
pub(super) const FIELD: &str = "cf-turnstile-response";

/// Asks about the post's solution. A post that is repeated is the same attempt and passes again; a solution serves no other
/// post. The attempt is known by a keyed hash, which tells nobody what was posted.
pub(super) async fn is_solved<S, C>(
    app: &App<S, C>,
    challenge: &impl Challenge,
    posted: &Posted,
    input: &InputId,
) -> Result<bool, ChallengeError> {
    let Some(solution) = posted.first(FIELD) else { return Ok(false) };
    let attempt = app.lead_key.hash("challenge", &format!("{input} {solution}"));
    challenge.is_solved(solution, &attempt).await
}
