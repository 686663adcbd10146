//! Coupons.

use domain::{
    Currency, Money,
    billing::coupon::{BasisPoints, Coupon, CouponCode, Duration, Off},
};
use service::{Ctx, Error, billing::coupons::NewCoupon, catalog::Catalog, testing::TestServices};

use super::{CATALOG, acme, apply, lines};

/// A file with these coupons.
fn offering(coupons: &str) -> String {
    format!("{}\n{coupons}", &CATALOG[..CATALOG.find("[[users]]").unwrap()])
}

async fn coupons(test: &TestServices) -> Vec<Coupon> {
    let listed = test.services.coupons().list(&Ctx::operator(), acme(test).application.id).await.unwrap();
    let mut coupons: Vec<_> = listed.into_iter().map(|counted| counted.coupon).collect();
    coupons.sort_by(|a, b| a.code.as_str().cmp(b.code.as_str()));
    coupons
}

const SPRING: &str = "[[applications.coupons]]\ncode = \"spring\"\npercent = 12.5\nduration = \"months\"\nmonths = 3\n\
                      max_redemptions = 100\nexpires_at = 2027-01-31T12:00:00+07:00\nplans = [\"pro\", \"free\"]\n";

const FIVER: &str = "[[applications.coupons]]\ncode = \"FIVER\"\namount = 500\ncurrency = \"usd\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn coupons_come_change_leave_and_return() {
    let test = TestServices::start().await;
    let both = offering(&format!("{SPRING}{FIVER}"));
    let made = lines(&apply(&test, &both).await);
    assert!(made.ends_with(&["create coupon acme/SPRING".into(), "create coupon acme/FIVER".into()]), "{made:?}");
    assert!(apply(&test, &both).await.is_empty());
    let [fiver, spring] = coupons(&test).await.try_into().unwrap();
    let usd = |amount| Money::new(amount, Currency::parse("usd").unwrap()).unwrap();
    assert_eq!(
        (fiver.off, fiver.duration, fiver.cap, fiver.expires_at),
        (Off::Amount(usd(500)), Duration::Once, None, None)
    );
    assert_eq!((spring.off, spring.duration), (Off::Percent(BasisPoints::parse(1250).unwrap()), Duration::Months(3)));
    assert_eq!((spring.cap, spring.expires_at), (Some(100), Some("2027-01-31T05:00:00Z".parse().unwrap())));
    let plan = |key: &str| acme(&test).plan_by_key(key).unwrap().id;
    assert_eq!((spring.plans, fiver.plans), (vec![plan("pro"), plan("free")], vec![]));

    let turned = both.replace("[\"pro\", \"free\"]", "[\"free\", \"pro\"]");
    assert!(apply(&test, &turned).await.is_empty(), "the order of plans says nothing");
    // Terms are what the file says, whole: the cap is gone with its line.
    let changed = both.replace("max_redemptions = 100\n", "").replace("amount = 500", "amount = 700");
    assert_eq!(lines(&apply(&test, &changed).await), ["update coupon acme/SPRING", "update coupon acme/FIVER"]);
    let [fiver, spring] = coupons(&test).await.try_into().unwrap();
    assert_eq!((fiver.off, spring.cap, spring.duration), (Off::Amount(usd(700)), None, Duration::Months(3)));

    let by_hand = NewCoupon {
        code: CouponCode::parse("HAND").unwrap(),
        off: fiver.off,
        duration: Duration::Forever,
        cap: None,
        expires_at: None,
        plans: vec![],
    };
    test.services.coupons().create(&Ctx::operator(), acme(&test).application.id, by_hand).await.unwrap();
    let gone = lines(&apply(&test, &offering(FIVER)).await);
    assert_eq!(gone, ["update coupon acme/FIVER", "archive coupon acme/SPRING"]);
    let archived = |coupons: Vec<Coupon>| coupons.iter().map(|own| own.archived_at.is_some()).collect::<Vec<_>>();
    assert_eq!(archived(coupons(&test).await), [false, false, true]);
    assert!(lines(&apply(&test, "").await).contains(&"archive coupon acme/FIVER".into()));
    assert_eq!(archived(coupons(&test).await), [true, false, true], "what was made by hand is left alone");
    let back = lines(&apply(&test, &both).await);
    assert!(back.ends_with(&["update coupon acme/SPRING".into(), "update coupon acme/FIVER".into()]), "{back:?}");
    assert_eq!(archived(coupons(&test).await), [false, false, false]);
    assert!(apply(&test, &both).await.is_empty());

    // One that was made by hand may be told its terms, and still belongs to nobody's file.
    let taken = offering(&FIVER.replace("FIVER", "hand"));
    assert!(lines(&apply(&test, &taken).await).contains(&"update coupon acme/HAND".into()));
    assert!(!lines(&apply(&test, &offering("")).await).contains(&"archive coupon acme/HAND".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coupon_s_error_names_its_place() {
    let test = TestServices::start().await;
    let line = |find: &str| offering(SPRING).lines().position(|own| own.starts_with(find)).unwrap() + 1;
    for (from, to, at, key) in [
        ("\"spring\"", "\"a b\"", "code", "applications.coupons.code: must have 3 to 32"),
        ("percent = 12.5", "percent = 0", "percent", "applications.coupons.percent: must be more than 0"),
        ("percent = 12.5", "percent = 101", "percent", "applications.coupons.percent: must be more than 0"),
        ("percent = 12.5", "percent = 0.125", "percent", "applications.coupons.percent: must be more than 0"),
        ("percent = 12.5", "percent = \"12\"", "percent", "applications.coupons.percent: must be more than 0"),
        ("percent = 12.5", "amount = 5", "percent", "applications.coupons.amount: needs a currency"),
        ("percent = 12.5", "amount = 0\ncurrency = \"usd\"", "percent", "applications.coupons.amount: must be more"),
        ("percent = 12.5", "amount = 5\ncurrency = \"idr\"", "percent", "applications.coupons.amount: must be whole"),
        ("percent = 12.5\n", "", "code", "applications.coupons: needs percent, or amount and currency"),
        ("\"months\"", "\"always\"", "duration", "applications.coupons.duration: must be one of"),
        ("\"months\"", "\"once\"", "months", "applications.coupons.months: goes with"),
        ("months = 3\n", "", "duration", "applications.coupons.duration: needs months"),
        ("months = 3", "months = 121", "months", "applications.coupons.months: must be 1 to 120"),
        ("= 100", "= 0", "max_redemptions", "applications.coupons.max_redemptions: must be 1 to"),
        ("T12:00:00+07:00", "", "expires_at", "applications.coupons.expires_at: must be a date and time"),
        ("\"free\"]", "\"pro\"]", "plans", "applications.coupons.plans: pro stands at"),
        ("duration =", "lasts =", "duration", "applications.coupons.lasts: unknown field"),
    ] {
        let text = offering(&SPRING.replacen(from, to, 1));
        let problem = Catalog::parse(&text, "catalog.toml").expect_err(to);
        let place = format!("catalog.toml:{}: {key}", line(at));
        assert!(problem.message.starts_with(&place), "{to}: {} instead of {place}", problem.message);
    }
    let twice = Catalog::parse(&offering(&format!("{FIVER}{}", FIVER.to_lowercase())), "catalog.toml").unwrap_err();
    assert!(twice.message.contains("applications.coupons.code: FIVER stands at"), "{}", twice.message);
    let text = offering(&SPRING.replace("\"free\"", "\"gone\""));
    let catalog = Catalog::parse(&text, "catalog.toml").unwrap();
    let Err(Error::Problem(problem)) = test.services.catalog().apply(&Ctx::operator(), catalog, false).await else {
        panic!("a plan that is nowhere was taken");
    };
    let place = format!("catalog.toml:{}: applications.coupons.plans: there is no plan gone", line("plans"));
    assert_eq!(problem.message, place);
    assert!(test.services.directory().applications.is_empty());
}
