//! The hosted page of a Checkout Session, plain enough for a browser test.

use http::{Method, StatusCode};

use super::{Entered, FakeStripe, form::Params};
use crate::testing::http::{Answer, Request};

/// Answers a browser.
pub(super) fn answer(fake: &FakeStripe, request: &Request) -> Answer {
    let params = Params::parse(&String::from_utf8_lossy(&request.body));
    match request.path.strip_prefix("/c/pay/") {
        Some(session) => page(fake, session, &request.method, &params),
        None => missing(),
    }
}

fn missing() -> Answer {
    Answer::new(StatusCode::NOT_FOUND, "text/html; charset=utf-8", "<h1>Something went wrong</h1>")
}

/// Checkout's page: a card number, and the bank's question after it.
fn page(fake: &FakeStripe, session: &str, method: &Method, params: &Params) -> Answer {
    let side = if session.starts_with("cs_live") { fake.live() } else { fake.test() };
    let object = side.get(session);
    if object.is_null() {
        return missing();
    }
    let entered = match (method, params.text("number"), params.text("passed")) {
        (&Method::POST, Some(number), _) => Some(side.enter_card(session, &number.replace(' ', ""))),
        (&Method::POST, None, Some(passed)) => Some(side.authenticate(session, passed == "true")),
        _ => None,
    };
    let note = match entered {
        Some(Entered::Paid { redirect }) => {
            let answer = Answer::new(StatusCode::SEE_OTHER, "text/plain", "");
            return answer.with("location", &redirect);
        }
        Some(Entered::Authenticate) => {
            let body = "<h1>Your bank</h1><form method=post><button name=passed value=true>Complete</button>\
                        <button name=passed value=false>Fail</button></form>";
            return Answer::new(StatusCode::OK, "text/html; charset=utf-8", body);
        }
        Some(Entered::Declined) => "<p role=alert>Your card was declined.</p>",
        None => "",
    };
    let (total, currency) = (&object["amount_total"], object["currency"].as_str().unwrap_or_default());
    let back = object["cancel_url"].as_str().unwrap_or_default().replace('&', "&amp;").replace('"', "&quot;");
    let body = format!(
        "<!doctype html><title>Checkout</title><h1>Pay {total} {currency}</h1>{note}<form method=post>\
         <label>Card number <input name=number autocomplete=cc-number></label><button>Pay</button></form>\
         <a href=\"{back}\">Back</a>"
    );
    Answer::new(StatusCode::OK, "text/html; charset=utf-8", body)
}
