//! Reads `turnstile`: by which key forms ask Cloudflare whether a person posts.

use domain::organisation::Turnstile;

use crate::reader::Reader;
use crate::rule::Rule;
use crate::shape::organisation as shape;
use crate::yaml::Node;

/// Site keys have 24 characters or less, secret keys 35; what is longer than this is taken for the latter.
const LONGEST_SITE_KEY: usize = 30;

pub(super) fn read<'a>(reader: Reader<'a>, node: &'a Node) -> Option<Turnstile> {
    let fields = reader.fields(node, "`turnstile`", &shape::TURNSTILE)?;
    let node = fields.need("site_key")?;
    let site_key = reader.text(node, "a site key")?;
    let letters = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    if site_key.is_empty() || !site_key.chars().all(letters) {
        let help = "copy it from Cloudflare: it looks like `0x4AAAAAAADnPIDROrmt1Wwj`";
        reader.error(&node.span, "this is no site key of Turnstile", help).rule(Rule::InvalidValue);
        return None;
    }
    if site_key.len() > LONGEST_SITE_KEY {
        let help = "give the site key; the secret key goes to the stack, as `TurnstileSecret`";
        let message = "this looks like the secret key, and what stands here is shown to everybody";
        reader.warning(&node.span, message, help).rule(Rule::InvalidValue);
    } else if ["1x000000", "2x000000", "3x000000"].iter().any(|test| site_key.starts_with(test)) {
        let help = "replace it by your own before you deploy";
        reader
            .warning(&node.span, "this is a key for tests: it stops no robot", help)
            .rule(Rule::InvalidValue);
    }
    Some(Turnstile { site_key: site_key.to_owned() })
}
