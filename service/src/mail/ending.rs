//! The mails about an end: one that was asked for and is to come, and one that is there. Only what is billed has them.

use domain::{
    Timestamp,
    billing::subscription::{State, Subscription},
};

use super::{Kind, Letter, reader::Reader};
use crate::{Result, billing::hold::Hold, tx::Tx};

/// A subscription was canceled and goes on until `held.cancel_at`.
pub(crate) async fn canceled(tx: &Tx<'_>, hold: &Hold, held: &Subscription) -> Result<()> {
    let Some(end) = held.cancel_at else { return Ok(()) };
    let Some(reader) = Reader::load(tx, hold).await? else { return Ok(()) };
    let (text, plan, date) = (reader.text, reader.plan(held.plan_id), reader.date(end));
    let letter = Letter {
        locale: reader.to.locale,
        subject: text.canceled_subject(reader.product()),
        title: text.canceled_title(),
        paragraphs: vec![text.canceled_body(&plan, &date)],
        rows: vec![(text.plan(), plan), (text.ends_on(), date)],
        button: reader.home(),
        notes: vec![text.canceled_note(reader.product())],
    };
    reader.queue(tx, Kind::SubscriptionCanceled, letter).await
}

/// `held` has ended at `at`; the hold is what came after it.
pub(crate) async fn ended(tx: &Tx<'_>, hold: &Hold, held: &Subscription, at: Timestamp) -> Result<()> {
    if !held.is_billed() {
        return Ok(());
    }
    let Some(reader) = Reader::load(tx, hold).await? else { return Ok(()) };
    let (text, plan, date) = (reader.text, reader.plan(held.plan_id), reader.date(at));
    let why = match held.state {
        State::PastDue { grace_until, .. } if grace_until <= at => text.ended_unpaid_body(&plan, &date),
        State::Trialing { .. } => text.ended_trial_body(&plan, &date),
        _ => text.ended_body(&plan, &date),
    };
    let next = hold.subscription.as_ref().map(|next| text.continues_on(reader.plan(next.plan_id)));
    let letter = Letter {
        locale: reader.to.locale,
        subject: text.ended_subject(reader.product()),
        title: text.ended_title(),
        paragraphs: [Some(why), next].into_iter().flatten().collect(),
        rows: vec![(text.plan(), plan), (text.ended_on(), date)],
        button: reader.home(),
        notes: vec![],
    };
    reader.queue(tx, Kind::SubscriptionEnded, letter).await
}
