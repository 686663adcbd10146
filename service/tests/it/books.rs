//! The books notice what the ledger does not say.

use domain::application::OnEnd;
use service::testing::books;

use crate::renewals::{GOOD, buy, shop};

/// Changes behind the back of the services, and how they are undone.
const CHANGES: &[[&str; 2]] = &[
    ["UPDATE subscriptions SET anchor_at = anchor_at + 1", "UPDATE subscriptions SET anchor_at = anchor_at - 1"],
    ["UPDATE orders SET expires_at = expires_at + 1", "UPDATE orders SET expires_at = expires_at - 1"],
    ["UPDATE orders SET payer = '{\"email\":\"x@example.com\"}'", "UPDATE orders SET payer = NULL"],
    ["UPDATE invoices SET period_end_at = period_end_at + 1", "UPDATE invoices SET period_end_at = period_end_at - 1"],
    ["UPDATE invoice_numbers SET last = last + 1", "UPDATE invoice_numbers SET last = last - 1"],
    ["UPDATE payments SET order_id = NULL", "UPDATE payments SET order_id = key"],
    ["UPDATE payment_methods SET label = 'x' || label", "UPDATE payment_methods SET label = substr(label, 2)"],
    ["UPDATE memberships SET ent_ver = ent_ver + 1", "UPDATE memberships SET ent_ver = ent_ver - 1"],
    ["UPDATE memberships SET claims = '{\"x\":1}'", "UPDATE memberships SET claims = '{}'"],
    ["UPDATE memberships SET chosen_at = chosen_at + 1", "UPDATE memberships SET chosen_at = chosen_at - 1"],
    ["UPDATE plans SET version = version + 1", "UPDATE plans SET version = version - 1"],
];

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_changes_without_an_entry_is_found() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    buy(&shop, member, "pro", GOOD).await;
    for [change, undo] in CHANGES {
        assert_eq!(books::audit(shop.services()).await.unwrap(), Vec::<String>::new(), "before {change}");
        shop.test.execute(change).await;
        assert!(!books::audit(shop.services()).await.unwrap().is_empty(), "{change}");
        shop.test.execute(undo).await;
    }
}
