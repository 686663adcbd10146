//! Snap: the page on which a customer pays.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::{ErrorCode, Problem, application::Provider, route};
use serde_json::{Value, json};

use super::{
    Midtrans,
    api::{Api, Call},
};
use crate::{
    Result,
    payment::{Opened, PaymentRequest, objects::Account},
};

/// Cards, wallets, QRIS and the banks' accounts; the merchant's own choice among them is made in Midtrans's dashboard.
const CHANNELS: [&str; 9] =
    ["credit_card", "gopay", "shopeepay", "other_qris", "bca_va", "bni_va", "bri_va", "permata_va", "echannel"];

/// How long a page stays open, and what was begun on it may be paid, in hours.
const HOURS: u32 = 24;

/// The most characters in an item's name.
const NAME: usize = 50;

impl Midtrans {
    /// The page of a payment: the one that was made before, or a new one. Midtrans makes any number of pages for one
    /// order until somebody pays on one of them, so that a lost answer blocks nobody, and no order is paid twice. What
    /// is being paid on a page that we were never told of goes back to our own page, which asks what became of it.
    pub(super) async fn open_page(&self, api: &Api<'_>, request: &PaymentRequest) -> Result<Opened> {
        let reference = request.key.to_string();
        let account = Account { application: self.application, provider: Provider::Midtrans, mode: self.keys.mode() };
        if let Some(url) = self.services.provider_object(account, request.key).await? {
            return Ok(Opened { url, reference });
        }
        let body = self.page(request)?;
        let notify = format!("{}{}", self.services.settings.issuer, route::MIDTRANS_WEBHOOK);
        let call = Call {
            repeats: true,
            // Midtrans reaches public addresses only.
            notify: notify.starts_with("https://").then_some(notify.as_str()),
            ..Call::post("/snap/v1/transactions".into(), &body)
        };
        let answer = api.call(call).await?;
        match answer.body["redirect_url"].as_str() {
            Some(url) => {
                let url = self.services.name_object(account, request.key, url.to_owned()).await?;
                Ok(Opened { url, reference })
            }
            None if self.ask(api, request.key).await?.is_some() => {
                Ok(Opened { url: request.return_url.clone(), reference })
            }
            None => Err(answer.refused()),
        }
    }

    fn page(&self, request: &PaymentRequest) -> Result<Value> {
        let rupiah = whole_rupiah(request)?;
        let name: String = request.description.chars().map(|c| if c == '|' { '/' } else { c }).take(NAME).collect();
        let (email, back) = (&request.customer.email, &request.return_url);
        let keep = request.keep_method;
        let mut page = json!({
            "transaction_details": { "order_id": request.key, "gross_amount": rupiah },
            "item_details": [{ "id": "plan", "name": name, "price": rupiah, "quantity": 1 }],
            "customer_details": { "first_name": request.customer.name.as_ref().unwrap_or(email), "email": email },
            "enabled_payments": CHANNELS,
            "credit_card": { "secure": true, "save_card": keep },
            "gopay": { "enable_callback": true, "callback_url": back, "tokenization": keep },
            "shopeepay": { "callback_url": back },
            "callbacks": { "finish": back, "error": back },
            "expiry": { "unit": "hours", "duration": HOURS },
            "page_expiry": { "unit": "hours", "duration": HOURS },
        });
        if keep {
            page["user_id"] = self.user_id(request).into();
        }
        Ok(page)
    }

    /// Names the customer to Midtrans, for the cards and accounts that they keep there: nobody can guess it, and it
    /// says nothing.
    fn user_id(&self, request: &PaymentRequest) -> String {
        let membership = request.customer.membership.get();
        BASE64_URL_SAFE_NO_PAD.encode(self.services.vault.mac(&[b"midtrans user", membership.as_bytes()]))
    }
}

/// The amount as Midtrans takes it: rupiah without decimals, at least one.
///
/// # Errors
/// `APP_001` for another currency, and for nothing: Midtrans keeps a method only with a payment.
pub(super) fn whole_rupiah(request: &PaymentRequest) -> Result<i64, Problem> {
    let (amount, currency) = (request.money.amount(), request.money.currency());
    if currency.code() != "IDR" {
        return Err(Problem::new(ErrorCode::InvalidInput, "Midtrans takes rupiah only"));
    }
    if amount == 0 {
        return Err(Problem::new(ErrorCode::InvalidInput, "Midtrans keeps a payment method only with a payment"));
    }
    Ok(amount / currency.step())
}
