//! A transaction as Midtrans answers it, and what it reports.

use chrono::{FixedOffset, NaiveDateTime};
use domain::{
    Currency, Money, Timestamp,
    billing::{order::Said, payment::Mode},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    notification::Kept,
    page::key_of,
    table::{self, Fraud, Meaning, Sums},
};
use crate::{
    Error, Result,
    payment::{Method, MethodKind, Report},
};

/// What we read of it; all else is left alone, as Midtrans asks.
#[derive(Debug, Deserialize)]
pub(super) struct Transaction {
    pub order_id: String,
    status_code: String,
    transaction_status: String,
    #[serde(default)]
    fraud_status: Option<String>,
    gross_amount: String,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    payment_type: String,
    #[serde(default)]
    expiry_time: Option<String>,
    #[serde(default)]
    refund_amount: Option<String>,
    #[serde(default)]
    approval_code: Option<String>,
    #[serde(default)]
    masked_card: Option<String>,
    #[serde(default)]
    saved_token_id: Option<String>,
    #[serde(default)]
    va_numbers: Vec<VaNumber>,
    #[serde(default)]
    permata_va_number: Option<String>,
    #[serde(default)]
    bill_key: Option<String>,
    #[serde(default)]
    metadata: Option<Metadata>,
}

#[derive(Debug, Deserialize)]
struct VaNumber {
    bank: String,
    va_number: String,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    #[serde(default)]
    extra_info: Option<ExtraInfo>,
}

#[derive(Debug, Deserialize)]
struct ExtraInfo {
    #[serde(default)]
    account_id: Option<String>,
}

impl Transaction {
    /// # Errors
    /// When it is no transaction.
    pub(super) fn read(body: serde_json::Value) -> Result<Self> {
        serde_json::from_value(body).map_err(Error::internal)
    }

    /// What it says of the payment with this key.
    ///
    /// # Errors
    /// For an amount that is none.
    pub(super) fn report(&self, key: Uuid, mode: Mode) -> Result<Report> {
        let gross = self.money(&self.gross_amount)?;
        let refunded = self.refund_amount.as_deref().map(|amount| self.money(amount)).transpose()?;
        let meaning = self.meaning();
        if meaning.is_none() {
            tracing::warn!(%key, status = self.transaction_status, "a status of Midtrans that is not known");
        }
        let whole = self.transaction_status.eq_ignore_ascii_case("refund").then_some(gross);
        let sums = Sums { gross, refunded: refunded.or(whole), was_approved: self.approval_code.is_some() };
        let waits = meaning == Some(Meaning::Waiting);
        Ok(Report {
            reference: key.to_string(),
            key,
            mode,
            money: gross,
            // It names its order, and nothing else of ours.
            said: Said { key: Some(key_of(&self.order_id).unwrap_or_default()), ..Said::default() },
            facts: meaning.map(|meaning| table::facts(meaning, sums)).unwrap_or_default(),
            method: self.method(),
            pay_until: self.expiry_time.as_deref().filter(|_| waits).and_then(time),
            agreement: None,
            surplus: Vec::new(),
        })
    }

    fn meaning(&self) -> Option<Meaning> {
        let fraud = Fraud::parse(self.fraud_status.as_deref());
        table::meaning(&self.status_code, &self.transaction_status, fraud)
    }

    /// It came to nothing, and nothing will come of it.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.meaning(), Some(Meaning::Failed | Meaning::Expired))
    }

    /// Money came, whatever became of it then.
    pub(super) fn has_money(&self) -> bool {
        use Meaning as M;
        matches!(self.meaning(), Some(M::Paid | M::Refunded | M::Voided | M::Disputed | M::ChargedBack))
    }

    /// What can be given back only whole, and only by calling it off: a card that is not settled yet.
    pub(super) fn is_captured(&self) -> bool {
        self.transaction_status.eq_ignore_ascii_case("capture")
    }

    /// The card with which it was paid, as one of its notifications says it was kept; `None` for another order or
    /// another card, and where the status says it as well.
    pub(super) fn kept(self, told: Kept) -> Option<Method> {
        let fits = self.order_id == told.order_id && self.masked_card.as_ref() == Some(&told.masked_card);
        let is_news = self.saved_token_id.is_none() && self.meaning() == Some(Meaning::Paid);
        if !fits || !is_news {
            return None;
        }
        Self { saved_token_id: Some(told.saved_token_id), ..self }.method().filter(Method::is_chargeable)
    }

    fn money(&self, amount: &str) -> Result<Money> {
        let currency = Currency::parse(self.currency.as_deref().unwrap_or("IDR"))?;
        Ok(Money::from_decimal(amount, currency)?)
    }

    fn method(&self) -> Option<Method> {
        let method = |kind, token: Option<&String>, label: String| {
            Some(Method { token: token.cloned().unwrap_or_default(), kind, label })
        };
        match self.payment_type.as_str() {
            "credit_card" => {
                let card = self.masked_card.as_deref().unwrap_or_default();
                let last = card.rsplit('-').next().unwrap_or_default();
                let label = format!("{} \u{2022}\u{2022}\u{2022}\u{2022} {last}", brand(card));
                method(MethodKind::Card, self.saved_token_id.as_ref(), label)
            }
            "gopay" => {
                let extra = self.metadata.as_ref().and_then(|metadata| metadata.extra_info.as_ref());
                let account = extra.and_then(|extra| extra.account_id.as_ref());
                method(MethodKind::GoPay, account, "GoPay".into())
            }
            "shopeepay" => method(MethodKind::ShopeePay, None, "ShopeePay".into()),
            "qris" => method(MethodKind::Qris, None, "QRIS".into()),
            "bank_transfer" => method(MethodKind::VirtualAccount, None, self.account_label()),
            "echannel" => {
                let key = self.bill_key.as_deref().unwrap_or_default();
                method(MethodKind::VirtualAccount, None, format!("Mandiri {key}"))
            }
            _ => None,
        }
    }

    fn account_label(&self) -> String {
        match (&self.permata_va_number, self.va_numbers.first()) {
            (Some(number), _) => format!("Permata VA {number}"),
            (None, Some(va)) => format!("{} VA {}", va.bank.to_uppercase(), va.va_number),
            (None, None) => "VA".into(),
        }
    }
}

/// The card's brand, told from its first digits.
fn brand(masked: &str) -> &'static str {
    match masked.get(..2) {
        Some("34" | "37") => "American Express",
        Some("35") => "JCB",
        Some(head) if head.starts_with('4') => "Visa",
        Some(head) if head.starts_with('5') || head.starts_with('2') => "Mastercard",
        _ => "Card",
    }
}

/// `2026-11-21 15:04:05`, which Midtrans means in Jakarta.
fn time(text: &str) -> Option<Timestamp> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    local.and_local_timezone(FixedOffset::east_opt(7 * 3600)?).single().map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use domain::billing::payment::Fact;
    use serde_json::json;

    use super::*;

    fn report(change: serde_json::Value) -> Result<Report> {
        let mut body = json!({
            "order_id": "o",
            "status_code": "200",
            "transaction_status": "settlement",
            "fraud_status": "accept",
            "gross_amount": "99000.00",
            "payment_type": "credit_card",
            "masked_card": "48111111-1114",
            "expiry_time": "2026-11-21 23:30:00",
            "something_new": { "of": ["theirs"] },
        });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        Transaction::read(body)?.report(Uuid::nil(), Mode::Test)
    }

    #[test]
    fn rupiah_are_whole_on_both_sides() {
        let money = report(json!({})).unwrap().money;
        assert_eq!((money.amount(), money.currency().code()), (9_900_000, "IDR"));
        for amount in ["99000.50", "99000.001", "99,000", "-1.00", ""] {
            assert!(report(json!({ "gross_amount": amount })).is_err(), "{amount}");
        }
        assert_eq!(report(json!({ "gross_amount": "99000" })).unwrap().money, money);
    }

    #[test]
    fn it_says_which_order_it_pays() {
        let key = Uuid::from_u128(7);
        for (order_id, said) in [(key.to_string(), key), (format!("{key}~2"), key), ("o".into(), Uuid::nil())] {
            assert_eq!(report(json!({ "order_id": order_id })).unwrap().said.key, Some(said), "{order_id}");
        }
    }

    #[test]
    fn only_what_waits_has_a_time_until_which_it_waits() {
        assert_eq!(report(json!({})).unwrap().pay_until, None);
        let waits = report(json!({ "transaction_status": "pending", "status_code": "201" })).unwrap();
        assert_eq!(waits.pay_until.unwrap().to_rfc3339(), "2026-11-21T16:30:00+00:00");
        assert_eq!(waits.facts, [Fact::Pending]);
    }

    #[test]
    fn a_method_that_was_not_kept_cannot_be_charged_again() {
        let once = report(json!({})).unwrap().method.unwrap();
        assert_eq!((once.label.as_str(), once.is_chargeable()), ("Visa \u{2022}\u{2022}\u{2022}\u{2022} 1114", false));
        assert!(report(json!({ "saved_token_id": "48111111x1114" })).unwrap().method.unwrap().is_chargeable());
        let gopay = json!({ "payment_type": "gopay", "metadata": { "extra_info": { "account_id": "a" } } });
        assert!(report(gopay).unwrap().method.unwrap().is_chargeable());
        assert!(!report(json!({ "payment_type": "gopay" })).unwrap().method.unwrap().is_chargeable());
        let va = json!({ "payment_type": "bank_transfer", "va_numbers": [{ "bank": "bca", "va_number": "12" }] });
        assert_eq!(report(va).unwrap().method.unwrap().label, "BCA VA 12");
    }
}
