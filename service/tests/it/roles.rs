//! Roles and permissions of an application.

use domain::{
    application::{PermissionName, RoleName},
    billing::ledger::Action,
    page::PageRequest,
};
use futures::future::join_all;
use service::{Services, audit::AuditFilter, testing::TestServices};

use crate::shop::{application, operator};

async fn changes(services: &Services) -> usize {
    let filter = AuditFilter { action: Some(Action::RoleUpdated), ..AuditFilter::default() };
    services.audit().list(&operator(), filter, &PageRequest::default()).await.unwrap().items.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_again_changes_nothing_on_any_node() {
    let test = TestServices::start().await;
    let services = &test.services;
    let acme = application(services, "acme").await;
    let reports = PermissionName::parse("reports").unwrap();
    let reports = services.roles().create_permission(&operator(), acme, reports).await.unwrap();
    let editor = services.roles().create(&operator(), acme, RoleName::parse("editor").unwrap()).await.unwrap().id;
    let nodes = [services.clone(), test.another_node().await];
    let before = changes(services).await;
    let given = (0..10).map(|n| {
        let node = nodes[n % 2].clone();
        tokio::spawn(async move { node.roles().add_permission(&operator(), acme, editor, reports).await.unwrap() })
    });
    for role in join_all(given.collect::<Vec<_>>()).await {
        assert_eq!(role.unwrap().permissions, [reports]);
    }
    assert_eq!(changes(services).await, before + 1);
    let named = (0..10).map(|n| {
        let (node, name) = (nodes[n % 2].clone(), RoleName::parse("writer").unwrap());
        tokio::spawn(async move { node.roles().rename(&operator(), acme, editor, name).await.unwrap() })
    });
    for role in join_all(named.collect::<Vec<_>>()).await {
        let role = role.unwrap();
        assert_eq!((role.name.as_str(), role.permissions), ("writer", vec![reports]));
    }
    assert_eq!(changes(services).await, before + 2);
}
