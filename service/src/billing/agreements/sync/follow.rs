//! Following what a provider says of a subscription that somebody holds.

use domain::{
    billing::subscription::{Ended, State},
    id::MembershipId,
};

use super::{
    News,
    adopt::{adopt_ending, adopt_price},
    charged::charged,
    unheld::unheld,
};
use crate::{
    Result,
    billing::{agreements::steering, engine, hold, methods},
    payment::AgreementState,
    tx::Tx,
};

/// Follows, unless the provider was told something while it was asked: its answer may be from before that, and what is
/// wanted would look as though it had been changed back there.
pub(super) async fn follow(tx: &Tx<'_>, news: &News<'_>, member: MembershipId) -> Result<bool> {
    let agreement = news.agreement;
    let mut hold = hold::lock(tx, member).await?;
    engine::settle(tx, &mut hold).await?;
    if !news.is_held(&hold) {
        unheld(tx, &mut hold, news).await?;
        if news.runs() {
            steering::end_again(tx, news.account(), &agreement.reference).await?;
        }
        return Ok(true);
    }
    // Asked before what it billed changes what is wanted of it.
    let told = steering::told(tx.db, hold.application(), news.provider, &agreement.reference).await?;
    let is_told = told.as_ref().is_none_or(|row| row.next_at.is_none());
    if is_told && told.as_ref() != news.told {
        return Ok(false);
    }
    if let (Some(method), Some(account)) = (&agreement.method, hold.account()) {
        methods::keep(tx, &hold, account, method).await?;
    }
    // Before what it billed changes what is wanted: the provider would be told that it goes on.
    if is_told && !matches!(agreement.state, AgreementState::Ended { .. }) {
        adopt_ending(tx, &mut hold, agreement).await?;
    }
    for billed in agreement.billed.iter().rev() {
        charged(tx, &mut hold, news, billed).await?;
    }
    if let AgreementState::Ended { at } = agreement.state {
        let at = at.min(hold.now);
        hold::finish(tx, &mut hold, Ended { at, state: State::Canceled { at } }).await?;
        return Ok(true);
    }
    if is_told {
        adopt_price(tx, &mut hold, news).await?;
    }
    Ok(true)
}
