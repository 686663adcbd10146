//! Subscriptions that Midtrans charges by itself.

use chrono::{Months, TimeDelta};
use domain::Timestamp;
use http::Method;
use serde_json::{Value, json};

use super::{
    account::Account,
    notification::Notification,
    ok,
    refusal::Refusal,
    transaction::{Means, Status},
    wire,
};
use crate::testing::http::Answer;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    id: String,
    name: String,
    /// In whole rupiah.
    amount: i64,
    payment_type: String,
    token: String,
    interval: u32,
    unit: Unit,
    max_interval: Option<u32>,
    /// How often it has charged.
    count: u32,
    start: Timestamp,
    previous: Option<Timestamp>,
    next: Timestamp,
    is_active: bool,
    transactions: Vec<String>,
    metadata: Value,
    customer: Value,
    gopay: Value,
    created: Timestamp,
}

#[derive(Clone, Copy, Debug)]
enum Unit {
    Day,
    Week,
    Month,
}

impl Unit {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    fn after(self, at: Timestamp, count: u32) -> Timestamp {
        match self {
            Self::Day => at + TimeDelta::days(count.into()),
            Self::Week => at + TimeDelta::weeks(count.into()),
            Self::Month => at + Months::new(count),
        }
    }
}

impl Subscription {
    fn body(&self) -> Value {
        let mut body = json!({
            "id": self.id,
            "name": self.name,
            "amount": self.amount.to_string(),
            "currency": "IDR",
            "created_at": wire::precise_time(self.created),
            "schedule": {
                "interval": self.interval,
                "interval_unit": self.unit.as_str(),
                "current_interval": self.count,
                "start_time": wire::precise_time(self.start),
                "next_execution_at": wire::precise_time(self.next),
            },
            "status": if self.is_active { "active" } else { "inactive" },
            "token": self.token,
            "payment_type": self.payment_type,
            "transaction_ids": self.transactions,
            "metadata": self.metadata,
            "customer_details": self.customer,
        });
        if let Some(at) = self.previous {
            body["schedule"]["previous_execution_at"] = wire::precise_time(at).into();
        }
        if let Some(max) = self.max_interval {
            body["schedule"]["max_interval"] = max.into();
        }
        if !self.gopay.is_null() {
            body["gopay"] = self.gopay.clone();
        }
        body
    }
}

impl Account {
    pub fn create_subscription(&mut self, body: &Value) -> Result<Answer, Refusal> {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let schedule = &body["schedule"];
        let unit = match schedule["interval_unit"].as_str() {
            Some("day") => Unit::Day,
            Some("week") => Unit::Week,
            Some("month") => Unit::Month,
            _ => return Err(invalid("subscription.schedule.interval_unit is invalid")),
        };
        let interval = schedule["interval"].as_u64().and_then(|interval| u32::try_from(interval).ok());
        let interval =
            interval.filter(|n| *n > 0).ok_or_else(|| invalid("subscription.schedule.interval is required"))?;
        let payment_type = text("payment_type");
        let known = match payment_type.as_str() {
            "credit_card" => self.cards.get(&text("token")).is_some_and(|card| card.is_saved),
            "gopay" => self.accounts.contains_key(body["gopay"]["account_id"].as_str().unwrap_or_default()),
            _ => return Err(invalid("subscription.payment_type is invalid")),
        };
        if !known {
            return Err(invalid("subscription.token is invalid"));
        }
        let start = match schedule["start_time"].as_str() {
            Some(text) => {
                wire::read_time(text).ok_or_else(|| invalid("subscription.schedule.start_time is invalid"))?
            }
            None => self.now(),
        };
        let name = text("name");
        if name.is_empty() || name.len() > 40 || text("currency") != "IDR" {
            return Err(invalid("subscription.name or subscription.currency is invalid"));
        }
        let subscription = Subscription {
            id: self.new_id(),
            name,
            amount: read_amount(body)?,
            payment_type,
            token: text("token"),
            interval,
            unit,
            max_interval: schedule["max_interval"].as_u64().and_then(|max| u32::try_from(max).ok()),
            count: 0,
            start,
            previous: None,
            next: start,
            is_active: true,
            transactions: Vec::new(),
            metadata: body["metadata"].clone(),
            customer: body["customer_details"].clone(),
            gopay: body["gopay"].clone(),
            created: self.now(),
        };
        let answer = subscription.body();
        self.tell_subscription(&subscription.id, &answer.to_string(), "subscription.create");
        self.subscriptions.insert(subscription.id.clone(), subscription);
        Ok(ok(answer))
    }

    pub fn subscription(&mut self, method: &Method, id: &str, body: &Value) -> Result<Answer, Refusal> {
        let subscription = self.subscriptions.get_mut(id).ok_or_else(unknown)?;
        if method != Method::PATCH {
            return Ok(ok(subscription.body()));
        }
        let amount = read_amount(body)?;
        let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let (Some(name), Some(token)) = (text("name"), text("token")) else {
            return Err(invalid("subscription.name and subscription.token are required"));
        };
        let interval = &body["schedule"]["interval"];
        let interval = interval.as_u64().or_else(|| interval.as_str()?.parse().ok());
        if let Some(interval) = interval.and_then(|interval| u32::try_from(interval).ok()) {
            subscription.interval = interval;
        }
        (subscription.name, subscription.token, subscription.amount) = (name, token, amount);
        Ok(ok(json!({ "status_message": "Subscription is updated." })))
    }

    pub fn switch_subscription(&mut self, id: &str, verb: &str) -> Result<Answer, Refusal> {
        let subscription = self.subscriptions.get_mut(id).ok_or_else(unknown)?;
        subscription.is_active = match verb {
            "enable" => true,
            "disable" | "cancel" => false,
            _ => return Err(unknown()),
        };
        Ok(ok(json!({ "status_message": "Subscription is updated." })))
    }

    /// Charges what has come due.
    pub fn run_subscriptions(&mut self, now: Timestamp) {
        let ids: Vec<String> = self.subscriptions.keys().cloned().collect();
        for id in ids {
            while let Some(due) = self.subscriptions.get(&id).filter(|due| due.is_active && due.next <= now).cloned() {
                self.run_subscription(due);
            }
        }
    }

    fn run_subscription(&mut self, mut due: Subscription) {
        let serial = self.new_serial();
        let order_id = format!("{}-{serial:032}", due.name);
        let card = self.cards.get(&due.token).cloned();
        let means = card.as_ref().map_or(Means::GoPay, |card| Means::Card(card.number.clone()));
        let mut transaction = self.new_transaction(order_id.clone(), due.amount, means, None);
        let refusal = match card {
            Some(card) => {
                self.run_card(&mut transaction, card.is_refused, false);
                None
            }
            None if due.payment_type == "credit_card" => {
                Some(json!({ "status_code": "411", "status_message": "Token id is missing, invalid, or timed out" }))
            }
            None => {
                let gopay = json!({ "account_id": due.gopay["account_id"], "payment_option_token": due.token });
                let message = "Merchant doesn't have access for this payment type";
                let refused = self.charge_account(&mut transaction, &gopay).is_err();
                refused.then(|| json!({ "status_code": "402", "status_message": message }))
            }
        };
        let done = refusal.is_none() && transaction.status != Status::Deny;
        let outcome = refusal.unwrap_or_else(|| {
            json!({
                "transaction_status": transaction.status.as_str(),
                "transaction_id": transaction.id,
                "status_code": if done { "200" } else { "202" },
            })
        });
        due.previous = Some(due.next);
        due.next = due.unit.after(due.next, due.interval);
        due.count += 1;
        due.is_active = done && due.max_interval.is_none_or(|max| due.count < max);
        if done {
            due.transactions.push(transaction.id.clone());
            self.transactions.insert(order_id.clone(), transaction);
            self.tell(&order_id);
        }
        let mut shown = due.body();
        shown.as_object_mut().map(|shown| shown.remove("transaction_ids"));
        let body = json!({ "transaction": outcome, "subscription": shown, "event_name": "subscription.charge" });
        self.tell_subscription(&due.id, &body.to_string(), "subscription.charge");
        self.subscriptions.insert(due.id.clone(), due);
    }

    fn tell_subscription(&mut self, id: &str, body: &str, what: &str) {
        self.outbox.push(Notification { url: None, order_id: id.into(), what: what.into(), body: body.into() });
    }
}

fn read_amount(body: &Value) -> Result<i64, Refusal> {
    let amount = body["amount"].as_str().and_then(|amount| amount.parse().ok());
    amount.filter(|amount| *amount > 0).ok_or_else(|| invalid("subscription.amount is required"))
}

fn invalid(message: &str) -> Refusal {
    Refusal::subscription(400, "Invalid parameter.", &[message])
}

fn unknown() -> Refusal {
    Refusal::subscription(404, "Subscription doesn't exist.", &[])
}
