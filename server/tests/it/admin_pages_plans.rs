//! The Plans tab, without JavaScript.

use axum::http::StatusCode;
use domain::billing::plan::Plan;

use crate::admin_pages::{Office, land};

impl Office {
    fn plans(&self) -> Vec<Plan> {
        let directory = self.app.services.directory();
        directory.by_slug("acme").unwrap().plans.iter().map(|plan| Plan::clone(plan)).collect()
    }

    fn keys(&self) -> Vec<String> {
        self.plans().iter().map(|plan| plan.key.to_string()).collect()
    }
}

const PRO: [(&str, &str); 10] = [
    ("action", "save"),
    ("name", "Pro"),
    ("key", ""),
    ("description", "Full access"),
    ("features_as", "table"),
    ("features_key", "maxProjects"),
    ("features_type", "number"),
    ("features_value", "50"),
    ("is_listed", "on"),
    ("currency", "usd"),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_example_fills_the_empty_tab() {
    let office = Office::open().await;
    let page = office.get("plans").await;
    assert!(page.text().contains("No plans yet") && page.text().contains("Create a Free + Pro example"));
    let page = office.act("plans", &[("action", "example")]).await;
    assert_eq!(office.keys(), ["free", "pro"]);
    for part in ["$9.99 a month", "$99.90 a year", "Default", "On offer", "No subscribers", "granted without payment"] {
        assert!(page.text().contains(part), "{part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_made_from_the_form() {
    let office = Office::open().await;
    assert_eq!(office.get("plans/new").await.status, StatusCode::OK);
    let mut fields = PRO.to_vec();
    fields.extend([("interval", "month"), ("amount", "9.99"), ("trial_days", "14")]);
    let page = office.act("plans/new", &fields).await;
    assert!(page.text().contains("Created.") && page.text().contains("$9.99 a month, 14 days of trial"));
    let plan = office.plans().remove(0);
    assert_eq!((plan.key.as_str(), plan.features.map()["maxProjects"].as_i64()), ("pro", Some(50)));
    let mut short = PRO.to_vec();
    short[1] = ("name", "Short");
    short.extend([("interval", "month"), ("amount", "9.99"), ("trial_days", "1")]);
    assert!(office.act("plans/new", &short).await.text().contains("$9.99 a month, 1 day of trial"));
    // The name is taken.
    let answer = office.post("plans/new", &fields).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("A plan with this key or name exists already"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_stands_beside_its_field_with_what_was_typed() {
    let office = Office::open().await;
    let fields = [
        ("action", "save"),
        ("name", ""),
        ("key", "No Key"),
        ("description", "<i>"),
        ("features_as", "table"),
        ("features_key", "a\"><script>"),
        ("features_type", "number"),
        ("features_value", "many"),
        ("amount", "9.999"),
        ("currency", "usd"),
        ("interval", "month"),
    ];
    let answer = office.post("plans/new", &fields).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let text = answer.text();
    for part in [
        "href=\"#name\"",
        "id=\"name-error\"",
        "id=\"key-error\"",
        "value=\"No Key\"",
        "value=\"many\"",
        "must be a number such as 50",
        "USD has 2 decimals",
        "value=\"9.999\"",
        "&lt;i&gt;",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("<script>\""), "{text}");
    assert!(office.plans().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn json_errors_have_line_and_column_and_the_shapes_change_without_saving() {
    let office = Office::open().await;
    let json = |action: &'static str, json: &'static str| {
        [("action", action), ("name", "Pro"), ("features_as", "json"), ("features_json", json), ("currency", "usd")]
    };
    let answer = office.post("plans/new", &json("save", "{\r\n  \"a\": 1,\r\n  oops\r\n}")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("line 3, column 3"), "{}", answer.text());
    assert!(answer.text().contains("oops"));

    let answer = office.post("plans/new", &json("features_as_table", "{\"a\": [\"x\", \"y\"], \"b\": true}")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text().contains("value=\"x, y\"") && answer.text().contains("value=\"Pro\""));
    let answer = office.post("plans/new", &json("features_as_table", "{")).await;
    assert!(answer.text().contains("line 1, column 1"), "{}", answer.text());

    let mut table = PRO.to_vec();
    table[0].1 = "features_as_json";
    let answer = office.post("plans/new", &table).await;
    assert!(answer.text().contains("\"maxProjects\": 50"), "{}", answer.text());
    table[0].1 = "features_add_row";
    assert_eq!(office.post("plans/new", &table).await.status, StatusCode::OK);
    assert!(office.plans().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_move_are_edited_archived_and_deleted() {
    let office = Office::open().await;
    office.post("plans", &[("action", "example")]).await;
    let ids: Vec<_> = office.plans().iter().map(|plan| plan.id.to_string()).collect();
    office.act("plans", &[("action", "up"), ("plan", &ids[1])]).await;
    assert_eq!(office.keys(), ["pro", "free"]);
    office.act("plans", &[("action", "down"), ("plan", &ids[1])]).await;
    let order = format!("{},{}", ids[1], ids[0]);
    office.act("plans", &[("action", "reorder"), ("order", &order)]).await;
    assert_eq!(office.keys(), ["pro", "free"]);
    assert_eq!(office.post("plans", &[("action", "reorder"), ("order", "x")]).await.status, StatusCode::BAD_REQUEST);

    let edit = [
        ("action", "save"),
        ("name", "Pro 2"),
        ("features_as", "json"),
        ("features_json", "{\"maxProjects\": 100}"),
        ("is_default", "on"),
        ("is_listed", "on"),
    ];
    let page = office.act("plans/pro", &edit).await;
    assert!(page.text().contains("Saved.") && page.text().contains("as the default it is granted without payment"));
    let default: Vec<_> = office.plans().into_iter().filter(|plan| plan.is_default).collect();
    assert_eq!((default.len(), default[0].key.as_str()), (1, "pro"));

    let page = office.act("plans/pro", &[("action", "archive")]).await;
    assert!(page.text().contains("Archived") && page.text().contains("Bring this plan back"));
    office.act("plans", &[("action", "unarchive"), ("plan", &ids[1])]).await;
    for _ in 0..2 {
        let page = office.act("plans/free", &[("action", "delete")]).await;
        assert!(page.text().contains("Deleted."));
    }
    assert_eq!(office.get("plans/free").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn prices_are_added_and_removed() {
    let office = Office::open().await;
    office.post("plans", &[("action", "example")]).await;
    let price = |amount: &'static str, currency: &'static str| {
        [
            ("action", "add_price"),
            ("amount", amount),
            ("currency", currency),
            ("interval", "month"),
            ("price_name", "IDR"),
        ]
    };
    let answer = office.post("plans/pro", &price("99000.5", "idr")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("must be written like 99.000") && answer.text().contains("value=\"99000.5\""));
    let page = office.act("plans/pro", &price("99000", "idr")).await;
    assert!(page.text().contains("Rp\u{a0}99.000 a month"), "{}", page.text());
    let pro = office.plans().into_iter().find(|plan| plan.key.as_str() == "pro").unwrap();
    assert_eq!(pro.prices.len(), 3);
    let id = pro.prices[0].id.to_string();
    for _ in 0..2 {
        office.act("plans/pro", &[("action", "remove_price"), ("price", &id)]).await;
    }
    let pro = office.plans().into_iter().find(|plan| plan.key.as_str() == "pro").unwrap();
    assert_eq!(pro.current_prices().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_named_like_the_page_that_makes_plans_can_be_edited() {
    let office = Office::open().await;
    let mut fields = PRO.to_vec();
    fields[1].1 = "New";
    let answer = office.post("plans/new", &fields).await;
    let page = land(&office.app, &answer).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Delete this plan"));
}
