//! Limits: what strangers may use up, counted by keyed hashes, so that what is kept tells of no address.

use std::net::{IpAddr, Ipv6Addr};

use domain::organisation::{FrequencyCap, Limits};
use domain::{EmailAddress, Lead, LeadKey};
use jiff::Timestamp;

/// One count that a write raises, or that refuses the write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Of what.
    pub kind: LimitKind,
    /// Whose: a keyed hash.
    pub whose: String,
    /// When the count began.
    pub from: Timestamp,
    /// When it ends, and another one begins.
    pub until: Timestamp,
    /// How far it goes.
    pub most: u32,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    /// The posts of a network.
    Network,
    /// What a mailbox gets since somebody posted its address: confirmations, and first e-mails where none is needed.
    Mailbox,
}

impl Limit {
    /// That an e-mail falls due at a moment which its reader may not have asked for; its mailbox is counted, by whichever of its
    /// addresses.
    pub(crate) fn of_mailbox<'a>(
        limits: &'a Limits,
        key: &LeadKey,
        email: &EmailAddress,
        due: Timestamp,
    ) -> impl Iterator<Item = Self> + 'a {
        let whose = key.hash("mailbox", &email.mailbox());
        limits.confirmations.iter().map(move |cap| Self::of(LimitKind::Mailbox, whose.clone(), cap, due))
    }

    /// That a confirmation leaves, or is put off, to another moment than its mailbox was counted for: the spans that are
    /// others then are counted as well.
    pub(crate) fn of_moved(limits: &Limits, key: &LeadKey, before: &Lead, after: &Lead) -> Vec<Self> {
        let request = |lead: &Lead| {
            let request = lead.consent.request.as_ref()?;
            Some((request.number, request.counted_for()?))
        };
        let (Some((number, from)), Some((same, to))) = (request(before), request(after)) else {
            return Vec::new();
        };
        if number != same {
            return Vec::new();
        }
        let whose = key.hash("mailbox", &after.email.mailbox());
        let moved = limits.confirmations.iter().filter(|cap| cap.window(from) != cap.window(to));
        moved.map(|cap| Self::of(LimitKind::Mailbox, whose.clone(), cap, to)).collect()
    }

    /// That a form was posted from an address; its network is counted. None for what is no address, and where nobody counts.
    pub(crate) fn of_network(
        limits: &Limits,
        key: &LeadKey,
        ip: Option<&str>,
        now: Timestamp,
    ) -> Option<Self> {
        let whose = key.hash("network", &network(ip?.parse().ok()?));
        limits.per_network.as_ref().map(|cap| Self::of(LimitKind::Network, whose, cap, now))
    }

    fn of(kind: LimitKind, whose: String, cap: &FrequencyCap, at: Timestamp) -> Self {
        let (from, until) = cap.window(at);
        Self { kind, whose, from, until, most: cap.count }
    }
}

/// Who is one visitor: an address of IPv4, since more of them are strangers to each other; and the 64 bits of IPv6 that a
/// line is given at the least, since whoever has them changes the rest at will (RFC 6177; RFC 8981).
fn network(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_what_one_visitor_has() {
        let same = [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7", "::ffff:203.0.113.7"),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ];
        let other = [("203.0.113.7", "203.0.113.8"), ("2001:db8:1:2::1", "2001:db8:1:3::1")];
        let network = |text: &str| network(text.parse().unwrap());
        for (one, two) in same {
            assert_eq!(network(one), network(two), "{one} and {two}");
        }
        for (one, two) in other {
            assert_ne!(network(one), network(two), "{one} and {two}");
        }
    }

    #[test]
    fn what_is_kept_tells_of_no_address() {
        let (limits, key) = (Limits::default(), LeadKey::new("0123456789abcdef").unwrap());
        let now = "2027-03-10T09:07:00Z".parse().unwrap();
        let email = EmailAddress::parse("ada@example.com").unwrap();
        let all: Vec<Limit> = Limit::of_mailbox(&limits, &key, &email, now)
            .chain(Limit::of_network(&limits, &key, Some("203.0.113.7"), now))
            .collect();
        assert_eq!(all.len(), 3);
        for limit in &all {
            assert!(
                limit.whose.len() == 32 && limit.whose.chars().all(|c| c.is_ascii_hexdigit()),
                "{limit:?}"
            );
        }
        assert_eq!(all[0].from, "2027-03-10T00:00:00Z".parse().unwrap(), "the UTC day");
        assert_eq!(all[2].from, "2027-03-10T09:00:00Z".parse().unwrap());
        assert_eq!(Limit::of_network(&limits, &key, None, now), None, "nobody told an address");
    }
}
