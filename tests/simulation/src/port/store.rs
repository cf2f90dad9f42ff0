//! The store of leads, as a program sees it.

use app::ports::{Commit, Due, Erasure, LeadStore, Record, StoreError, Stored, Write};
use domain::LeadId;
use domain::consent::SuppressionReason;
use jiff::Timestamp;

use super::Port;
use crate::agenda::OwnedWrite;
use crate::erase::{Left, Why};

impl LeadStore for Port {
    async fn load(&self, lead: &LeadId) -> Result<Option<Stored>, StoreError> {
        self.time("before it reads a lead").await;
        let answer = self.world().load(lead);
        self.time("after it read a lead").await;
        answer
    }

    async fn commit(&self, write: &Write<'_>) -> Result<Commit, StoreError> {
        self.time("before a write").await;
        let answer = {
            let mut world = self.world();
            let (lead, records) = (write.lead.clone(), write.records.to_vec());
            let limits = write.limits.to_vec();
            let (expected, now, by) = (write.expected, write.now, world.current);
            let campaigns = world.running.get(&by).map_or(0, |running| running.version);
            world.commit(OwnedWrite { expected, lead, records, limits, now, by, campaigns })
        };
        self.time("after a write").await;
        answer
    }

    async fn due(&self, until: Timestamp, limit: usize) -> Result<Vec<Due>, StoreError> {
        self.time("before it reads who is due").await;
        let answer = self.world().due(until, limit);
        self.time("after it read who is due").await;
        answer
    }

    async fn begin_erasure(
        &self,
        lead: &LeadId,
        erasure: Erasure<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.time("before it begins to erase").await;
        let (lead, why) = (lead.clone(), Why::from(erasure));
        let answer = self.world().carry_out(move |world| world.begin_erasure(&lead, why, now));
        self.time("after it began to erase").await;
        answer
    }

    async fn finish_erasure(&self, lead: &LeadId) -> Result<bool, StoreError> {
        self.time("before it reads a mark").await;
        let Some(this) = self.world().erasing(lead)? else { return Ok(false) };
        loop {
            self.time("before it deletes records").await;
            let id = lead.clone();
            let left = self.world().carry_out(move |world| world.delete_records(&id, this))?;
            self.time("after it deleted records").await;
            match left {
                Left::More => {}
                Left::Nothing => break,
                Left::Theirs => return Ok(false),
            }
        }
        let id = lead.clone();
        let answer = self.world().carry_out(move |world| world.end_erasure(&id, this));
        self.time("after it ended an erasure").await;
        answer
    }

    async fn suppress_erased(
        &self,
        lead: &LeadId,
        _: SuppressionReason,
        _: Timestamp,
    ) -> Result<bool, StoreError> {
        self.time("before it writes a mark").await;
        let id = lead.clone();
        let answer = self.world().carry_out(move |world| world.suppress_erased(&id));
        self.time("after it wrote a mark").await;
        answer
    }

    async fn records(&self, lead: &LeadId) -> Result<Vec<Record>, StoreError> {
        self.time("before it reads records").await;
        let answer = self.world().table.records(lead);
        self.time("after it read records").await;
        Ok(answer)
    }

    /// Nobody reads in this world.
    async fn reads_of_all(&self, _: Timestamp) -> Result<Vec<domain::Activity>, StoreError> {
        Ok(Vec::new())
    }
}
