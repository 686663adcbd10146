//! Charges of a kept card or a linked GoPay account, without their owner, until the account is unlinked.

use domain::{ErrorCode, Problem};
use serde_json::{Value, json};

use super::{
    Midtrans,
    api::{Answer, Api, Call},
    page::whole_rupiah,
    transaction::Transaction,
};
use crate::{
    Error, Result,
    payment::{Method, MethodKind, PaymentRequest, Refused, Report},
};

/// The kind of wallet that is charged: money that is there.
const WALLET: &str = "GOPAY_WALLET";

/// What a charge came to.
enum Outcome {
    Transaction(Value),
    /// The card's token or the account is not there any more.
    Gone,
    /// Midtrans does not do this, whenever it is asked.
    Refused(Error),
}

impl Midtrans {
    /// Charges once for each key: the order id is the key, and Midtrans takes an order id once. Where the answer does
    /// not come, or says that the order is there already, the order's status is the answer.
    pub(super) async fn charge_method(
        &self,
        api: &Api<'_>,
        request: &PaymentRequest,
        method: &Method,
    ) -> Result<Report> {
        if let Some(report) = self.ask(api, request.key).await? {
            return Ok(report);
        }
        let outcome = match method.kind {
            MethodKind::Card => self.charge_card(api, request, &method.token).await,
            MethodKind::GoPay => self.charge_gopay(api, request, &method.token).await,
            MethodKind::ShopeePay | MethodKind::VirtualAccount | MethodKind::Qris => {
                Err(Problem::new(ErrorCode::InvalidInput, "this method is paid by its owner only").into())
            }
        };
        match outcome {
            Ok(Outcome::Transaction(body)) => Transaction::read(body)?.report(request.key, self.keys.mode()),
            Ok(Outcome::Gone) => Ok(self.declined(request, method)),
            Ok(Outcome::Refused(error)) => match self.ask(api, request.key).await? {
                Some(report) => Ok(report),
                None => Err(Error::internal(Refused(error))),
            },
            // Perhaps the work was done and only its answer lost.
            Err(error) => match self.ask(api, request.key).await {
                Ok(Some(report)) => Ok(report),
                _ => Err(error),
            },
        }
    }

    async fn charge_card(&self, api: &Api<'_>, request: &PaymentRequest, token: &str) -> Result<Outcome> {
        let card = json!({ "token_id": token, "initiated_by": "merchant" });
        let answer = self.send(api, request, "credit_card", card).await?;
        outcome(answer)
    }

    /// The token of a wallet changes from time to time: Midtrans asks that it be fetched before each charge.
    async fn charge_gopay(&self, api: &Api<'_>, request: &PaymentRequest, account_id: &str) -> Result<Outcome> {
        let account = api.call(Call::get(format!("/v2/pay/account/{account_id}"))).await?;
        let options = account.body["metadata"]["payment_options"].as_array().map(Vec::as_slice).unwrap_or_default();
        let wallet = options.iter().find(|option| option["name"] == WALLET && option["active"] == true);
        let Some(token) = wallet.and_then(|wallet| wallet["token"].as_str()) else { return Ok(Outcome::Gone) };
        let gopay = json!({ "account_id": account_id, "payment_option_token": token, "recurring": true });
        let answer = self.send(api, request, "gopay", gopay).await?;
        outcome(answer)
    }

    /// Unlinks a GoPay account, so that it can be charged no more. Again: nothing.
    pub(super) async fn unlink(&self, api: &Api<'_>, account_id: &str) -> Result<()> {
        let nothing = json!({});
        let path = format!("/v2/pay/account/{account_id}/unbind");
        let answer = api.call(Call { repeats: true, ..Call::post(path, &nothing) }).await?;
        match answer.code {
            // 404: Midtrans knows no such account. 412: it is linked no longer.
            200..=204 | 404 | 412 => Ok(()),
            _ => Err(answer.refused()),
        }
    }

    async fn send(&self, api: &Api<'_>, request: &PaymentRequest, kind: &str, details: Value) -> Result<Answer> {
        let rupiah = whole_rupiah(request)?;
        let mut body = json!({
            "payment_type": kind,
            "transaction_details": { "order_id": request.key, "gross_amount": rupiah },
            "customer_details": { "email": request.email() },
        });
        body[kind] = details;
        // At most 46 characters; the key alone names the page of an order.
        let idempotency_key = Some(format!("{}-charge", request.key));
        api.call(Call { idempotency_key, repeats: true, ..Call::post("/v2/charge".into(), &body) }).await
    }

    /// There is no transaction to speak of: the method itself is gone.
    fn declined(&self, request: &PaymentRequest, method: &Method) -> Report {
        let failed = Report::failed(request.key, self.keys.mode(), request.money);
        Report { method: Some(method.clone()), ..failed }
    }
}

/// 402: the account is linked no longer; 410: its owner is blocked; 411: the token is not known.
fn outcome(answer: Answer) -> Result<Outcome> {
    match answer.code {
        200..=202 => Ok(Outcome::Transaction(answer.body)),
        402 | 410 | 411 => Ok(Outcome::Gone),
        code if answer.is_first && Refused::is_said_by(code) => Ok(Outcome::Refused(answer.refused())),
        _ => Err(answer.refused()),
    }
}
