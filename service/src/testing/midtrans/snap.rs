//! Snap: pages on which customers pay.

use chrono::TimeDelta;
use domain::Timestamp;
use http::StatusCode;
use serde_json::{Value, json};

use super::{account::Account, ok, refusal::Refusal, wire};
use crate::testing::http::{Answer, Request};

/// How long a page stays open when its request says nothing.
const OPEN: TimeDelta = TimeDelta::hours(24);

/// A page, which its token names.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub token: String,
    pub order_id: String,
    pub gross_amount: i64,
    pub opens_until: Timestamp,
    /// How long what is begun may be paid: since when, if not since it is begun, and for how long.
    pub expiry: Option<(Option<Timestamp>, TimeDelta)>,
    /// 3-D Secure for cards.
    pub is_secure: bool,
    pub saves_card: bool,
    /// Cards are authorized only, to be captured later.
    pub authorizes: bool,
    /// GoPay may be linked.
    pub links_gopay: bool,
    pub user_id: Option<String>,
    /// What may be used, all of it when left out.
    pub enabled: Option<Vec<String>>,
    pub notify: Option<String>,
    /// Where customers go from the page.
    pub finish: Option<String>,
    pub is_canceled: bool,
}

impl Account {
    pub fn create_page(&mut self, request: &Request, body: &Value) -> Result<Answer, Refusal> {
        let page = self.read_page(request, body).map_err(|message| Refusal::snap(400, &message))?;
        if self.transactions.contains_key(&page.order_id) {
            return Err(Refusal::snap(400, "transaction_details.order_id has already been taken"));
        }
        let answer = json!({
            "token": page.token,
            "redirect_url": format!("{}/snap/v4/redirection/{}", self.url, page.token),
        });
        self.pages.push(page);
        Ok(Answer::json(StatusCode::CREATED, &answer))
    }

    fn read_page(&mut self, request: &Request, body: &Value) -> Result<Page, String> {
        let (order_id, gross_amount) = read_details(body)?;
        let now = self.now();
        let user_id = body["user_id"].as_str().map(str::to_owned);
        if user_id.as_ref().is_some_and(|user| user.len() > 255) {
            return Err("user_id is too long (maximum is 255 characters)".into());
        }
        let saves_card = flag(&body["credit_card"], "save_card")?;
        let links_gopay = flag(&body["gopay"], "tokenization")?;
        if (saves_card || links_gopay) && user_id.is_none() {
            return Err("user_id is required".into());
        }
        let expiry = read_expiry(&body["expiry"])?;
        let page = read_expiry(&body["page_expiry"])?;
        let start = |(from, length): (Option<Timestamp>, TimeDelta)| from.unwrap_or(now) + length;
        let notify = match request.header("x-override-notification") {
            "" => request.header("x-append-notification"),
            url => url,
        };
        let enabled = match &body["enabled_payments"] {
            Value::Null => None,
            list => Some(serde_json::from_value(list.clone()).map_err(|_| "enabled_payments is invalid")?),
        };
        Ok(Page {
            token: self.new_id(),
            order_id,
            gross_amount,
            opens_until: page.or(expiry).map_or(now + OPEN, start),
            expiry,
            is_secure: flag(&body["credit_card"], "secure")?,
            saves_card,
            authorizes: body["credit_card"]["type"] == "authorize",
            links_gopay,
            user_id,
            enabled,
            finish: body["callbacks"]["finish"].as_str().map(str::to_owned),
            notify: (!notify.is_empty()).then(|| notify.to_owned()),
            is_canceled: false,
        })
    }

    pub fn cancel_page(&mut self, token: &str) -> Result<Answer, Refusal> {
        let at = wire::precise_time(self.now());
        let page = self.pages.iter_mut().find(|page| page.token == token);
        let page = page.ok_or_else(|| Refusal::snap(404, "token not found"))?;
        if page.is_canceled {
            return Err(Refusal::snap(400, "token already canceled"));
        }
        if self.transactions.contains_key(&page.order_id) {
            return Err(Refusal::snap(400, "Transaction is on progress"));
        }
        page.is_canceled = true;
        Ok(ok(json!({ "canceled_at": at })))
    }
}

/// `transaction_details` and `item_details`, as Snap and the Core API both take them.
pub(super) fn read_details(body: &Value) -> Result<(String, i64), String> {
    let details = &body["transaction_details"];
    let order_id = details["order_id"].as_str().ok_or("transaction_details.order_id is required")?;
    if order_id.is_empty() || order_id.len() > 50 {
        return Err("transaction_details.order_id is too long (maximum is 50 characters)".into());
    }
    if !order_id.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_~.".contains(&c)) {
        return Err("transaction_details.order_id is invalid".into());
    }
    let amount = details["gross_amount"].as_i64().ok_or("transaction_details.gross_amount is not an integer")?;
    if amount < 1 {
        return Err("transaction_details.gross_amount must be greater than or equal to 1".into());
    }
    if let Some(items) = body["item_details"].as_array() {
        let mut sum = 0;
        for item in items {
            let (price, quantity) = (item["price"].as_i64(), item["quantity"].as_i64());
            sum += price.zip(quantity).map(|(price, quantity)| price * quantity).ok_or("item_details is invalid")?;
            if item["name"].as_str().is_none_or(|name| name.is_empty() || name.chars().count() > 50) {
                return Err("item_details.name is too long (maximum is 50 characters)".into());
            }
        }
        if sum != amount {
            return Err("transaction_details.gross_amount is not equal to the sum of item_details".into());
        }
    }
    Ok((order_id.into(), amount))
}

/// `expiry` and `page_expiry`: 5 minutes to 7 days.
fn read_expiry(value: &Value) -> Result<Option<(Option<Timestamp>, TimeDelta)>, String> {
    if value.is_null() {
        return Ok(None);
    }
    let duration = value["duration"].as_i64().filter(|duration| *duration > 0).ok_or("expiry.duration is invalid")?;
    let length = match value["unit"].as_str().map(|unit| unit.trim_end_matches('s')) {
        Some("day") => TimeDelta::days(duration),
        Some("hour") => TimeDelta::hours(duration),
        Some("minute") => TimeDelta::minutes(duration),
        _ => return Err("expiry.unit is invalid".into()),
    };
    if length < TimeDelta::minutes(5) || length > TimeDelta::days(7) {
        return Err("expiry must be between 5 minutes and 7 days".into());
    }
    let from = match value["start_time"].as_str() {
        Some(text) => Some(wire::read_time(text).ok_or("expiry.start_time is invalid")?),
        None => None,
    };
    Ok(Some((from, length)))
}

fn flag(object: &Value, name: &str) -> Result<bool, String> {
    match &object[name] {
        Value::Null => Ok(false),
        Value::Bool(flag) => Ok(*flag),
        _ => Err(format!("{name} is not a boolean")),
    }
}
