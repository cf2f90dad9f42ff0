//! A scanner that poses as a browser is told by what it does: it follows the links of an e-mail all at once, as soon as
//! the mailbox has it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::Draft;
use crate::activity::{EmailEvent, Fact};
use crate::evolve::{EARLY, hash};
use crate::lead::{EarlyClick, Purpose, Send};
use crate::{CampaignId, Rejection, SendId};

/// Nobody opens an e-mail and follows two of its links within this time of its delivery.
const SCAN: SignedDuration = SignedDuration::from_secs(10);

/// So many downloads a UTC day are taken for a person's: the link is forwarded with the e-mail, and fills no log.
const MOST_DOWNLOADS_A_DAY: usize = 20;

impl Draft<'_> {
    /// Somebody, or something, followed a link. A click that is known to be a machine's gives away what else is followed at that
    /// time. (Not so a download: browsers fetch ahead for people, too.)
    pub(super) fn clicked(&mut self, at: Timestamp, mut event: EmailEvent) {
        let link = hash(event.detail.as_deref().unwrap_or_default());
        let is_scan = match event.machine {
            true => self.may_be_soon(&event.send_id, at),
            false => self.is_scan(&event.send_id, Some((at, &link))),
        };
        if is_scan {
            event.machine = true;
            self.disown_clicks(&event.send_id);
        }
        self.record(at, Fact::EmailClicked(event));
    }

    /// Somebody, or something, followed the link to a magnet, which is no link that SES tracks.
    pub(super) fn downloaded(
        &mut self,
        at: Timestamp,
        campaign: &CampaignId,
        mut machine: bool,
    ) -> Result<(), Rejection> {
        if !machine && self.lead.history.times_on_day("magnet_downloaded", at) >= MOST_DOWNLOADS_A_DAY {
            return Err(Rejection::EnoughForToday);
        }
        let send_id = self.brought_magnet(at, campaign);
        if let Some(send_id) = send_id.as_ref().filter(|_| !machine)
            && self.is_scan(send_id, Some((at, EarlyClick::MAGNET)))
        {
            machine = true;
            self.disown_clicks(send_id);
        }
        self.record(at, Fact::MagnetDownloaded { campaign: campaign.clone(), machine, send_id });
        Ok(())
    }

    /// The campaign's last e-mail with a link to its magnet, if that is on its way or has just arrived.
    fn brought_magnet(&self, at: Timestamp, campaign: &CampaignId) -> Option<SendId> {
        let with_link = &self.bundle.campaign(campaign)?.magnet_emails;
        let of_magnet = |send: &Send| {
            send.campaign == *campaign
                && matches!(&send.purpose, Purpose::Nurture { email, .. } if with_link.contains(email))
        };
        let sent = self.lead.sends.iter().filter(|(_, send)| of_magnet(send));
        let (send_id, send) = sent.max_by_key(|(_, send)| send.at)?;
        (send.delivered_at.is_none_or(|delivered_at| at <= delivered_at + SCAN)).then(|| send_id.clone())
    }

    /// The delivery may be told after the clicks that it shows to be a scanner's, and after a reply that came as a bounce.
    pub(super) fn delivered(&mut self, at: Timestamp, event: EmailEvent) {
        let send_id = event.send_id.clone();
        let rested_until = self.lead.back_off.map(|rest| rest.until).filter(|until| *until > self.now);
        self.record(at, Fact::EmailDelivered(event));
        if let Some(until) = rested_until {
            self.wait_no_longer(until, "the mailbox takes e-mails again");
        }
        if self.is_scan(&send_id, None) {
            self.disown_clicks(&send_id);
        }
    }

    /// Whether several links of the e-mail were followed within seconds of its delivery.
    fn is_scan(&self, send_id: &SendId, one_more: Option<(Timestamp, &str)>) -> bool {
        let Some(send) = self.lead.sends.get(send_id) else { return false };
        if one_more.is_some_and(|(at, _)| !is_soon(send, at)) {
            return false;
        }
        let soon = send.early_clicks.iter().filter(|click| is_soon(send, click.at));
        let mut links: BTreeSet<&str> = soon.map(|click| click.link.as_str()).collect();
        links.extend(one_more.map(|(_, link)| link));
        links.len() > 1 || send.was_scanned
    }

    /// Whether that is within seconds of the delivery, or, while that is not told, within minutes of the sending.
    fn may_be_soon(&self, send_id: &SendId, at: Timestamp) -> bool {
        let send = self.lead.sends.get(send_id);
        send.is_some_and(|send| match send.delivered_at {
            Some(_) => is_soon(send, at),
            None => at <= send.at + EARLY,
        })
    }

    fn disown_clicks(&mut self, send_id: &SendId) {
        let Some(send) = self.lead.sends.get(send_id) else { return };
        let soon = send.early_clicks.iter().map(|click| click.at).filter(|at| is_soon(send, *at));
        let clicked_at: Vec<Timestamp> = soon.collect();
        if !clicked_at.is_empty() || !send.was_scanned {
            self.record(self.now, Fact::ClicksDisowned { send_id: send_id.clone(), clicked_at });
        }
    }
}

fn is_soon(send: &Send, at: Timestamp) -> bool {
    send.delivered_at.is_some_and(|delivered_at| at <= delivered_at + SCAN)
}
