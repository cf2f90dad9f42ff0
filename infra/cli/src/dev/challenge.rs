//! Turnstile here: nobody is asked, unless somebody says so.

use anyhow::Context;
use turnstile::{CLOUDFLARE, Secret, Turnstile};

use crate::WrongUse;

/// Who is asked whether a person posts, by the secret key of the environment.
pub fn turnstile() -> anyhow::Result<Turnstile> {
    #[expect(clippy::disallowed_methods, reason = "this is where the environment comes in")]
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let secret = variable("SILLON_TURNSTILE_SECRET").ok_or_else(|| {
        WrongUse(
            "--turnstile needs the secret key in SILLON_TURNSTILE_SECRET; Cloudflare's key for tests, \
             1x0000000000000000000000000000000AA, takes everybody for a person"
                .into(),
        )
    })?;
    let secret = Secret::parse(&secret).context("SILLON_TURNSTILE_SECRET")?;
    let url = variable("SILLON_TURNSTILE_URL").unwrap_or_else(|| CLOUDFLARE.into());
    Ok(Turnstile::new(secret, url))
}
