//! Snap: the page on which a customer pays.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::{ErrorCode, Flaw, Money, Problem, application::Provider, route};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Midtrans,
    api::{Api, Call},
    transaction::Transaction,
};
use crate::{
    Error, Result,
    payment::{Opened, PaymentRequest, objects::Account},
};

/// Cards, wallets, QRIS and the banks' accounts; the merchant's own choice among them is made in Midtrans's dashboard.
/// Without those of Danamon, BSI, SeaBank and Saqu: Midtrans answers about these, and cancels them, by the id of their
/// transaction, which only a notification tells, not by the order's; and it expires none.
const CHANNELS: [&str; 10] = [
    "credit_card",
    "gopay",
    "shopeepay",
    "other_qris",
    "bca_va",
    "bni_va",
    "bri_va",
    "cimb_va",
    "permata_va",
    "echannel",
];

/// How long a page stays open, and what was begun on it may be paid, in hours.
const HOURS: u32 = 24;

/// The most characters in an item's name.
const NAME: usize = 50;

/// The page of a payment, as it is noted. Midtrans takes an order id once: after what was begun on a page has failed or
/// expired, and the page has closed, the next attempt goes by another.
#[derive(Serialize, Deserialize)]
struct Page {
    attempt: u16,
    /// In milliseconds.
    opened_at: i64,
    url: String,
    /// The attempt by which the money came first, where there was more than one.
    #[serde(default)]
    paid_by: Option<u16>,
}

/// What became of a payment's attempts.
pub(super) struct Found {
    /// By which the money came, or the latest.
    pub main: Transaction,
    /// Those by which it came once more.
    pub surplus: Vec<(u16, Transaction)>,
}

/// The order id of an attempt: the key, and from the second on its number.
fn order_id(key: Uuid, attempt: u16) -> String {
    if attempt == 0 { key.to_string() } else { format!("{key}~{attempt}") }
}

/// The name of what came once more by an attempt: the key alone names what came first, by whichever attempt.
pub(super) fn surplus_name(key: Uuid, attempt: u16) -> String {
    format!("{key}~{attempt}")
}

/// The order id of what has a [`surplus_name`].
pub(super) fn surplus_order(name: &str) -> Option<String> {
    let (key, attempt) = name.split_once('~')?;
    Some(order_id(key.parse().ok()?, attempt.parse().ok()?))
}

/// The key of an order id.
pub(super) fn key_of(order_id: &str) -> Option<Uuid> {
    order_id.split('~').next()?.parse().ok()
}

impl Midtrans {
    /// The page of a payment: the one that was made before while it is open, or a new one. Midtrans makes any number of
    /// pages for one order until somebody pays on one of them, so that a lost answer blocks nobody, and no order is
    /// paid twice. What is being paid on a page that is closed, or that we were never told of, goes back to our own
    /// page, which asks what became of it.
    pub(super) async fn open_page(&self, api: &Api<'_>, request: &PaymentRequest) -> Result<Opened> {
        let noted = self.noted(request.key).await?;
        let now = self.services.now().timestamp_millis();
        let opened = |url: String| Opened { url, reference: request.key.to_string() };
        let Some(before) = &noted else {
            return match self.make(api, request, 0).await? {
                Some(page) => {
                    let note = serde_json::to_string(&page).map_err(Error::internal)?;
                    let note = self.services.name_object(self.account(), request.key, note).await?;
                    let page: Page = domain::stored::read(&note).map_err(Error::internal)?;
                    Ok(opened(page.url))
                }
                None => self.open_again(api, request, 0).await.map(opened),
            };
        };
        if now < before.opened_at + i64::from(HOURS) * 3_600_000 {
            return Ok(opened(before.url.clone()));
        }
        self.open_again(api, request, before.attempt).await.map(opened)
    }

    /// A new page after the one before has closed; our own where there is something to wait for, or nothing to pay.
    async fn open_again(&self, api: &Api<'_>, request: &PaymentRequest, attempt: u16) -> Result<String> {
        let attempt = match self.status(api, &order_id(request.key, attempt)).await? {
            None => attempt,
            Some(transaction) if transaction.is_over() => attempt + 1,
            Some(_) => return Ok(request.return_url.clone()),
        };
        let Some(page) = self.make(api, request, attempt).await? else { return Ok(request.return_url.clone()) };
        let note = serde_json::to_string(&page).map_err(Error::internal)?;
        self.services.rename_object(self.account(), request.key, note).await?;
        Ok(page.url)
    }

    /// Closes the page of a payment: nobody begins to pay on it any more, and what waits there expires. What is paid
    /// stays, and is told as ever. Again changes nothing.
    pub(super) async fn close_page(&self, api: &Api<'_>, key: Uuid) -> Result<()> {
        let page = self.noted(key).await?;
        let nothing = json!({});
        let post = |path: String| Call { repeats: true, ..Call::post(path, &nothing) };
        // The session first, so that nobody begins between the two calls. Midtrans refuses where it is closed already,
        // or somebody has chosen how to pay on it.
        if let Some(token) = page.as_ref().and_then(|page| page.url.rsplit('/').next()) {
            api.call(post(format!("/snap/v1/transactions/{token}/cancel"))).await?;
        }
        let order_id = order_id(key, page.map_or(0, |page| page.attempt));
        let answer = api.call(post(format!("/v2/{order_id}/expire"))).await?;
        match answer.code {
            // 404: nobody has chosen how to pay. 412: it waits no more, because it is paid or has come to nothing.
            200 | 404 | 407 | 412 => Ok(()),
            _ => Err(answer.refused()),
        }
    }

    /// Makes a page; `None` when its order id is being paid already.
    async fn make(&self, api: &Api<'_>, request: &PaymentRequest, attempt: u16) -> Result<Option<Page>> {
        let body = self.page(request, &order_id(request.key, attempt))?;
        let notify = format!("{}{}", self.services.settings.issuer, route::MIDTRANS_WEBHOOK);
        let call = Call {
            repeats: true,
            // Midtrans reaches public addresses only.
            notify: notify.starts_with("https://").then_some(notify.as_str()),
            ..Call::post("/snap/v1/transactions".into(), &body)
        };
        let opened_at = self.services.now().timestamp_millis();
        let answer = api.call(call).await?;
        match answer.body["redirect_url"].as_str() {
            Some(url) => Ok(Some(Page { attempt, opened_at, url: url.into(), paid_by: None })),
            None if self.status(api, &order_id(request.key, attempt)).await?.is_some() => Ok(None),
            None => Err(answer.refused()),
        }
    }

    /// What became of a payment: by the attempt by which the money came first, otherwise by the latest. Which one that
    /// was is noted, so that money that comes by another one later is told from it.
    pub(super) async fn find(&self, api: &Api<'_>, key: Uuid) -> Result<Option<Found>> {
        let noted = self.noted(key).await?;
        let (mut paid, mut latest) = (Vec::new(), None);
        for attempt in 0..=noted.as_ref().map_or(0, |page| page.attempt) {
            match self.status(api, &order_id(key, attempt)).await? {
                Some(transaction) if transaction.has_money() => paid.push((attempt, transaction)),
                other => latest = other.or(latest),
            }
        }
        if paid.is_empty() {
            return Ok(latest.map(|main| Found { main, surplus: Vec::new() }));
        }
        let first = noted.as_ref().and_then(|page| page.paid_by);
        let place = paid.iter().position(|(attempt, _)| Some(*attempt) == first).unwrap_or_default();
        let (attempt, main) = paid.remove(place);
        if let Some(page) = noted.filter(|page| page.attempt > 0 && page.paid_by.is_none()) {
            let note = serde_json::to_string(&Page { paid_by: Some(attempt), ..page }).map_err(Error::internal)?;
            self.services.rename_object(self.account(), key, note).await?;
        }
        Ok(Some(Found { main, surplus: paid }))
    }

    async fn noted(&self, key: Uuid) -> Result<Option<Page>> {
        let note = self.services.provider_object(self.account(), key).await?;
        note.map(|note| domain::stored::read(&note).map_err(Error::internal)).transpose()
    }

    fn account(&self) -> Account {
        Account { application: self.application, provider: Provider::Midtrans, mode: self.keys.mode() }
    }

    fn page(&self, request: &PaymentRequest, order_id: &str) -> Result<Value> {
        let rupiah = whole_rupiah(request)?;
        let name: String = request.description.chars().map(|c| if c == '|' { '/' } else { c }).take(NAME).collect();
        let (email, back) = (request.email(), &request.return_url);
        let keep = request.keep_method;
        let mut page = json!({
            "transaction_details": { "order_id": order_id, "gross_amount": rupiah },
            "item_details": [{ "id": "plan", "name": name, "price": rupiah, "quantity": 1 }],
            "customer_details": { "first_name": request.name().unwrap_or(email), "email": email },
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

/// Checks that Midtrans collects an amount: rupiah, or nothing at all.
///
/// # Errors
/// `APP_001` on the field `currency`.
pub(in crate::payment) fn check(money: Money) -> Result<(), Problem> {
    let is_taken = money.is_zero() || money.currency().code() == "IDR";
    if is_taken { Ok(()) } else { Err(Problem::field("currency", Flaw::MidtransRupiah)) }
}

/// The amount as Midtrans takes it: rupiah without decimals, at least one.
///
/// # Errors
/// `APP_001` for another currency, and for nothing: Midtrans keeps a method only with a payment.
pub(super) fn whole_rupiah(request: &PaymentRequest) -> Result<i64, Problem> {
    check(request.money)?;
    if request.money.is_zero() {
        return Err(Problem::new(ErrorCode::InvalidInput, "Midtrans keeps a payment method only with a payment"));
    }
    Ok(request.money.amount() / request.money.currency().step())
}
