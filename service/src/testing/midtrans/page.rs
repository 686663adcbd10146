//! Snap's hosted page, plain enough for a browser test.

use std::collections::BTreeMap;

use http::{Method, StatusCode};

use super::{
    FakeMidtrans, Step,
    snap::Page,
    transaction::{Means, Status, Transaction},
};
use crate::testing::http::{Answer, Request};

/// Answers a browser: ways to pay, the bank's question after a card, and what is waited for after anything else.
pub(super) fn answer(fake: &FakeMidtrans, token: &str, request: &Request) -> Answer {
    let page = fake.lock().pages.iter().find(|page| page.token == token && !page.is_canceled).cloned();
    let Some(page) = page else { return html(StatusCode::NOT_FOUND, "<h1>Transaction not found</h1>") };
    let form: BTreeMap<String, String> = serde_urlencoded::from_bytes(&request.body).unwrap_or_default();
    let given = |name: &str| form.get(name).map(String::as_str);
    let step = match (given("means"), given("passed")) {
        (Some(name), _) => Means::named(name, &given("card").unwrap_or_default().replace(' ', "")).map(Step::Begin),
        (None, Some("true")) => Some(Step::Complete),
        (None, Some(_)) => Some(Step::Refuse),
        (None, None) => None,
    };
    let step = step.filter(|_| request.method == Method::POST);
    let note = step.and_then(|step| fake.act(&page.order_id, step).err());
    match fake.transaction(&page.order_id) {
        None => choices(&page, note.as_deref()),
        Some(transaction) => match transaction.status {
            Status::Deny | Status::Failure => choices(&page, Some("Your payment was declined.")),
            Status::Pending if matches!(transaction.means, Means::Card(_)) => html(
                StatusCode::OK,
                "<h1>Your bank</h1><form method=post><button name=passed value=true>Complete</button>\
                 <button name=passed value=false>Fail</button></form>",
            ),
            Status::Pending => left(&page, &transaction, "Waiting for your transfer"),
            Status::Capture | Status::Settlement => {
                let answer = Answer::new(StatusCode::SEE_OTHER, "text/plain", "");
                answer.with("location", &back(&page, &transaction))
            }
            _ => left(&page, &transaction, "This payment cannot be made any more"),
        },
    }
}

fn choices(page: &Page, note: Option<&str>) -> Answer {
    let note = note.map(|note| format!("<p role=alert>{}</p>", escaped(note))).unwrap_or_default();
    let all = [
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
    let offered =
        all.into_iter().filter(|name| page.enabled.as_ref().is_none_or(|list| list.iter().any(|n| n == name)));
    let buttons: String = offered.map(|name| format!("<button name=means value={name}>{name}</button>")).collect();
    let body = format!(
        "<h1>Pay Rp {}</h1>{note}<form method=post><label>Card number <input name=card></label>{buttons}</form>",
        page.gross_amount
    );
    html(StatusCode::OK, &body)
}

/// Nothing more to do here.
fn left(page: &Page, transaction: &Transaction, heading: &str) -> Answer {
    let back = escaped(&back(page, transaction));
    html(StatusCode::OK, &format!("<h1>{heading}</h1><a href=\"{back}\">Back to merchant</a>"))
}

/// Where the customer goes, told how it stands as Midtrans does.
fn back(page: &Page, transaction: &Transaction) -> String {
    let finish = page.finish.as_deref().unwrap_or("about:blank");
    let code = match transaction.status {
        Status::Capture | Status::Settlement => "200",
        Status::Pending => "201",
        _ => "202",
    };
    let query = [
        ("order_id", page.order_id.as_str()),
        ("status_code", code),
        ("transaction_status", transaction.status.as_str()),
    ];
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    format!("{finish}{}{query}", if finish.contains('?') { '&' } else { '?' })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

fn html(status: StatusCode, body: &str) -> Answer {
    let page = format!("<!doctype html><title>Snap</title><link rel=icon href=data:,>{body}");
    Answer::new(status, "text/html; charset=utf-8", page)
}
