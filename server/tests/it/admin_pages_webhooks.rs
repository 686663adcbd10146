//! Outgoing webhooks in the dashboard, without JavaScript.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::{
    id::WebhookEndpointId,
    page::PageRequest,
    webhook::{
        delivery::Delivery,
        endpoint::{Endpoint, NewEndpoint},
        schedule::WAITS,
    },
};
use service::Ctx;

use crate::{
    admin_pages::{Office, application, land},
    receiver::Receiver,
    support::Answer,
};

const HOOK: &str = "https://shop.example/hook";

/// Adds an endpoint in the dashboard, and gives the path of its page.
async fn add(office: &Office, url: &str) -> String {
    let answer = office.post("webhooks/new", &[("action", "save"), ("endpoint", url)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    answer.location().unwrap().strip_prefix("/dashboard/acme/").unwrap().to_owned()
}

fn id_of(path: &str) -> WebhookEndpointId {
    path.strip_prefix("webhooks/").unwrap().parse().unwrap()
}

async fn endpoint(office: &Office, path: &str) -> Endpoint {
    let (webhooks, application) = (office.app.services.webhooks(), office.created.application.id);
    webhooks.get(&Ctx::operator(), application, id_of(path)).await.unwrap()
}

/// The newest delivery.
async fn delivery(office: &Office, path: &str) -> Delivery {
    let (deliveries, application) = (office.app.services.deliveries(), office.created.application.id);
    let (ctx, page) = (Ctx::operator(), PageRequest::default());
    let page = deliveries.page(&ctx, application, id_of(path), None, &page).await.unwrap();
    page.items.into_iter().next().expect("a delivery")
}

async fn work(office: &Office) -> usize {
    office.app.services.deliveries().work().await.unwrap()
}

/// The secret on a page: its prefix and 32 bytes in base64.
fn secret(page: &Answer) -> Option<String> {
    let plain = |text: &&str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
    let found = page.text().split("whsec_").skip(1).filter_map(|rest| rest.get(..44)).find(plain);
    found.map(|rest| format!("whsec_{rest}"))
}

fn is_checked(page: &Answer, id: &str) -> bool {
    let mut tags = page.text().split("<input").filter_map(|rest| rest.split('>').next());
    let named = format!("id=\"{id}\"");
    tags.find(|tag| tag.contains(&named)).expect("a checkbox").contains(" checked")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_made_and_its_secret_is_shown_once() {
    let office = Office::open().await;
    let page = office.get("webhooks").await;
    assert!(page.text().contains("No endpoints yet") && page.text().contains("/dashboard/acme/webhooks/new"));
    assert!(office.get("webhooks?lang=id").await.text().contains("Belum ada endpoint"));
    for (url, event, message) in [
        ("http://shop.example/hook", "user.created", "URL: must use https"),
        ("", "user.created", "URL: must be"),
        (HOOK, "user.deleted", "Events: “user.deleted” must be one of"),
        (HOOK, "webhook.test", "Events: “webhook.test” must be one of"),
    ] {
        let fields = [("action", "save"), ("endpoint", url), ("description", "<b>Stock"), ("events", event)];
        let answer = office.post("webhooks/new?lang=en", &fields).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{url} {event}");
        let typed = format!("value=\"{url}\"");
        for part in [message, typed.as_str(), "value=\"&lt;b&gt;Stock\""] {
            assert!(answer.text().contains(part), "{part}: {}", answer.text());
        }
        assert!(event != "user.created" || is_checked(&answer, "event-user.created"));
    }
    assert!(office.get("webhooks").await.text().contains("No endpoints yet"));

    let fields = [
        ("action", "save"),
        ("endpoint", HOOK),
        ("description", "Stock"),
        ("events", "payment.failed"),
        ("events", "user.created"),
    ];
    let answer = office.post("webhooks/new", &fields).await;
    assert!(!answer.location().unwrap().contains("whsec_"));
    let page = land(&office.app, &answer).await;
    assert!(page.text().contains("Keep this secret now") && page.text().contains("download="), "{}", page.text());
    let first = secret(&page).expect("a secret");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let path = answer.location().unwrap().strip_prefix("/dashboard/acme/").unwrap();
    let again = office.get(path).await;
    assert_eq!(secret(&again), None, "the secret is shown a second time");
    assert!(again.text().contains(&endpoint(&office, path).await.hint));
    assert!(is_checked(&again, "event-payment.failed") && !is_checked(&again, "event-plan.selected"));
    let list = office.get("webhooks").await;
    for part in [HOOK, "Stock", "user.created, payment.failed"] {
        assert!(list.text().contains(part), "{part}: {}", list.text());
    }

    let page = office.act(path, &[("action", "rotate")]).await;
    let second = secret(&page).expect("another secret");
    assert!(page.text().contains("A new secret is made.") && second != first);
    assert_eq!(secret(&office.get(path).await), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_changed_switched_off_and_deleted() {
    let office = Office::open().await;
    let path = add(&office, HOOK).await;
    let before = endpoint(&office, &path).await;
    let long = "x".repeat(201);
    let bad = [("action", "save"), ("endpoint", "https://shop.example/other"), ("description", &*long)];
    let answer = office.post(&path, &bad).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let typed = format!("value=\"{long}\"");
    for part in ["Description: must have at most 200 characters", "value=\"https://shop.example/other\"", &*typed] {
        assert!(answer.text().contains(part), "{part}: {}", answer.text());
    }
    assert!(!is_checked(&answer, "enabled"));
    assert_eq!(endpoint(&office, &path).await, before);

    let fields = [
        ("action", "save"),
        ("endpoint", "https://shop.example/other"),
        ("description", "Mail"),
        ("events", "claims.updated"),
    ];
    let page = office.act(&path, &fields).await;
    for part in ["Saved.", "Off since", "https://shop.example/other"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    assert!(is_checked(&page, "event-claims.updated") && !is_checked(&page, "enabled"));
    let after = endpoint(&office, &path).await;
    assert!(!after.state.is_enabled() && after.hint == before.hint);
    // What is off gets no test event: there is no button, and a page from before changes nothing.
    assert!(!page.text().contains("Send a test event"));
    let refused = office.post(&path, &[("action", "test")]).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.text().contains("Send events: must be on"), "{}", refused.text());
    assert!(office.get(&format!("{path}/deliveries")).await.text().contains("Nothing was sent yet"));

    let on = [("action", "save"), ("endpoint", HOOK), ("enabled", "on")];
    let page = office.act(&path, &on).await;
    assert!(page.text().contains("Send a test event") && is_checked(&page, "enabled"));
    assert!(office.get("webhooks").await.text().contains("Every event"));

    let nonsense = office.post(&path, &[("action", "nonsense")]).await;
    assert_eq!(nonsense.status, StatusCode::BAD_REQUEST);
    let wrong = office.post(&path, &[("action", "delete"), ("confirm", "shop")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.text().contains("must be exactly “shop.example”"));
    for _ in 0..2 {
        let page = office.act(&path, &[("action", "delete"), ("confirm", "shop.example")]).await;
        assert!(page.text().contains("Deleted.") && page.text().contains("No endpoints yet"));
    }
    assert_eq!(office.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_shown_with_its_answer_and_sent_again() {
    let office = Office::open().await;
    let receiver = Receiver::start("<i>taken</i>").await;
    let path = add(&office, &format!("{}/hook", receiver.url())).await;
    let list = format!("{path}/deliveries");
    assert!(office.get(&list).await.text().contains("Nothing was sent yet"));

    let page = office.act(&path, &[("action", "test")]).await;
    for part in ["A test event is on its way.", "webhook.test", "Waiting", "Not sent yet"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    assert_eq!(work(&office).await, 1);
    let page = office.get(&list).await;
    assert!(page.text().contains("HTTP 200") && !page.text().contains("Not sent yet"), "{}", page.text());

    let queued = delivery(&office, &path).await;
    let one = format!("{list}/{}", queued.id);
    assert!(page.text().contains(&one));
    let page = office.get(&one).await;
    let id = format!("webhook-id: {}", queued.event_id);
    for part in ["Delivered", "HTTP 200", "&lt;i&gt;taken&lt;/i&gt;", "\"type\": \"webhook.test\"", &*id] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    assert!(!page.text().contains("<i>taken"));

    receiver.answers(StatusCode::INTERNAL_SERVER_ERROR);
    let page = office.act(&one, &[("action", "resend")]).await;
    assert!(page.text().contains("It is on its way again.") && page.text().contains("Waiting"), "{}", page.text());
    assert_eq!(work(&office).await, 1);
    let page = office.get(&one).await;
    for part in ["Waiting", "HTTP 500", "Next attempt"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    assert!(office.get(&format!("{list}?status=waiting")).await.text().contains("HTTP 500"));
    for status in ["delivered", "failed"] {
        let page = office.get(&format!("{list}?status={status}")).await;
        assert!(page.text().contains("Nothing matches") && !page.text().contains("HTTP 500"), "{status}");
    }

    let unknown = office.post(&one, &[("action", "nonsense")]).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    let off = [("action", "save"), ("endpoint", HOOK)];
    office.act(&path, &off).await;
    let page = office.get(&one).await;
    assert!(page.text().contains("The endpoint is off") && !page.text().contains("Send again"), "{}", page.text());
    assert!(page.text().contains("Waits until the endpoint is on"), "{}", page.text());
    assert_eq!(office.post(&one, &[("action", "resend")]).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_raises_an_alert() {
    let office = Office::open().await;
    let receiver = Receiver::start("<i>taken</i>").await;
    receiver.answers(StatusCode::SERVICE_UNAVAILABLE);
    let path = add(&office, &receiver.url()).await;
    office.act(&path, &[("action", "test")]).await;
    for wait in std::iter::once(0).chain(WAITS) {
        assert!(office.get("alerts").await.text().contains("Nothing to look at"));
        office.app.clock.advance(TimeDelta::seconds(wait.into()));
        assert_eq!(work(&office).await, 1);
    }
    let failed = format!("/dashboard/acme/{path}/deliveries?status=failed");
    let page = office.get("alerts").await;
    for part in ["An endpoint did not take a webhook for days", &*failed] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    let page = office.app.get(&failed).await;
    assert!(page.text().contains("webhook.test") && page.text().contains("HTTP 503"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_come_in_pages() {
    let office = Office::open().await;
    let path = add(&office, HOOK).await;
    for _ in 0..26 {
        assert_eq!(office.post(&path, &[("action", "test")]).await.status, StatusCode::SEE_OTHER);
    }
    let rows = |page: &Answer| page.text().matches("webhook.test").count();
    let first = office.get(&format!("{path}/deliveries?status=waiting")).await;
    assert_eq!(rows(&first), 25);
    let next = first.text().split("href=\"").find(|rest| rest.contains("cursor=")).expect("a next page");
    let next = next.split('"').next().unwrap().replace("&amp;", "&");
    assert!(next.contains("status=waiting"), "{next}");
    let second = office.app.get(&next).await;
    assert_eq!(rows(&second), 1);
    assert!(second.text().contains("First page"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_anothers_is_not_found() {
    let office = Office::open().await;
    let mine = add(&office, HOOK).await;
    office.act(&mine, &[("action", "test")]).await;
    let own = delivery(&office, &mine).await.id;
    let beside = add(&office, "https://shop.example/second").await;

    let other = application(&office.app, "other", "Other").await.application.id;
    let (webhooks, ctx) = (office.app.services.webhooks(), Ctx::operator());
    let new = NewEndpoint::parse("https://other.example/hook", "", &[]).unwrap();
    let (endpoint, _) = webhooks.create(&ctx, other, new).await.unwrap();
    let theirs = webhooks.test(&ctx, other, endpoint.id).await.unwrap().id;
    let page = format!("webhooks/{}", endpoint.id);

    let browser = office.admins_browser().await;
    assert_eq!(browser.get(&format!("/dashboard/acme/{mine}/deliveries/{own}")).await.status, StatusCode::OK);
    for path in ["other/webhooks", "other/webhooks/new"] {
        assert_eq!(browser.get(&format!("/dashboard/{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let paths = [
        format!("other/{page}"),
        format!("acme/{page}"),
        format!("other/{page}/deliveries/{theirs}"),
        format!("acme/{page}/deliveries/{theirs}"),
        format!("acme/{mine}/deliveries/{theirs}"),
        format!("acme/{beside}/deliveries/{own}"),
    ];
    for path in paths {
        let path = format!("/dashboard/{path}");
        assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        for action in ["save", "test", "rotate", "delete", "resend", "nonsense"] {
            let form = [("action", action), ("endpoint", HOOK), ("confirm", "other.example")];
            // What is not there is deleted, as after a second click.
            let deleted = action == "delete" && path == format!("/dashboard/acme/{page}");
            let expected = if deleted { StatusCode::SEE_OTHER } else { StatusCode::NOT_FOUND };
            assert_eq!(browser.post_form(&path, &form).await.status, expected, "{path}: {action}");
        }
    }
    assert_eq!(webhooks.get(&ctx, other, endpoint.id).await.unwrap(), endpoint);
}
