//! The stand-in itself: it does what Stripe documents.

mod paying;
mod requests;
mod subscriptions;

use chrono::TimeDelta;
use domain::Timestamp;
use http::HeaderMap;

use super::*;
use crate::clock::ManualClock;

struct Bench {
    fake: FakeStripe,
    clock: ManualClock,
}

impl Bench {
    fn new() -> Self {
        let clock = ManualClock::new(Timestamp::from_timestamp(1_795_219_200, 0).unwrap());
        Self { fake: FakeStripe::new(Arc::new(clock.clone())), clock }
    }

    fn send(&self, request: &str, form: &str, headers: &[(&'static str, &str)]) -> Reply {
        let (method, path) = request.split_once(' ').unwrap();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut map = HeaderMap::new();
        map.insert("authorization", format!("Bearer {TEST_KEY}").parse().unwrap());
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        self.fake.answer(Request {
            method: method.parse().unwrap(),
            path: path.into(),
            query: query.into(),
            headers: map,
            body: form.to_owned().into(),
        })
    }

    fn try_ask(&self, request: &str, form: &str, headers: &[(&'static str, &str)]) -> (u16, Value) {
        match self.send(request, form, headers) {
            Reply::Answer(answer) => (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap()),
            other => panic!("{other:?}"),
        }
    }

    fn ask(&self, request: &str, form: &str) -> Value {
        let (status, body) = self.try_ask(request, form, &[]);
        assert_eq!(status, 200, "{request} {form}: {body}");
        body
    }

    /// A monthly price of $20 and a yearly one of $200.
    fn prices(&self) -> (String, String) {
        let product = self.ask("POST /v1/products", "name=Pro")["id"].as_str().unwrap().to_owned();
        let price = |amount: i64, interval: &str| {
            let form = format!("product={product}&currency=usd&unit_amount={amount}&recurring[interval]={interval}");
            self.ask("POST /v1/prices", &form)["id"].as_str().unwrap().to_owned()
        };
        (price(2000, "month"), price(20_000, "year"))
    }

    /// A subscription to $20 a month, by Checkout.
    fn subscribed(&self, extra: &str) -> String {
        let (monthly, _) = self.prices();
        let form = format!(
            "mode=subscription&success_url=https://a.example/{{CHECKOUT_SESSION_ID}}&customer_email=a@example.com\
             &line_items[0][price]={monthly}&line_items[0][quantity]=1{extra}"
        );
        let session = self.ask("POST /v1/checkout/sessions", &form)["id"].as_str().unwrap().to_owned();
        let redirect = format!("https://a.example/{session}");
        assert_eq!(self.fake.test().enter_card(&session, "4242424242424242"), Entered::Paid { redirect });
        self.fake.test().get(&session)["subscription"].as_str().unwrap().to_owned()
    }

    fn kinds(&self) -> Vec<String> {
        self.fake.test().deliveries().iter().map(Delivery::kind).collect()
    }

    fn days(&self, days: i64) {
        self.clock.advance(TimeDelta::days(days));
    }
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}
