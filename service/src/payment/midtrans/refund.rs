//! Giving money back.

use domain::{ErrorCode, Money, Problem, billing::payment::Fact};
use serde_json::json;

use super::{
    Midtrans,
    api::{Api, Call},
};
use crate::{
    Result,
    payment::{Handle, Report},
};

impl Midtrans {
    /// Gives back until `total` has gone back. The refund's name at Midtrans holds the total, so that asking twice
    /// gives back once. A card that is not settled yet (before 16:00 of the next day) can only be called off whole.
    pub(super) async fn give_back(&self, api: &Api<'_>, payment: &Handle, total: Money) -> Result<Report> {
        let (transaction, report) = self.look_up(api, payment).await?.ok_or(ErrorCode::PlanNotFound)?;
        let (gross, back) = (report.money, refunded(&report));
        if total.currency() != gross.currency() || total.amount() > gross.amount() {
            return Err(Problem::field("amount", "only what was paid can be given back").into());
        }
        if back >= total.amount() {
            return Ok(report);
        }
        if report.received().is_none() {
            return Err(Problem::field("amount", "nothing was paid that could be given back").into());
        }
        let order_id = &transaction.order_id;
        let answer = if transaction.is_captured() {
            if total != gross {
                let message =
                    "a card that is not settled yet can only be given back whole, until 16:00 of the next day";
                return Err(Problem::field("amount", message).into());
            }
            api.call(Call { repeats: true, ..Call::post(format!("/v2/{order_id}/cancel"), &json!({})) }).await?
        } else {
            let rupiah = |amount: i64| amount / total.currency().step();
            let body = json!({
                "refund_key": format!("{}-{}", payment.key, rupiah(total.amount())),
                "amount": rupiah(total.amount() - back),
                "reason": "refund",
            });
            api.call(Call { repeats: true, ..Call::post(format!("/v2/{order_id}/refund"), &body) }).await?
        };
        let (_, report) = self.look_up(api, payment).await?.ok_or(ErrorCode::PlanNotFound)?;
        if refunded(&report) >= total.amount() {
            return Ok(report);
        }
        match answer.code {
            // The bank said no, or this way of paying cannot be given back by Midtrans at all.
            202 | 412 | 414 => {
                let message = format!("Midtrans does not give it back: {}", answer.body["status_message"]);
                Err(Problem::new(ErrorCode::InvalidInput, message).into())
            }
            _ => Err(answer.refused()),
        }
    }
}

/// What went back so far, in minor units.
fn refunded(report: &Report) -> i64 {
    let back = report.facts.iter().find_map(|fact| match fact {
        Fact::Refunded { total } => Some(total.amount()),
        _ => None,
    });
    back.unwrap_or_default()
}
