//! Mails about money: queued with what they are about, sent once, in both languages, through files and SMTP.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use domain::{
    Locale, Money, Secret,
    application::{Provider, SettingsPatch},
    billing::{
        clock::ClockStep,
        invoice::State as InvoiceState,
        price::{Interval, NewPrice, PriceName},
        subscription::State,
    },
    id::UserId,
    identity::email::Email,
    theme::Theme,
};
use sea_orm::ConnectionTrait;
use serde_json::json;
use service::{
    Ctx, Settings,
    application::applications::ApplicationPatch,
    billing::{
        orders::{Destination, NewOrder, Placed, Started},
        subscriptions::Assignment,
    },
    identity::users::NewUser,
    mail::{SmtpUrl, Transport},
    payment::{MethodKind, sandbox::CardNumber},
    testing::{TestServices, people::register},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use crate::{
    people,
    shop::{Shop, key, operator},
};

const GOOD: &str = "4242424242424242";
const FAILS_LATER: &str = "4000000000000341";

/// The sandbox collects Rp 99.000 a month for Pro.
async fn shop() -> Shop {
    let shop = Shop::open().await;
    let theme = Theme::parse(json!({"brand": "#0f766e", "logo_url": "https://acme.example/logo.png"})).unwrap();
    let settings = SettingsPatch {
        name: Some(domain::text::Name::parse("Acme & <b>Co</b>").unwrap()),
        provider: Some(Provider::Sandbox),
        theme: Some(theme),
        ..Default::default()
    };
    let patch = ApplicationPatch { settings, ..Default::default() };
    shop.services().applications().update(&operator(), shop.application, patch).await.unwrap();
    let price = NewPrice {
        name: PriceName::parse("Monthly").unwrap(),
        money: Money::new(9_900_000, "idr".parse().unwrap()).unwrap(),
        interval: Interval::Month,
        trial_days: None,
        stripe_price_id: None,
    };
    shop.services().plans().add_price(&operator(), shop.application, shop.pro.id, price).await.unwrap();
    shop
}

async fn member(shop: &Shop, locale: Option<Locale>) -> UserId {
    let new = NewUser { locale, ..people::new_user("payer@example.com") };
    let user = register(shop.services(), new).await;
    shop.services().memberships().grant(&operator(), shop.application, user.id, None).await.unwrap();
    user.id
}

async fn order(shop: &Shop, member: UserId) -> Placed {
    let new = NewOrder {
        plan: key("pro"),
        price: None,
        coupon: None,
        destination: Destination::Here,
        metadata: None,
        payer: None,
    };
    match shop.services().orders().start(&operator(), shop.application, member, new).await.unwrap() {
        Started::Order(placed) => *placed,
        Started::Granted(held) => panic!("granted: {held:?}"),
    }
}

/// Pays by bank transfer, which nobody can charge again: renewals are collected by a link.
async fn transfer(shop: &Shop, placed: Placed) {
    let (services, key) = (shop.services(), placed.order.id.get());
    services.orders().press(placed.clone(), "https://here.example/".into()).await.unwrap();
    services.sandbox().begin_transfer(key, MethodKind::VirtualAccount).await.unwrap();
    services.sandbox().transfer_arrives(key).await.unwrap();
    services.orders().look(placed).await.unwrap();
}

async fn card(shop: &Shop, placed: Placed, number: &str) {
    let services = shop.services();
    services.orders().press(placed.clone(), "https://here.example/".into()).await.unwrap();
    services.sandbox().enter_card(placed.order.id.get(), CardNumber::parse(number).unwrap()).await.unwrap();
    services.orders().look(placed).await.unwrap();
}

async fn advance(shop: &Shop, by: &str) {
    let step = ClockStep::parse(by).unwrap();
    shop.services().clocks().advance(&operator(), shop.application, step).await.unwrap();
}

/// What was queued, oldest first: what it is about, its subject and its plain text.
async fn queued(shop: &Shop) -> Vec<(String, String, String)> {
    let mut all = shop.services().mails().latest(&operator()).await.unwrap();
    all.reverse();
    all.into_iter().map(|queued| (queued.kind, queued.mail.subject, queued.mail.plain)).collect()
}

async fn kinds(shop: &Shop) -> Vec<String> {
    queued(shop).await.into_iter().map(|(kind, ..)| kind).collect()
}

fn files(shop: &Shop) -> Vec<PathBuf> {
    let read = std::fs::read_dir(shop.test.path().join("mail"));
    read.map(|entries| entries.map(|entry| entry.unwrap().path()).collect()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_by_link_is_an_invoice_reminders_and_an_end() {
    let shop = shop().await;
    let member = member(&shop, None).await;
    transfer(&shop, order(&shop, member).await).await;
    assert_eq!(kinds(&shop).await, ["receipt"]);
    advance(&shop, "1mo").await;
    // Three days before, on the day, and three and six days after; the first two are the invoice and its falling due.
    assert_eq!(kinds(&shop).await, ["receipt", "renewal_invoice", "past_due"]);
    let look = async || shop.services().subscriptions().get(&operator(), shop.application, member).await.unwrap();
    assert!(matches!(look().await.unwrap().state, State::PastDue { .. }));
    advance(&shop, "3d").await;
    advance(&shop, "3d").await;
    let all = ["receipt", "renewal_invoice", "past_due", "reminder", "reminder"];
    assert_eq!(kinds(&shop).await, all);
    shop.services().engine().tick().await.unwrap();
    advance(&shop, "1d").await;
    assert_eq!((kinds(&shop).await.len(), look().await.is_none()), (all.len() + 1, true));
    advance(&shop, "1mo").await;
    assert_eq!(kinds(&shop).await.len(), all.len() + 1, "nothing follows the end");
    let (kind, subject, text) = queued(&shop).await.pop().unwrap();
    assert_eq!(
        (kind.as_str(), subject.as_str()),
        ("subscription_ended", "Acme & <b>Co</b>: your subscription has ended")
    );
    assert!(text.contains("because its payment did not arrive") && !text.contains("/pay/"), "{text}");

    let sent = queued(&shop).await;
    let (_, subject, text) = &sent[1];
    assert_eq!(subject, "Acme & <b>Co</b>: invoice ACME-000002");
    for part in ["Rp\u{a0}99.000", "ACME-000002", "Pro", "http://127.0.0.1:8080/pay/", "Test mode"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(
        sent[2].2.contains("has not arrived") && sent[2].2.contains("You keep all features until"),
        "{}",
        sent[2].2
    );
    assert!(sent[3].2.contains("was due on") && sent[3].2.contains("You keep all features until"), "{}", sent[3].2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_step_and_a_leap_write_the_same() {
    let (leaps, ticks) = (shop().await, shop().await);
    for shop in [&leaps, &ticks] {
        let member = member(shop, None).await;
        transfer(shop, order(shop, member).await).await;
    }
    advance(&leaps, "2mo").await;
    for _ in 0..60 {
        advance(&ticks, "1d").await;
    }
    assert_eq!(kinds(&leaps).await, kinds(&ticks).await);
    assert_eq!(kinds(&leaps).await.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_fails_is_told_in_the_users_language() {
    let shop = shop().await;
    let member = member(&shop, Some(Locale::Id)).await;
    card(&shop, order(&shop, member).await, FAILS_LATER).await;
    advance(&shop, "1mo").await;
    let sent = queued(&shop).await;
    assert_eq!(sent.iter().map(|mail| mail.0.as_str()).collect::<Vec<_>>(), ["receipt", "past_due"]);
    assert_eq!(sent[0].1, "Acme & <b>Co</b>: bukti pembayaran ACME-000001");
    for part in ["Terima kasih", "Rp\u{a0}99.000", "Dibayar pada", "sampai"] {
        assert!(sent[0].2.contains(part), "{part}: {}", sent[0].2);
    }
    assert_eq!(sent[1].1, "Acme & <b>Co</b>: pembayaran Anda tidak berhasil");
    for part in ["tidak dapat ditagih", "Semua fitur tetap tersedia sampai", "/pay/"] {
        assert!(sent[1].2.contains(part), "{part}: {}", sent[1].2);
    }
    advance(&shop, "2d").await;
    assert_eq!(kinds(&shop).await.len(), 2, "another attempt that fails says nothing new");
    let html = shop.services().mails().latest(&operator()).await.unwrap()[0].mail.html.clone();
    assert!(html.contains("lang=\"id\"") && html.contains("#0f766e") && html.contains("https://acme.example/logo.png"));
    assert!(!html.contains("<b>"), "{html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_language_nobody_knows_reads_the_applications_own() {
    for (own, shown) in [(None, "lang=\"id\""), (Some(Locale::En), "lang=\"en\"")] {
        let shop = shop().await;
        let settings = SettingsPatch { default_locale: Some(Locale::Id), ..Default::default() };
        shop.services().applications().update(&operator(), shop.application, settings.into()).await.unwrap();
        let member = member(&shop, own).await;
        card(&shop, order(&shop, member).await, GOOD).await;
        assert_eq!(kinds(&shop).await, ["receipt"]);
        let html = shop.services().mails().latest(&operator()).await.unwrap()[0].mail.html.clone();
        assert!(html.contains(shown), "{shown}: {html}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_says_until_when_and_then_that_it_is_over() {
    for locale in [Locale::En, Locale::Id] {
        let shop = shop().await;
        let member = member(&shop, Some(locale)).await;
        card(&shop, order(&shop, member).await, GOOD).await;
        let (changes, application) = (shop.services().changes(), shop.application);
        for _ in 0..2 {
            changes.cancel(&operator(), application, member, None).await.unwrap();
        }
        assert_eq!(kinds(&shop).await, ["receipt", "subscription_canceled"], "once");
        let end =
            shop.services().subscriptions().get(&operator(), application, member).await.unwrap().unwrap().cancel_at;
        let end = locale.date(end.unwrap());
        let (.., text) = queued(&shop).await.pop().unwrap();
        let parts = match locale {
            Locale::En => [format!("You keep Pro until {end}"), "take the cancellation back".into()],
            Locale::Id => [format!("Pro tetap tersedia sampai {end}"), "pembatalan masih dapat ditarik".into()],
        };
        assert!(parts.iter().all(|part| text.contains(part)), "{text}");
        // Taken back, nothing is told; asked for again, it is.
        changes.undo(&operator(), application, member).await.unwrap();
        changes.cancel(&operator(), application, member, None).await.unwrap();
        advance(&shop, "2mo").await;
        let all = ["receipt", "subscription_canceled", "subscription_canceled", "subscription_ended"];
        assert_eq!(kinds(&shop).await, all);
        let (.., text) = queued(&shop).await.pop().unwrap();
        let part =
            if locale == Locale::En { format!("Pro ended on {end}") } else { format!("Pro berakhir pada {end}") };
        assert!(text.contains(&part) && !text.contains("did not arrive"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_pays_for_ends_without_a_mail() {
    let shop = shop().await;
    let member = member(&shop, None).await;
    let services = shop.services();
    let expires_at = Some(services.now() + TimeDelta::days(1));
    let assignment = Assignment { plan_id: shop.pro.id, expires_at, replace: true };
    services.subscriptions().assign(&operator(), shop.application, member, assignment).await.unwrap();
    advance(&shop, "2d").await;
    assert!(services.subscriptions().get(&operator(), shop.application, member).await.unwrap().is_none());
    assert_eq!(kinds(&shop).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_succeeds_is_a_receipt_and_no_invoice() {
    let shop = shop().await;
    let member = member(&shop, None).await;
    card(&shop, order(&shop, member).await, GOOD).await;
    advance(&shop, "2mo").await;
    assert_eq!(kinds(&shop).await, ["receipt"; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_is_never_told() {
    let shop = shop().await;
    let member = member(&shop, None).await;
    transfer(&shop, order(&shop, member).await).await;
    let services = shop.services();
    let owed = async || services.invoices().of_member(&operator(), shop.application, member).await.unwrap().len();
    let before = (kinds(&shop).await, owed().await);
    let run = |sql: &'static str| async move {
        let work = services.db.write(move |db| Box::pin(async move { db.execute_unprepared(sql).await.map(|_| ()) }));
        work.await.unwrap();
    };
    // The mail cannot be written: the invoice is not made either, and is made with it later, once.
    run("ALTER TABLE mails RENAME TO mails_away").await;
    shop.test.clock.advance(TimeDelta::days(29));
    services.engine().tick().await.unwrap();
    run("ALTER TABLE mails_away RENAME TO mails").await;
    assert_eq!((kinds(&shop).await, owed().await), before);
    shop.test.clock.advance(TimeDelta::hours(1));
    services.engine().tick().await.unwrap();
    services.engine().tick().await.unwrap();
    assert_eq!((kinds(&shop).await, owed().await), (vec!["receipt".to_owned(), "renewal_invoice".into()], 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_becomes_one_file() {
    let shop = shop().await;
    let member = member(&shop, None).await;
    transfer(&shop, order(&shop, member).await).await;
    let other = shop.test.another_node().await;
    let mails = (shop.services().mails(), other.mails());
    let (one, two) = tokio::join!(mails.0.work(), mails.1.work());
    assert_eq!(one.unwrap() + two.unwrap(), 1, "two nodes, one mail");
    assert_eq!(shop.services().mails().work().await.unwrap(), 0);
    let files = files(&shop);
    assert_eq!(files.len(), 1);
    let text = std::fs::read_to_string(&files[0]).unwrap();
    for part in ["To: payer@example.com", "Message-ID: <", "multipart/alternative", "Auto-Submitted: auto-generated"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(shop.services().mails().latest(&operator()).await.unwrap()[0].sent_at.is_some());
    let user = Ctx { actor: domain::billing::ledger::Actor::User(member), ..Ctx::anonymous() };
    assert!(shop.services().mails().latest(&user).await.is_err(), "mails are for superadmins");
    shop.test.clock.advance(TimeDelta::days(31));
    shop.services().purge().await.unwrap();
    assert_eq!(queued(&shop).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pay_link_pays_its_invoice_and_no_other() {
    let shop = shop().await;
    let member = member(&shop, None).await;
    transfer(&shop, order(&shop, member).await).await;
    advance(&shop, "1mo").await;
    let services = shop.services();
    let owed = services.invoices().of_member(&operator(), shop.application, member).await.unwrap()[0].clone();
    let path = services.invoices().pay_path(owed.id).unwrap();
    let token = path.strip_prefix("/pay/").unwrap();
    assert_eq!(services.invoices().by_link(token).await.unwrap().invoice.id, owed.id);
    let visitor = Ctx::anonymous();
    let placed = services.invoices().pay_by_link(&visitor, token).await.unwrap();
    assert_eq!(services.invoices().pay_by_link(&visitor, token).await.unwrap().order.id, placed.order.id);
    let foreign = services.orders().token(placed.order.id).unwrap();
    assert!(services.invoices().by_link(&foreign).await.is_err(), "an order's token is no pay link");
    card(&shop, placed, GOOD).await;
    let paid = services.invoices().by_link(token).await.unwrap().invoice;
    assert!(matches!(paid.state, InvoiceState::Paid { .. }));
    assert!(services.invoices().pay_by_link(&visitor, token).await.is_err());
    assert_eq!(kinds(&shop).await.last().unwrap(), "receipt");
}

/// What a mail server was told, session by session; it answers every RCPT with the first of `answers` that is left, or
/// takes it.
#[derive(Default)]
struct Server {
    answers: Vec<&'static str>,
    letters: Vec<String>,
}

async fn serve(listener: TcpListener, server: Arc<Mutex<Server>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let server = server.clone();
        tokio::spawn(async move {
            let mut stream = BufReader::new(stream);
            stream.write_all(b"220 test ESMTP\r\n").await.unwrap();
            let (mut line, mut letter, mut in_data) = (String::new(), String::new(), false);
            while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
                let answer = if in_data && line == ".\r\n" {
                    in_data = false;
                    server.lock().unwrap().letters.push(std::mem::take(&mut letter));
                    "250 taken"
                } else if in_data {
                    letter.push_str(&line);
                    line.clear();
                    continue;
                } else {
                    match line.split([' ', ':', '\r']).next().unwrap_or_default() {
                        "EHLO" => "250 test",
                        "RCPT" => server.lock().unwrap().answers.pop().unwrap_or("250 OK"),
                        "DATA" => {
                            in_data = true;
                            "354 go on"
                        }
                        "QUIT" => "221 bye",
                        _ => "250 OK",
                    }
                };
                stream.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
                line.clear();
            }
        });
    }
}

/// A node that mails by SMTP to a server of the test.
async fn smtp_node(test: &TestServices, answers: Vec<&'static str>) -> (service::Services, Arc<Mutex<Server>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Secret::new(format!("smtp://{}", listener.local_addr().unwrap()));
    let server = Arc::new(Mutex::new(Server { answers, letters: Vec::new() }));
    tokio::spawn(serve(listener, server.clone()));
    let mut settings = Settings::new("http://127.0.0.1:8080");
    settings.mail.transport = Transport::Smtp(SmtpUrl::parse(&url).unwrap());
    settings.mail.from = Email::parse("billing@id.example").unwrap();
    (test.node_with(settings).await, server)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_is_busy_is_asked_again() {
    let shop = shop().await;
    let member = member(&shop, None).await;
    transfer(&shop, order(&shop, member).await).await;
    let (node, server) = smtp_node(&shop.test, vec!["450 busy", "451 busy"]).await;
    assert_eq!(node.mails().work().await.unwrap(), 1);
    assert_eq!(node.mails().work().await.unwrap(), 0, "not at once");
    for _ in 0..2 {
        assert!(server.lock().unwrap().letters.is_empty());
        shop.test.clock.advance(TimeDelta::minutes(2));
        assert_eq!(node.mails().work().await.unwrap(), 1);
    }
    let letters = std::mem::take(&mut server.lock().unwrap().letters);
    assert_eq!(letters.len(), 1);
    for part in ["<billing@id.example>", "To: payer@example.com", "Subject: ", "text/plain", "text/html"] {
        assert!(letters[0].contains(part), "{part}: {}", letters[0]);
    }
    shop.test.clock.advance(TimeDelta::days(1));
    assert_eq!(node.mails().work().await.unwrap(), 0, "sent once");
    assert!(queued(&shop).await.is_empty(), "what went out is not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_final_and_three_days_are_enough() {
    let shop = shop().await;
    let member = member(&shop, None).await;
    transfer(&shop, order(&shop, member).await).await;
    let (node, server) = smtp_node(&shop.test, vec!["550 no such user"]).await;
    assert_eq!(node.mails().work().await.unwrap(), 1);
    shop.test.clock.advance(TimeDelta::days(1));
    assert_eq!(node.mails().work().await.unwrap(), 0);

    advance(&shop, "1mo").await;
    server.lock().unwrap().answers = vec!["450 busy"; 1000];
    let mut rounds = 0;
    while !queued(&shop).await.is_empty() {
        shop.test.clock.advance(TimeDelta::hours(3));
        node.mails().work().await.unwrap();
        rounds += 1;
        assert!(rounds <= 24, "given up after three days");
    }
    assert!(rounds >= 20, "not before: {rounds}");
    assert!(server.lock().unwrap().letters.is_empty());
}
