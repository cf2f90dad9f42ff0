//! Lots that fall the same way each time: a hash of what is drawn for. Nothing here is random.

use sha2::{Digest, Sha256};

/// A number below `end`, each as likely as any other over many parts; 0 if there is none.
///
/// The first part says what the lot decides, so that two lots about the same lead are independent.
pub fn below(end: u64, parts: &[&str]) -> u64 {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let hash: [u8; 32] = digest.finalize().into();
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    // The top of the product: each number has as many hashes as any other, give or take one of some 2^64 / `end`.
    let place = (u128::from(u64::from_be_bytes(first)) * u128::from(end)) >> 64;
    u64::try_from(place).unwrap_or(0)
}
