//! The Core API: charges and what follows them.

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    QUESTIONED_CARD,
    account::{Account, Card},
    ok,
    refusal::Refusal,
    snap::read_details,
    transaction::{Fraud, Means, Refund, Status, Transaction, View, masked},
    wire,
};
use crate::testing::http::{Answer, Request};

const LOCKED: &str = "Merchant cannot modify the status of the transaction";

/// What a charge's answer says beside its transaction.
#[derive(Default)]
struct Extra(Vec<(&'static str, Value)>);

impl Account {
    /// A token for a card, once. Browsers fetch it with the client key.
    pub fn card_token(&mut self, query: &str) -> Result<Answer, Refusal> {
        let pairs: Vec<(String, String)> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.into(), value.replace("%20", "").replace('+', "")))
            .collect();
        let get = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        if get("client_key") != Some(self.client_key.as_str()) {
            return Err(Refusal::unauthorized());
        }
        let number = match get("token_id") {
            Some(token) => self.cards.get(token).map(|card| card.number.clone()).ok_or_else(missing_token)?,
            None => get("card_number").unwrap_or_default().to_owned(),
        };
        if !is_card(&number) {
            return Err(Refusal::invalid("card_number does not match with luhn algorithm"));
        }
        let token = format!("{}-{}", masked(&number), self.new_id());
        let body = json!({
            "status_code": "200",
            "status_message": "Credit card token is created as Token ID.",
            "token_id": token,
            "hash": format!("{}-mami", masked(&number)),
        });
        self.cards.insert(token, Card { number, is_saved: false, is_refused: false });
        Ok(ok(body))
    }

    pub fn charge(&mut self, request: &Request, body: &Value) -> Result<Answer, Refusal> {
        let (order_id, gross_amount) = read_details(body).map_err(Refusal::invalid)?;
        let means = self.read_means(body)?;
        if self.transactions.contains_key(&order_id) {
            return Err(Refusal::core(406, "Duplicate order ID. order_id has already been utilized previously"));
        }
        let notify = match request.header("x-override-notification") {
            "" => request.header("x-append-notification"),
            url => url,
        };
        let notify = (!notify.is_empty()).then(|| notify.to_owned());
        let mut transaction = self.new_transaction(order_id.clone(), gross_amount, means, notify);
        let Extra(extra) = self.decide(&mut transaction, body)?;
        self.transactions.insert(order_id.clone(), transaction);
        self.tell(&order_id);
        let mut answer = self.shown(&order_id);
        for (name, value) in extra {
            answer[name] = value;
        }
        Ok(ok(answer))
    }

    /// What comes of a charge at once, and what its answer says beside.
    fn decide(&mut self, transaction: &mut Transaction, body: &Value) -> Result<Extra, Refusal> {
        match &transaction.means {
            Means::Card(_) => {
                let card = &body["credit_card"];
                let token = card["token_id"].as_str().unwrap_or_default();
                let used = self.cards.get(token).cloned().ok_or_else(missing_token)?;
                if !used.is_saved {
                    self.cards.remove(token);
                }
                if card["save_token_id"] == true {
                    transaction.saved_token = Some(self.save_card(&used.number));
                }
                if card["authentication"] == true {
                    let url = format!("{}/v2/3ds/redirect/{}", self.url, transaction.id);
                    return Ok(Extra(vec![("redirect_url", url.into())]));
                }
                self.run_card(transaction, used.is_refused, card["type"] == "authorize");
                Ok(Extra::default())
            }
            Means::GoPay if body["gopay"]["account_id"].is_string() => {
                self.charge_account(transaction, &body["gopay"])?;
                Ok(Extra::default())
            }
            Means::GoPay | Means::ShopeePay | Means::Qris => {
                let url = format!("{}/v2/{}/{}/qr-code", self.url, transaction.means.payment_type(), transaction.id);
                let action = json!([{ "name": "generate-qr-code", "method": "GET", "url": url }]);
                Ok(Extra(vec![("actions", action)]))
            }
            Means::Va(_) | Means::Echannel => Ok(Extra::default()),
        }
    }

    /// What a card's bank and fraud detection say.
    pub fn run_card(&mut self, transaction: &mut Transaction, is_refused: bool, authorizes: bool) {
        let Means::Card(number) = &transaction.means else { return };
        if is_refused || number == super::BAD_CARD {
            transaction.status = Status::Deny;
            transaction.channel_response = Some(("05", "Do not honour"));
            transaction.saved_token = None;
            return;
        }
        transaction.channel_response = Some(("00", "Approved"));
        transaction.status = if authorizes { Status::Authorize } else { Status::Capture };
        transaction.fraud = if number == QUESTIONED_CARD { Fraud::Challenge } else { Fraud::Accept };
        transaction.batch_at = (!authorizes).then(|| wire::next_batch(self.now()));
    }

    pub fn save_card(&mut self, number: &str) -> String {
        let (head, tail) = (&number[..8], &number[number.len() - 4..]);
        let token = format!("{head}sHfSakAv{:012}{tail}", self.new_serial());
        self.cards.insert(token.clone(), Card { number: number.into(), is_saved: true, is_refused: false });
        token
    }

    pub fn new_transaction(
        &mut self,
        order_id: String,
        gross_amount: i64,
        means: Means,
        notify: Option<String>,
    ) -> Transaction {
        let now = self.now();
        Transaction {
            id: self.new_id(),
            order_id,
            gross_amount,
            expires_at: now + means.default_expiry(),
            means,
            status: Status::Pending,
            fraud: Fraud::Accept,
            made_at: now,
            settled_at: None,
            batch_at: None,
            refunds: Vec::new(),
            saved_token: None,
            account: None,
            channel_response: None,
            charged_back: 0,
            notify,
            serial: self.serial,
        }
    }

    fn read_means(&self, body: &Value) -> Result<Means, Refusal> {
        Ok(match body["payment_type"].as_str() {
            Some("credit_card") => {
                let token = body["credit_card"]["token_id"].as_str().unwrap_or_default();
                Means::Card(self.cards.get(token).ok_or_else(missing_token)?.number.clone())
            }
            Some("gopay") => Means::GoPay,
            Some("shopeepay") => Means::ShopeePay,
            Some("qris") => Means::Qris,
            Some("echannel") => Means::Echannel,
            Some("permata") => Means::Va("permata"),
            Some("bank_transfer") => match body["bank_transfer"]["bank"].as_str() {
                Some("bca") => Means::Va("bca"),
                Some("bni") => Means::Va("bni"),
                Some("bri") => Means::Va("bri"),
                Some("cimb") => Means::Va("cimb"),
                Some("permata") => Means::Va("permata"),
                _ => return Err(Refusal::invalid("bank_transfer.bank is invalid")),
            },
            Some(_) => return Err(Refusal::core(402, "Merchant doesn't have access for this payment type")),
            None => return Err(Refusal::invalid("payment_type is required")),
        })
    }

    pub fn status(&mut self, id: &str) -> Result<Answer, Refusal> {
        let order_id = self.order_of(id)?;
        let mut answer = self.shown(&order_id);
        if !self.tells_tokens
            && let Some(fields) = answer.as_object_mut()
        {
            fields.retain(|name, _| !name.starts_with("saved_token_id"));
        }
        Ok(ok(answer))
    }

    pub fn capture(&mut self, body: &Value) -> Result<Answer, Refusal> {
        let order_id = self.order_of(body["transaction_id"].as_str().unwrap_or_default())?;
        let batch = wire::next_batch(self.now());
        self.allow(&order_id, |transaction| transaction.status == Status::Authorize)?;
        self.change(&order_id, |transaction| {
            transaction.status = Status::Capture;
            transaction.batch_at = Some(batch);
        });
        Ok(ok(self.shown(&order_id)))
    }

    pub fn cancel(&mut self, id: &str) -> Result<Answer, Refusal> {
        let order_id = self.order_of(id)?;
        let open = [Status::Authorize, Status::Capture, Status::Pending];
        self.allow(&order_id, |transaction| open.contains(&transaction.status))?;
        self.change(&order_id, |transaction| transaction.status = Status::Cancel);
        Ok(self.done(&order_id, "Success, transaction is canceled"))
    }

    /// Only what waits expires; what has expired before is not to be changed.
    pub fn expire(&mut self, id: &str) -> Result<Answer, Refusal> {
        let order_id = self.order_of(id)?;
        self.allow(&order_id, |transaction| transaction.status == Status::Pending)?;
        self.change(&order_id, |transaction| transaction.status = Status::Expire);
        Ok(self.done(&order_id, "Success, transaction has expired"))
    }

    pub fn approve(&mut self, id: &str) -> Result<Answer, Refusal> {
        let order_id = self.order_of(id)?;
        self.allow(&order_id, is_questioned)?;
        self.change(&order_id, |transaction| transaction.fraud = Fraud::Accept);
        Ok(ok(self.shown(&order_id)))
    }

    pub fn deny(&mut self, id: &str) -> Result<Answer, Refusal> {
        let order_id = self.order_of(id)?;
        self.allow(&order_id, is_questioned)?;
        self.change(&order_id, |transaction| {
            transaction.status = Status::Deny;
            transaction.fraud = Fraud::Deny;
        });
        Ok(ok(self.shown(&order_id)))
    }

    pub fn refund(&mut self, id: &str, body: &Value) -> Result<Answer, Refusal> {
        let order_id = self.order_of(id)?;
        let at = self.now();
        let key = match &body["refund_key"] {
            Value::Null => self.new_id(),
            key => key.as_str().map(str::to_owned).ok_or_else(|| Refusal::invalid("refund_key is invalid"))?,
        };
        if !key.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_".contains(&c)) {
            return Err(Refusal::invalid("refund_key is invalid"));
        }
        let taken = |transaction: &Transaction| transaction.refunds.iter().any(|refund| refund.key == key);
        if self.transactions.get(&order_id).is_some_and(taken) {
            return Err(Refusal::core(406, "Duplicate refund ID"));
        }
        self.allow(&order_id, |transaction| {
            matches!(transaction.status, Status::Settlement | Status::PartialRefund)
                && transaction.means.is_refundable()
        })?;
        let transaction = self.transactions.get(&order_id).ok_or_else(unknown)?;
        let left = transaction.gross_amount - transaction.refunded();
        let amount = match &body["amount"] {
            Value::Null => Some(left),
            amount => amount.as_i64().or_else(|| amount.as_str()?.parse().ok()),
        };
        let whole_or_nothing = !transaction.means.is_partly_refundable() && amount != Some(transaction.gross_amount);
        let amount = amount.filter(|amount| *amount > 0 && *amount <= left && !whole_or_nothing);
        let amount = amount.ok_or_else(|| Refusal::core(414, "Refund request is rejected due to invalid amount"))?;
        let reason = body["reason"].as_str().unwrap_or_default().to_owned();
        let refund = Refund { key: key.clone(), amount, reason, at };
        self.change(&order_id, |transaction| give_back(transaction, refund));
        let mut answer = self.shown(&order_id);
        answer["status_message"] = "Success, refund request is approved".into();
        answer["refund_amount"] = wire::amount(amount).into();
        answer["refund_key"] = key.into();
        answer["refund_chargeback_id"] = answer["refunds"].as_array().map_or(0, Vec::len).into();
        answer.as_object_mut().map(|answer| answer.remove("refunds"));
        Ok(ok(answer))
    }

    /// The order of an order id or a transaction id.
    fn order_of(&self, id: &str) -> Result<String, Refusal> {
        if self.transactions.contains_key(id) {
            return Ok(id.into());
        }
        let found = self.transactions.values().find(|transaction| transaction.id == id);
        found.map(|transaction| transaction.order_id.clone()).ok_or_else(unknown)
    }

    fn allow(&self, order_id: &str, may: impl Fn(&Transaction) -> bool) -> Result<(), Refusal> {
        match self.transactions.get(order_id) {
            Some(transaction) if may(transaction) => Ok(()),
            Some(_) => Err(Refusal::core(412, LOCKED)),
            None => Err(unknown()),
        }
    }

    /// A transaction, with what was done to it.
    fn done(&self, order_id: &str, message: &str) -> Answer {
        let mut answer = self.shown(order_id);
        answer["status_message"] = message.into();
        ok(answer)
    }

    fn shown(&self, order_id: &str) -> Value {
        let body = |transaction: &Transaction| transaction.body(View::Answer, &self.server_key, &self.merchant_id);
        self.transactions.get(order_id).map_or(Value::Null, |transaction| Value::Object(body(transaction)))
    }
}

/// Notes a refund.
pub(super) fn give_back(transaction: &mut Transaction, refund: Refund) {
    transaction.refunds.push(refund);
    let whole = transaction.refunded() >= transaction.gross_amount;
    transaction.status = if whole { Status::Refund } else { Status::PartialRefund };
}

fn is_questioned(transaction: &Transaction) -> bool {
    transaction.status == Status::Capture && transaction.fraud == Fraud::Challenge
}

fn unknown() -> Refusal {
    Refusal::core(StatusCode::NOT_FOUND.as_u16(), "Transaction doesn't exist.")
}

fn missing_token() -> Refusal {
    Refusal::core(411, "Token id is missing, invalid, or timed out")
}

/// 16 digits with the right last one.
fn is_card(number: &str) -> bool {
    let digits: Option<Vec<u32>> = number.chars().map(|c| c.to_digit(10)).collect();
    digits.is_some_and(|digits| {
        let sum: u32 = digits
            .iter()
            .rev()
            .enumerate()
            .map(|(index, digit)| if index % 2 == 0 { *digit } else { digit * 2 / 10 + digit * 2 % 10 })
            .sum();
        digits.len() == 16 && sum.is_multiple_of(10)
    })
}
