//! A transaction, and how it looks in answers and notifications.

use chrono::TimeDelta;
use domain::Timestamp;
use serde_json::{Map, Value, json};

use super::wire;

/// How a customer pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Means {
    /// By a card of this number.
    Card(String),
    /// By GoPay; from the account that is linked for the user of the page, when there is one.
    GoPay,
    ShopeePay,
    Qris,
    /// By transfer to a virtual account of a bank: `bca`, `bni`, `bri`, `cimb` or `permata`.
    Va(&'static str),
    /// Mandiri's bill payment.
    Echannel,
}

impl Means {
    /// The one of this name among `enabled_payments`, or `qris`; a card is of the number `card`.
    pub fn named(name: &str, card: &str) -> Option<Self> {
        Some(match name {
            "credit_card" => Self::Card(card.into()),
            "gopay" => Self::GoPay,
            "shopeepay" => Self::ShopeePay,
            "qris" | "other_qris" => Self::Qris,
            "echannel" => Self::Echannel,
            "bca_va" => Self::Va("bca"),
            "bni_va" => Self::Va("bni"),
            "bri_va" => Self::Va("bri"),
            "cimb_va" => Self::Va("cimb"),
            "permata_va" => Self::Va("permata"),
            _ => return None,
        })
    }

    pub const fn payment_type(&self) -> &'static str {
        match self {
            Self::Card(_) => "credit_card",
            Self::GoPay => "gopay",
            Self::ShopeePay => "shopeepay",
            Self::Qris => "qris",
            Self::Va(_) => "bank_transfer",
            Self::Echannel => "echannel",
        }
    }

    /// The name in `enabled_payments`.
    pub fn channel(&self) -> String {
        match self {
            Self::Qris => "other_qris".into(),
            Self::Va(bank) => format!("{bank}_va"),
            other => other.payment_type().into(),
        }
    }

    /// How long it may be paid when the request says nothing.
    pub const fn default_expiry(&self) -> TimeDelta {
        match self {
            Self::Card(_) => TimeDelta::minutes(10),
            Self::GoPay | Self::ShopeePay | Self::Qris => TimeDelta::minutes(15),
            Self::Va(_) | Self::Echannel => TimeDelta::hours(24),
        }
    }

    /// What can be given back through the API.
    pub const fn is_refundable(&self) -> bool {
        !matches!(self, Self::Va(_) | Self::Echannel)
    }

    /// ShopeePay gives back everything or nothing.
    pub const fn is_partly_refundable(&self) -> bool {
        self.is_refundable() && !matches!(self, Self::ShopeePay)
    }
}

/// `transaction_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Authorize,
    Capture,
    Settlement,
    Pending,
    Deny,
    Cancel,
    Expire,
    Failure,
    Refund,
    PartialRefund,
    Chargeback,
    PartialChargeback,
}

impl Status {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::Capture => "capture",
            Self::Settlement => "settlement",
            Self::Pending => "pending",
            Self::Deny => "deny",
            Self::Cancel => "cancel",
            Self::Expire => "expire",
            Self::Failure => "failure",
            Self::Refund => "refund",
            Self::PartialRefund => "partial_refund",
            Self::Chargeback => "chargeback",
            Self::PartialChargeback => "partial_chargeback",
        }
    }
}

/// `fraud_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fraud {
    Accept,
    Challenge,
    Deny,
}

impl Fraud {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Challenge => "challenge",
            Self::Deny => "deny",
        }
    }
}

/// Money that went back.
#[derive(Clone, Debug)]
pub struct Refund {
    pub key: String,
    pub amount: i64,
    pub reason: String,
    pub at: Timestamp,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Transaction {
    pub id: String,
    pub order_id: String,
    /// In whole rupiah.
    pub gross_amount: i64,
    pub means: Means,
    pub status: Status,
    pub fraud: Fraud,
    pub made_at: Timestamp,
    pub expires_at: Timestamp,
    pub settled_at: Option<Timestamp>,
    /// When the card's batch closes.
    pub batch_at: Option<Timestamp>,
    pub refunds: Vec<Refund>,
    pub saved_token: Option<String>,
    /// The user of the page and the GoPay account that paid.
    pub account: Option<(String, String)>,
    /// Why the bank or the wallet refused.
    pub channel_response: Option<(&'static str, &'static str)>,
    /// What money was asked back by its owner's bank.
    pub charged_back: i64,
    /// Where notifications go, beside or in place of the dashboard's address.
    pub notify: Option<String>,
    /// The number that payment codes are made of.
    pub serial: u64,
}

/// Where a body is sent: some status codes differ.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum View {
    Answer,
    Notification,
}

impl Transaction {
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// The status code of a body: how Midtrans tells a done deed from a waiting one.
    pub const fn status_code(&self, view: View) -> &'static str {
        match (self.status, view) {
            (Status::Capture, _) if matches!(self.fraud, Fraud::Challenge) => "201",
            (Status::Pending, _) => "201",
            (Status::Deny | Status::Failure, _) => "202",
            (Status::Cancel | Status::Expire, View::Notification) => "202",
            (Status::Expire, View::Answer) => "407",
            _ => "200",
        }
    }

    /// What both answers and notifications say.
    pub fn body(&self, view: View, server_key: &str, merchant_id: &str) -> Map<String, Value> {
        let code = self.status_code(view);
        let gross_amount = wire::amount(self.gross_amount);
        let message = match view {
            View::Answer => "Success, transaction is found",
            View::Notification => "midtrans payment notification",
        };
        let mut body = self.means_fields();
        let common = json!({
            "transaction_time": wire::time(self.made_at),
            "transaction_status": self.status.as_str(),
            "transaction_id": self.id,
            "status_message": message,
            "status_code": code,
            "signature_key": wire::signature(&self.order_id, code, &gross_amount, server_key),
            "payment_type": self.means.payment_type(),
            "order_id": self.order_id,
            "merchant_id": merchant_id,
            "gross_amount": gross_amount,
            "fraud_status": self.fraud.as_str(),
            "expiry_time": wire::time(self.expires_at),
            "currency": "IDR",
        });
        body.extend(common.as_object().cloned().unwrap_or_default());
        if let Some(at) = self.settled_at {
            body.insert("settlement_time".into(), wire::time(at).into());
        }
        if let Some((code, message)) = self.channel_response {
            body.insert("channel_response_code".into(), code.into());
            body.insert("channel_response_message".into(), message.into());
        }
        if !self.refunds.is_empty() {
            body.insert("refund_amount".into(), wire::amount(self.refunded()).into());
            let refunds = self.refunds.iter().enumerate().map(|(index, refund)| {
                json!({
                    "refund_chargeback_id": index + 1,
                    "refund_amount": wire::amount(refund.amount),
                    "created_at": wire::time(refund.at),
                    "reason": refund.reason,
                    "refund_key": refund.key,
                })
            });
            body.insert("refunds".into(), refunds.collect());
        }
        body
    }

    /// What only this way of paying has.
    fn means_fields(&self) -> Map<String, Value> {
        let number = format!("{:012}", self.serial);
        let fields = match &self.means {
            Means::Card(card) => {
                let mut fields = json!({
                    "masked_card": masked(card),
                    "bank": "bni",
                    "card_type": "credit",
                    "three_ds_version": "2",
                    "challenge_completion": true,
                });
                if !matches!(self.status, Status::Pending | Status::Deny | Status::Failure) {
                    fields["approval_code"] = number.into();
                    fields["eci"] = "05".into();
                }
                if let Some(token) = &self.saved_token {
                    fields["saved_token_id"] = token.as_str().into();
                    let end = self.made_at + TimeDelta::days(3650);
                    fields["saved_token_id_expired_at"] = wire::time(end).into();
                }
                fields
            }
            Means::GoPay => {
                let mut fields = json!({});
                if !matches!(self.status, Status::Pending | Status::Deny) {
                    fields["payment_option_type"] = "GOPAY_WALLET".into();
                }
                if let Some((user, account)) = &self.account {
                    fields["metadata"] = json!({ "extra_info": { "user_id": user, "account_id": account } });
                }
                fields
            }
            Means::ShopeePay => json!({ "shopeepay_reference_number": number, "reference_id": format!("DL-{number}") }),
            Means::Qris if self.settled_at.is_some() => {
                json!({ "transaction_type": "on-us", "issuer": "gopay", "acquirer": "gopay" })
            }
            Means::Qris => json!({ "acquirer": "gopay" }),
            Means::Va("permata") => json!({ "permata_va_number": format!("8562{number}") }),
            Means::Va(bank) => {
                let paid = self.settled_at.filter(|_| *bank == "bni");
                let paid =
                    paid.map(|at| json!({ "paid_at": wire::time(at), "amount": wire::amount(self.gross_amount) }));
                json!({
                    "va_numbers": [{ "va_number": format!("3333{number}"), "bank": bank }],
                    "payment_amounts": paid.into_iter().collect::<Vec<_>>(),
                })
            }
            Means::Echannel => json!({ "biller_code": "70012", "bill_key": number }),
        };
        match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }
}

/// `48111111-1114`.
pub fn masked(card: &str) -> String {
    let (head, tail) =
        (card.get(..8).unwrap_or_default(), card.get(card.len().saturating_sub(4)..).unwrap_or_default());
    format!("{head}-{tail}")
}
