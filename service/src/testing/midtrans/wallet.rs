//! GoPay accounts that are linked to the merchant.

use base64::{Engine, prelude::BASE64_STANDARD};
use http::Method;
use serde_json::{Value, json};

use super::{
    account::Account,
    notification::Notification,
    ok,
    refusal::Refusal,
    transaction::{Status, Transaction},
    wire,
};
use crate::testing::http::Answer;

/// Numbers of the documentation that cannot be linked.
const BLOCKED: &str = "123450002";
const UNKNOWN: &str = "123450001";

/// A GoPay account.
#[derive(Clone, Debug)]
pub(super) struct PayAccount {
    pub id: String,
    pub status: AccountStatus,
    /// The user of Snap whose account it is.
    pub user_id: Option<String>,
    pub phone: String,
    /// In whole rupiah.
    pub balance: i64,
}

/// `account_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AccountStatus {
    Pending,
    Enabled,
    Disabled,
}

impl AccountStatus {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Enabled => "ENABLED",
            Self::Disabled => "DISABLED",
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Pending => "201",
            Self::Enabled => "200",
            Self::Disabled => "204",
        }
    }
}

impl PayAccount {
    /// The token of its wallet; a new one whenever it is linked again.
    fn wallet_token(&self) -> String {
        BASE64_STANDARD.encode(json!({ "type": "GOPAY_WALLET", "id": self.id }).to_string())
    }
}

impl Account {
    pub fn link_account(&mut self, body: &Value) -> Result<Answer, Refusal> {
        if body["payment_type"] != "gopay" {
            return Err(Refusal::invalid("payment_type is invalid"));
        }
        let phone = body["gopay_partner"]["phone_number"].as_str();
        let phone = phone.ok_or_else(|| Refusal::invalid("gopay_partner.phone_number is required"))?.to_owned();
        if !body["gopay_partner"]["country_code"].is_string() {
            return Err(Refusal::invalid("gopay_partner.country_code is required"));
        }
        let refused = match phone.as_str() {
            UNKNOWN => Some(("105", "User Not Found")),
            BLOCKED => Some(("106", "User is blocked")),
            _ => None,
        };
        if let Some((code, message)) = refused {
            return Ok(ok(json!({
                "status_code": "202",
                "payment_type": "gopay",
                "channel_response_code": code,
                "channel_response_message": message,
            })));
        }
        let id = self.add_account(None, phone, AccountStatus::Pending);
        let url = format!("{}/v2/gopay/redirect/{id}/link", self.url);
        let mut answer = self.account_body(&id);
        answer["actions"] = json!([{ "name": "activation-link-url", "method": "GET", "url": url }]);
        Ok(ok(answer))
    }

    pub fn add_account(&mut self, user_id: Option<String>, phone: String, status: AccountStatus) -> String {
        let id = self.new_id();
        let account = PayAccount { id: id.clone(), status, user_id, phone, balance: 1_000_000_000 };
        self.accounts.insert(id.clone(), account);
        id
    }

    pub fn show_account(&self, id: &str) -> Result<Answer, Refusal> {
        self.accounts.get(id).ok_or_else(unknown)?;
        Ok(ok(self.account_body(id)))
    }

    pub fn unbind_account(&mut self, id: &str) -> Result<Answer, Refusal> {
        let account = self.accounts.get(id).ok_or_else(unknown)?;
        if account.status == AccountStatus::Disabled {
            return Err(Refusal::core(412, "Account status cannot be updated."));
        }
        self.set_account(id, AccountStatus::Disabled);
        Ok(ok(self.account_body(id)))
    }

    /// Links or unlinks an account, and tells.
    pub fn set_account(&mut self, id: &str, status: AccountStatus) {
        let Some(account) = self.accounts.get_mut(id) else { return };
        account.status = status;
        let what = if status == AccountStatus::Enabled { "account_linked" } else { "account_unlinked" };
        let body = json!({
            "account_id": id,
            "merchant_id": self.merchant_id,
            "payment_type": "gopay",
            "signature_key": wire::signature(id, status.as_str(), status.code(), &self.server_key),
            "status_code": status.code(),
            "account_status": status.as_str(),
            "status_message": format!("Midtrans {what} notification"),
        });
        self.outbox.push(Notification {
            url: None,
            order_id: id.into(),
            what: status.as_str().into(),
            body: body.to_string(),
        });
    }

    /// The account that a user of Snap has linked.
    pub fn user_account(&mut self, method: &Method, user: &str) -> Result<Answer, Refusal> {
        let linked = self.linked(user).ok_or_else(|| Refusal::snap(404, "account not found"))?;
        if method == Method::DELETE {
            self.set_account(&linked.id, AccountStatus::Disabled);
        }
        Ok(ok(json!({
            "user_id": user,
            "account_status": linked.status.as_str(),
            "balance": wire::amount(linked.balance),
            "phone_number": linked.phone,
            "country_code": "62",
            "account_id": linked.id,
        })))
    }

    pub fn linked(&self, user: &str) -> Option<PayAccount> {
        let of_user = |account: &&PayAccount| account.user_id.as_deref() == Some(user);
        self.accounts.values().filter(of_user).find(|account| account.status == AccountStatus::Enabled).cloned()
    }

    /// Charges a linked account without its owner.
    pub fn charge_account(&mut self, transaction: &mut Transaction, gopay: &Value) -> Result<(), Refusal> {
        let id = gopay["account_id"].as_str().unwrap_or_default();
        let account = self.accounts.get_mut(id).filter(|account| account.status == AccountStatus::Enabled);
        let account = account.ok_or_else(|| Refusal::core(402, "Account is not linked"))?;
        if gopay["payment_option_token"].as_str() != Some(account.wallet_token().as_str()) {
            return Err(Refusal::core(411, "Payment option token is missing, invalid, or timed out"));
        }
        transaction.account = Some((account.user_id.clone().unwrap_or_default(), id.into()));
        if account.balance < transaction.gross_amount {
            transaction.status = Status::Deny;
            transaction.channel_response = Some(("201", "Insufficient Balance"));
            return Ok(());
        }
        account.balance -= transaction.gross_amount;
        transaction.status = Status::Settlement;
        transaction.settled_at = Some(self.now());
        Ok(())
    }

    fn account_body(&self, id: &str) -> Value {
        let Some(account) = self.accounts.get(id) else { return Value::Null };
        let mut body = json!({
            "status_code": account.status.code(),
            "payment_type": "gopay",
            "account_id": account.id,
            "account_status": account.status.as_str(),
        });
        if account.status == AccountStatus::Enabled {
            let balance = json!({ "value": wire::amount(account.balance), "currency": "IDR" });
            body["metadata"] = json!({ "payment_options": [
                { "name": "PAY_LATER", "active": false, "balance": balance, "metadata": {}, "token": "" },
                { "name": "GOPAY_WALLET", "active": true, "balance": balance, "metadata": {}, "token": account.wallet_token() },
            ] });
        }
        body
    }
}

fn unknown() -> Refusal {
    Refusal::core(404, "Account doesn't exist.")
}
