//! Ids that stand in the fields of pages: another application's is answered like nobody's, and changes nothing. The
//! fields come from the pages themselves, of all that the table of pages knows; one that this table does not know makes
//! the test fail. Ids in paths: page_table.rs. In bodies and queries of the API: foreign_bodies.rs.

use std::collections::BTreeSet;

use axum::http::Method;
use chrono::TimeDelta;
use domain::billing::clock::ClockStep;
use serde_json::{Value, json};
use service::Ctx;
use uuid::Uuid;

use crate::{
    foreign_money::{self, Bought, CARD, ONCE, buy, order, start, trouble},
    page_table::pages,
    rest::{REDIRECT, Rest, Shop, text},
    route_table::{Extra, NOBODYS, visit},
    support::{Answer, TestApp},
};

/// Where a field is sent with another's id in it.
enum Tried {
    /// Below.
    Here,
    /// Below, as the page to which its form leads.
    Beyond,
    /// page_table.rs.
    Dashboard,
    /// foreign_money.rs.
    Alerts,
    /// organizations.rs.
    Organizations,
    /// oidc_consents.rs.
    Clients,
    /// pages_plans.rs.
    Plans,
    /// Nowhere: it says what was shown, and nothing is found by it.
    Shown,
}

/// Pages, and their fields that have an id in them.
const FIELDS: &[(&str, &str, Tried)] = &[
    ("/account/connected", "client", Tried::Clients),
    ("/account/organizations", "organization", Tried::Organizations),
    ("/account/organizations/{id}", "invitation", Tried::Organizations),
    ("/account/organizations/{id}", "user", Tried::Organizations),
    ("/account/sessions", "session", Tried::Here),
    ("/checkout", "digest", Tried::Shown),
    ("/checkout", "of", Tried::Shown),
    ("/dashboard/{slug}/alerts", "alert", Tried::Alerts),
    ("/dashboard/{slug}/alerts", "notification", Tried::Alerts),
    ("/dashboard/{slug}/clients/registration", "token", Tried::Dashboard),
    ("/dashboard/{slug}/coupons", "coupon", Tried::Dashboard),
    ("/dashboard/{slug}/coupons", "plan", Tried::Dashboard),
    ("/dashboard/{slug}/plans", "plan", Tried::Dashboard),
    ("/dashboard/{slug}/plans/{key}", "price", Tried::Dashboard),
    ("/dashboard/{slug}/roles", "id", Tried::Dashboard),
    ("/dashboard/{slug}/roles/{id}", "permission", Tried::Dashboard),
    ("/dashboard/{slug}/subscriptions", "id", Tried::Beyond),
    (CANCEL, "id", Tried::Here),
    (SUBSCRIPTION, "agreed", Tried::Shown),
    (SUBSCRIPTION, "invoice", Tried::Here),
    (SUBSCRIPTION, "price", Tried::Here),
    (SUBSCRIPTION, "to", Tried::Here),
    ("/dashboard/{slug}/users", "role", Tried::Dashboard),
    ("/dashboard/{slug}/users/{id}", "plan", Tried::Dashboard),
    ("/dashboard/{slug}/users/{id}", "role", Tried::Dashboard),
    (ORGANIZATION, "invitation", Tried::Here),
    (ORGANIZATION, "user", Tried::Here),
    ("/plans", "price", Tried::Plans),
    ("/portal", "of", Tried::Here),
    ("/portal/change", "digest", Tried::Shown),
    ("/portal/change", "of", Tried::Here),
    ("/portal/change", "price", Tried::Here),
    ("/portal/invoices/{number}", "of", Tried::Here),
];

const CANCEL: &str = "/dashboard/{slug}/subscriptions/cancel";
const SUBSCRIPTION: &str = "/dashboard/{slug}/subscriptions/{id}";
const ORGANIZATION: &str = "/organizations/{id}";

/// What shows nobody a page here: it leads elsewhere, is no page, or wants what only a mail or a provider gives.
const CLOSED: &[&str] = &[
    "/",
    "/.well-known/keys/{kid}",
    "/auth/login",
    "/checkout/return",
    "/consent",
    "/dashboard/{slug}",
    "/invitation/{token}",
    "/link/{token}",
    "/logo/{application}/{version}",
    "/oauth2/authorize",
    "/oauth2/logout",
    "/oauth2/resume",
    "/oauth2/userinfo",
    "/pay/{token}",
    "/register",
    "/setup",
    "/sign-in/factor",
    "/sign-in/passkey",
    "/site/{version}/{*path}",
    "/upstream/callback/{application}/{method}",
    "/upstream/link",
];

/// What acme has for its pages to show.
struct Own {
    extra: Extra,
    bought: Bought,
    /// What the plan `team` costs.
    price: String,
}

impl Own {
    async fn make(rest: &Rest, card: &str) -> Self {
        let plans = format!("{}/plans", rest.acme.base());
        let team = text(&rest.made(&plans, &json!({ "name": "Team" })).await["plan"]["id"]);
        let price = json!({ "name": "Monthly", "amount": 2999, "currency": "usd" });
        let price = text(&rest.made(&format!("{plans}/{team}/prices"), &price).await["price"]["id"]);
        Self { extra: Extra::make(rest, &rest.acme).await, bought: buy(rest, &rest.acme, card).await, price }
    }

    /// The address of a page of the table; what is in braces yet is not acme's.
    async fn address(&self, rest: &Rest, page: &str) -> String {
        let invoice = foreign_money::invoice(rest, &rest.acme, &self.bought.subscription).await;
        let ids = [
            ("clients/{id}", self.extra.client.as_str()),
            ("deliveries/{delivery}", &self.extra.delivery),
            ("invoices/{number}", &text(&invoice["number"])),
            ("organizations/{id}", &self.extra.organization),
            ("payments/{id}", &self.bought.payment),
            ("plans/{key}", "pro"),
            ("roles/{id}", &self.extra.role),
            ("sign-in-methods/{id}", &self.extra.method),
            ("subscriptions/{id}", &self.bought.subscription),
            ("users/{id}", &rest.acme.user),
            ("webhooks/{id}", &self.extra.webhook),
        ];
        ids.iter().fold(page.replace("{slug}", "acme"), |path, (parameter, id)| {
            let (kind, _) = parameter.split_once('/').unwrap();
            path.replace(*parameter, &format!("{kind}/{id}"))
        })
    }
}

/// A month of billing time passes.
async fn a_month_later(rest: &Rest, shop: &Shop) {
    // Of ids of one moment none is the later one.
    rest.app.clock.advance(TimeDelta::seconds(1));
    let (clocks, month) = (rest.app.services.clocks(), ClockStep::parse("1mo").unwrap());
    clocks.advance(&Ctx::operator(), shop.id.parse().unwrap(), month).await.unwrap();
}

/// A checkout of acme's user by redirect.
fn checkout<'a>(rest: &'a Rest, plan: &'a str) -> [(&'a str, &'a str); 5] {
    let url = "https://app.example/";
    let (acme, user) = (rest.acme.id.as_str(), rest.acme.user.as_str());
    [("project_id", acme), ("plan", plan), ("user_id", user), ("success_url", url), ("cancel_url", url)]
}

fn link(path: &str, fields: &[(&str, &str)]) -> String {
    format!("{path}?{}", serde_urlencoded::to_string(fields).unwrap())
}

fn has_id(value: &str) -> bool {
    let mut parts = value.split(|c: char| !c.is_ascii_hexdigit() && c != '-');
    parts.any(|part| part.len() == 36 && Uuid::parse_str(part).is_ok())
}

/// The names of a page's fields that have an id in them.
fn fields(html: &str) -> BTreeSet<&str> {
    let (mut found, mut list) = (BTreeSet::new(), None);
    for tag in html.split('<').filter_map(|part| part.split('>').next()) {
        let attribute = |name: &str| tag.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
        if tag.starts_with("select ") {
            list = attribute("name");
        }
        // A choice is sent by the name of its list.
        let name = if tag.starts_with("option ") { list } else { attribute("name") };
        if let (Some(name), Some(value)) = (name, attribute("value"))
            && has_id(value)
        {
            found.insert(name);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_with_an_id_is_tried_with_anothers() {
    let rest = start().await;
    let (acme, services) = (&rest.acme, &rest.app.services);
    trouble(&rest, acme).await;
    let own = Own::make(&rest, ONCE).await;
    let waiting = order(&rest, acme, &rest.member(acme, "waits@example.com").await).await;
    // A client that is connected, in a session of its own.
    rest.access_token(acme, &acme.user).await;
    let always = json!({ "planSelection": "always" });
    assert_eq!(rest.admin(Method::PATCH, &acme.base(), Some(&always)).await.status, 200);
    // Who has chosen a plan just now is not asked again.
    rest.app.clock.advance(TimeDelta::seconds(1));
    let root = rest.browser_of(&rest.person("root@example.com", "superadmin").await).await;
    let person = rest.browser_of(&acme.user).await;
    visit(&rest, acme, &person).await;
    let visitors = [rest.app.browser(), root, person];
    let flow = [("client_id", acme.client_id.as_str()), ("redirect_uri", REDIRECT), ("state", "s")];
    let led = visitors[2].get(&link("/auth/login", &flow)).await;

    let subscription = &own.bought.subscription;
    // Pages that need more than their path.
    let links = [
        ("/checkout", link("/checkout", &checkout(&rest, "free"))),
        ("/checkout/{token}", services.orders().path(waiting.order.id).unwrap()),
        ("/dashboard/{slug}/sign-in-methods/new", "/dashboard/acme/sign-in-methods/new?kind=google".to_owned()),
        (CANCEL, format!("/dashboard/acme/subscriptions/cancel?id={subscription}")),
        (SUBSCRIPTION, format!("/dashboard/acme/subscriptions/{subscription}?to=team/{}", own.price)),
        ("/plans", led.location().expect("plan selection").to_owned()),
        ("/portal/change", "/portal/change?plan=team".to_owned()),
        ("/sandbox/pay/{key}", format!("/sandbox/pay/{}", waiting.order.id)),
    ];
    let (mut found, mut shown) = (BTreeSet::new(), BTreeSet::new());
    // As it is paid for, and as it is owed for.
    for is_owed in [false, true] {
        if is_owed {
            a_month_later(&rest, acme).await;
        }
        for page in pages() {
            let address = own.address(&rest, page).await;
            let plain = (!address.contains('{')).then_some(&address);
            let addresses = links.iter().filter(|(of, _)| *of == page).map(|(_, link)| link).chain(plain);
            for (address, browser) in addresses.flat_map(|address| visitors.each_ref().map(|who| (address, who))) {
                let answer = browser.get(address).await;
                if answer.status == 200 {
                    shown.insert(page);
                    found.extend(fields(answer.text()).into_iter().map(|field| (page, field.to_owned())));
                }
            }
        }
    }
    let known = FIELDS.iter().map(|(page, field, _)| (*page, (*field).to_owned())).collect();
    let differ: Vec<_> = found.symmetric_difference(&known).collect();
    assert!(differ.is_empty(), "missing from this table, or gone: {differ:?}");
    let closed: Vec<_> = pages().filter(|page| !shown.contains(page)).collect();
    assert_eq!(closed, CLOSED);
}

/// How a page is asked for what a field names.
#[derive(Clone, Copy)]
enum By {
    Link,
    Form,
    /// By the form of a page that a link names.
    FormOfLink,
}

/// A page, how it is asked, the rest of what is sent, the field that names what is another's, and the status of the
/// answer.
type Form<'a> = (&'a str, By, &'a [(&'a str, &'a str)], &'a str, &'a str, u16);

async fn send(browser: &TestApp, address: &str, by: By, fields: &[(&str, &str)]) -> Answer {
    match by {
        By::Link => browser.get(&link(address, fields)).await,
        By::Form => browser.post_form(address, fields).await,
        By::FormOfLink => browser.post_form(&link(address, fields), &[]).await,
    }
}

/// Everything that could have changed.
async fn dump(rest: &Rest, organizations: [&str; 2]) -> Value {
    let mut all = vec![foreign_money::dump(rest).await];
    for id in organizations {
        for list in ["members", "invitations"] {
            all.push(rest.read(&format!("/api/admin/organizations/{id}/{list}")).await);
        }
    }
    all.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_field_names_of_another_is_as_what_nobody_has() {
    let rest = start().await;
    let (acme, other) = (&rest.acme, &rest.other);
    let (own, foreign) = (Own::make(&rest, CARD).await, Extra::make(&rest, other).await);
    let theirs = buy(&rest, other, ONCE).await;
    a_month_later(&rest, other).await;
    let owed = foreign_money::invoice(&rest, other, &theirs.subscription).await;
    assert_eq!(owed["status"], "open", "{owed}");
    let plan = json!({ "key": "only-there", "name": "Only there" });
    rest.made(&format!("{}/plans", other.base()), &plan).await;
    let admin = rest.browser_of(&rest.administrator(acme).await).await;
    let root = rest.browser_of(&rest.person("root@example.com", "superadmin").await).await;
    let (person, stranger) = (rest.browser_of(&acme.user).await, rest.browser_of(&other.user).await);
    visit(&rest, acme, &person).await;
    let session = text(&stranger.get("/api/user/sessions").await.json()["sessions"][0]["id"]);
    let preview = person.get("/portal/change?plan=team").await;
    let (digest, at) = (preview.hidden("digest"), preview.hidden("at"));
    let agreed = [("plan", "team"), ("digest", digest.as_str()), ("at", at.as_str())];
    let here = [&agreed[..], &[("of", acme.id.as_str())]].concat();
    let priced = [&agreed[..], &[("price", own.price.as_str())]].concat();
    let (invoice, bought, to_team) = (text(&owed["id"]), checkout(&rest, "team"), [("plan", "team")]);

    let desk: [Form; 6] = [
        // A price that is not the plan's is passed over.
        (SUBSCRIPTION, By::Link, &[], "to", &other.price, 200),
        (SUBSCRIPTION, By::Form, &[("action", "change"), ("plan", "team")], "price", &other.price, 404),
        (SUBSCRIPTION, By::Form, &[("action", "change")], "plan", "only-there", 404),
        (SUBSCRIPTION, By::Form, &[("action", "mark_paid")], "invoice", &invoice, 404),
        // What is not there is left out.
        (CANCEL, By::Link, &[], "id", &theirs.subscription, 200),
        (CANCEL, By::Form, &[("action", "cancel")], "id", &theirs.subscription, 200),
    ];
    let above: [Form; 4] = [
        (ORGANIZATION, By::Form, &[("action", "role"), ("role", "admin")], "user", &other.user, 404),
        (ORGANIZATION, By::Form, &[("action", "again")], "invitation", &foreign.invitation, 400),
        // What is not there is taken away already.
        (ORGANIZATION, By::Form, &[("action", "remove")], "user", &other.user, 303),
        (ORGANIZATION, By::Form, &[("action", "uninvite")], "invitation", &foreign.invitation, 303),
    ];
    let visits: [Form; 8] = [
        ("/checkout", By::Link, &bought, "price_id", &other.price, 404),
        ("/checkout", By::FormOfLink, &bought, "price_id", &other.price, 404),
        ("/portal", By::Form, &[("act", "cancel")], "of", &other.id, 409),
        ("/portal/change", By::Link, &to_team, "price", &other.price, 409),
        ("/portal/change", By::Form, &here, "price", &other.price, 409),
        ("/portal/change", By::Form, &priced, "of", &other.id, 409),
        ("/portal/invoices/{number}", By::Form, &[], "of", &other.id, 404),
        // Visits to the portal end, whichever session is named.
        ("/account/sessions", By::Form, &[], "session", &session, 303),
    ];
    let organizations = [own.extra.organization.as_str(), foreign.organization.as_str()];
    let before = dump(&rest, organizations).await;
    let mut tried = BTreeSet::new();
    let by_admins = desk.iter().flat_map(|form| [(&admin, form), (&root, form)]);
    let by_others = above.iter().map(|form| (&root, form)).chain(visits.iter().map(|form| (&person, form)));
    for (who, &(page, by, form, field, theirs, expected)) in by_admins.chain(by_others) {
        tried.insert((page, field));
        let address = own.address(&rest, page).await;
        let ask = async |named: &str| {
            let value = if field == "to" { format!("team/{named}") } else { named.to_owned() };
            send(who, &address, by, &[form, &[(field, value.as_str())]].concat()).await
        };
        // Plans are named by their keys.
        let nobodys = if field == "plan" { "nowhere" } else { NOBODYS };
        let (answer, none) = (ask(theirs).await, ask(nobodys).await);
        assert_eq!(answer.status, expected, "{page}: {field}: {}", answer.text());
        assert_eq!((answer.status, answer.location()), (none.status, none.location()), "{page}: {field}");
        assert_eq!(answer.plain(theirs), none.plain(nobodys), "{page}: {field}");
    }
    assert_eq!(dump(&rest, organizations).await, before, "something changed");
    assert_eq!(stranger.get("/account/sessions").await.status, 200, "their session goes on");
    let here = FIELDS.iter().filter(|(.., tried)| matches!(tried, Tried::Here)).map(|(page, field, _)| (*page, *field));
    let left: Vec<_> = here.filter(|field| !tried.contains(field)).collect();
    assert!(left.is_empty(), "tried nowhere: {left:?}");
}
