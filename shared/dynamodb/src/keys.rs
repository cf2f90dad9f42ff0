//! The keys of the table: how they are written and read.
//!
//! | item        | `PK`                   | `SK`             |
//! |-------------|------------------------|------------------|
//! | profile     | `LEAD#{lead_id}`       | `PROFILE`        |
//! | record      | `LEAD#{lead_id}`       | `ACT#{input_id}` |
//! | suppression | `SUPPRESSED#{lead_id}` | `-`              |
//! | gate        | `SENDING`              | `GATE`           |
//! | day         | `SENDING`              | `DAY#{date}`     |
//! | count       | `SENDING`              | `CONFIRMATIONS#{hour}` |
//! | read of all leads | `READS`          | `{at}#{by}`      |
//! | limit       | `LIMIT#{hash}` of a network, `MAILBOX#{hash}` | `{from}/{until}` |
//!
//! A profile that has something due also stands in the index `due`, under `due_pk` = `DUE#{shards}#{shard}` and
//! `due_sk` = `{due_at}#{lead_id}`; so does a suppression while its lead is being erased. The number of shards is part of the
//! key, so that entries written under another number are still found under theirs. The last shard, if there are several, is
//! read first: in it stand those for whose e-mail or erasure somebody waits.

use app::limit::{Limit, LimitKind};
use domain::{InputId, LeadId};
use jiff::Timestamp;
use jiff::civil::Date;

/// The sparse index of profiles that have something due; it projects keys only.
pub const DUE_INDEX: &str = "due";
/// The sort key of every profile.
pub const PROFILE: &str = "PROFILE";
/// What the sort keys of records begin with.
pub const RECORDS: &str = "ACT#";
/// The sort key of every suppression.
pub const SUPPRESSION: &str = "-";

/// The partition of what concerns sending as a whole.
pub const SENDING: &str = "SENDING";
/// The sort key of the gate that all e-mails pass.
pub const GATE: &str = "GATE";

/// The partition of what people read of all leads at once.
pub(crate) const READS: &str = "READS";

/// Before every day's sort key, and after it.
pub(crate) const DAYS: &str = "DAY#";
pub(crate) const DAYS_END: &str = "DAY$";

/// The sort key of what was told of e-mails on that UTC day.
pub(crate) fn day_sk(day: Date) -> String {
    format!("{DAYS}{day}")
}

/// The sort key of an hour's count of confirmations.
pub(crate) fn confirmations_sk(hour: Timestamp) -> String {
    format!("CONFIRMATIONS#{hour}")
}

/// The partition of a lead's profile and records.
pub fn lead_pk(lead: &LeadId) -> String {
    format!("LEAD#{lead}")
}

/// The lead that a partition belongs to; none for a suppression's.
pub fn lead_of(pk: &str) -> Option<LeadId> {
    LeadId::parse(pk.strip_prefix("LEAD#")?).ok()
}

/// The sort key of an input's record.
pub fn record_sk(input: &InputId) -> String {
    format!("{RECORDS}{input}")
}

/// The input that a record is of.
pub(crate) fn input_of(sk: &str) -> Option<InputId> {
    InputId::parse(sk.strip_prefix(RECORDS)?).ok()
}

/// What the partitions of suppressions begin with.
pub const SUPPRESSIONS: &str = "SUPPRESSED#";

/// The partition of a suppression: apart from the lead's, since it outlives it.
pub fn suppression_pk(lead: &LeadId) -> String {
    format!("{SUPPRESSIONS}{lead}")
}

/// The lead that a suppression is about.
pub(crate) fn suppressed_lead_of(pk: &str) -> Option<LeadId> {
    LeadId::parse(pk.strip_prefix(SUPPRESSIONS)?).ok()
}

/// The partition of a network's or a mailbox's counts.
pub(crate) fn limit_pk(limit: &Limit) -> String {
    let kind = match limit.kind {
        LimitKind::Network => "LIMIT",
        LimitKind::Mailbox => "MAILBOX",
    };
    format!("{kind}#{}", limit.whose)
}

/// The sort key of one count: limits over spans of other lengths count apart.
pub(crate) fn limit_sk(limit: &Limit) -> String {
    format!("{}/{}", limit.from, limit.until)
}

/// The partition of the due index that a lead stands in.
pub(crate) fn due_pk_of(lead: &LeadId, somebody_waits: bool, shards: u32) -> String {
    let others = shards.saturating_sub(1).max(1);
    due_pk(shards, if somebody_waits { shards.saturating_sub(1) } else { lead.shard(others) })
}

/// One of the due index's partitions.
pub(crate) fn due_pk(shards: u32, shard: u32) -> String {
    format!("DUE#{shards}#{shard}")
}

/// Whether those of that shard are waited for. Where there is one shard alone, they all count as if they were.
pub(crate) fn is_waited_for(shards: u32, shard: u32) -> bool {
    shard + 1 == shards
}

/// How many shards there were when a [`due_pk`] was written.
pub(crate) fn shards_of(due_pk: &str) -> Option<u32> {
    due_pk.strip_prefix("DUE#")?.split('#').next()?.parse().ok().filter(|shards| *shards > 0)
}

/// Sorts by time first, and then tells leads apart.
pub(crate) fn due_sk(at: Timestamp, lead: &LeadId) -> String {
    format!("{}#{lead}", fixed_width(at))
}

/// Not before any [`due_sk`] of that moment, and before those of the next millisecond: `$` follows `#` in ASCII.
pub(crate) fn due_until(at: Timestamp) -> String {
    format!("{}$", fixed_width(at))
}

/// When and who, from a [`due_sk`].
pub(crate) fn due_of(sk: &str) -> Option<(Timestamp, LeadId)> {
    let (at, lead) = sk.split_once('#')?;
    Some((at.parse().ok()?, LeadId::parse(lead).ok()?))
}

/// RFC 3339 with milliseconds, always as long, so that text sorts as time does.
pub(crate) fn fixed_width(at: Timestamp) -> String {
    format!("{at:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead() -> LeadId {
        LeadId::parse("00112233445566778899aabbccddeeff").unwrap()
    }

    #[test]
    fn due_keys_sort_as_time_does() {
        let moments = [
            "2026-12-31T23:59:59.999Z",
            "2027-01-01T00:00:00Z",
            "2027-01-01T00:00:00.001Z",
            "2027-01-01T00:00:00.1Z",
        ];
        let keys: Vec<String> = moments.iter().map(|at| due_sk(at.parse().unwrap(), &lead())).collect();
        assert!(keys.is_sorted(), "{keys:?}");
        assert_eq!(keys[1], "2027-01-01T00:00:00.000Z#00112233445566778899aabbccddeeff");
    }

    #[test]
    fn the_bound_takes_in_its_own_moment_and_no_later_one() {
        let bound = due_until("2027-01-01T00:00:00Z".parse().unwrap());
        assert!(due_sk("2027-01-01T00:00:00Z".parse().unwrap(), &lead()) < bound);
        assert!(due_sk("2027-01-01T00:00:00.001Z".parse().unwrap(), &lead()) > bound);
    }

    #[test]
    fn keys_are_read_back() {
        assert_eq!(lead_of(&lead_pk(&lead())), Some(lead()));
        assert_eq!(lead_of(&suppression_pk(&lead())), None);
        let input = InputId::of("form", &["guide"]);
        assert_eq!(input_of(&record_sk(&input)), Some(input));
        let at: Timestamp = "2027-01-01T00:00:00.25Z".parse().unwrap();
        assert_eq!(due_of(&due_sk(at, &lead())), Some((at, lead())));
        for odd in ["", "2027-01-01T00:00:00.000Z", "yesterday#00112233445566778899aabbccddeeff"] {
            assert_eq!(due_of(odd), None, "{odd}");
        }
    }
}
