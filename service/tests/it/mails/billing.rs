//! What is written about money, and when.

use chrono::TimeDelta;
use domain::{
    Locale,
    application::SettingsPatch,
    billing::{dunning::Dunning, invoice::State as InvoiceState, subscription::State},
};
use sea_orm::ConnectionTrait;
use service::{Ctx, billing::subscriptions::Assignment};

use super::{FAILS_LATER, GOOD, advance, card, kinds, member, order, queued, shop, transfer};
use crate::shop::operator;

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
async fn an_application_says_on_which_days_people_are_reminded() {
    let shop = shop().await;
    let dunning = Some(Dunning::new(vec![], vec![1], vec![2]).unwrap());
    let settings = SettingsPatch { dunning, grace_days: Some(4), ..Default::default() };
    shop.services().applications().update(&operator(), shop.application, settings.into()).await.unwrap();
    let member = member(&shop, None).await;
    transfer(&shop, order(&shop, member).await).await;
    let period = shop.services().subscriptions().get(&operator(), shop.application, member).await.unwrap();
    let month = (period.unwrap().period.unwrap().end - shop.services().now()).num_days();
    let mut day = 0;
    for (until, kind) in [
        (month - 1, "renewal_invoice"),
        (month, "past_due"),
        (month + 2, "reminder"),
        (month + 4, "subscription_ended"),
    ] {
        let before = kinds(&shop).await;
        if until - day > 1 {
            advance(&shop, &format!("{}d", until - day - 1)).await;
            assert_eq!(kinds(&shop).await, before, "nothing before day {until}");
        }
        advance(&shop, "1d").await;
        assert_eq!(kinds(&shop).await, [before, vec![kind.to_owned()]].concat(), "day {until}");
        day = until;
    }
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
