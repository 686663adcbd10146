//! Roles and permissions in the dashboard, without JavaScript.

use axum::http::StatusCode;
use domain::application::Role;
use service::{Ctx, identity::memberships::MembershipPatch};

use crate::admin_pages::{Office, application, user};

fn role(office: &Office, name: &str) -> Option<Role> {
    office.app.services.directory().by_slug("acme").unwrap().role_named(name).cloned()
}

fn permission(office: &Office, name: &str) -> String {
    let directory = office.app.services.directory();
    let all = &directory.by_slug("acme").unwrap().permissions;
    all.iter().find(|(_, known)| known == name).unwrap().0.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_made_and_gets_exactly_the_permissions_that_are_checked() {
    let office = Office::open().await;
    let page = office.get("roles").await;
    assert!(page.text().contains("Built in") && page.text().contains("No permissions yet."), "{}", page.text());
    for (fields, message) in [
        ([("action", "create"), ("name", "Editor!")], "must have 1 to 64 characters"),
        ([("action", "create_permission"), ("permission", "a b")], "must have 1 to 64 characters"),
    ] {
        let answer = office.post("roles", &fields).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let typed = format!("value=\"{}\"", fields[1].1);
        assert!(answer.text().contains(message) && answer.text().contains(&typed), "{}", answer.text());
    }
    for name in ["invoices", "invoices.write", "reports"] {
        let page = office.act("roles", &[("action", "create_permission"), ("permission", name)]).await;
        assert!(page.text().contains("Created.") && page.text().contains(&format!("Delete {name}")));
    }
    let again = office.post("roles", &[("action", "create_permission"), ("permission", "reports")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text().contains("This permission exists already."));

    let page = office.act("roles", &[("action", "create"), ("name", "editor")]).await;
    assert!(page.text().contains("Created.") && page.text().contains("Delete this role"));
    let path = format!("roles/{}", role(&office, "editor").unwrap().id);
    let ids = ["invoices", "invoices.write", "reports"].map(|name| permission(&office, name));
    let save = |name: &'static str, chosen: &[usize]| {
        let chosen = chosen.iter().map(|index| ("permission", ids[*index].as_str()));
        [("action", "save"), ("name", name)].into_iter().chain(chosen).collect::<Vec<_>>()
    };
    office.act(&path, &save("editor", &[0, 1])).await;
    office.act(&path, &save("writer", &[1, 2])).await;
    let writer = role(&office, "writer").unwrap();
    let mut held: Vec<_> = writer.permissions.iter().map(ToString::to_string).collect();
    let mut expected = vec![ids[1].clone(), ids[2].clone()];
    held.sort();
    expected.sort();
    assert_eq!(held, expected);
    assert_eq!(role(&office, "editor"), None);
    assert!(office.get("roles").await.text().contains("invoices.write, reports"));

    // Nothing of it happens when a part is refused.
    let answer = office.post(&path, &save("admin", &[0])).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("A role of this name exists already.") && answer.text().contains("value=\"admin\""));
    assert_eq!(role(&office, "writer"), Some(writer));

    for _ in 0..2 {
        let page = office.act("roles", &[("action", "delete_permission"), ("id", &ids[2])]).await;
        assert!(page.text().contains("Deleted.") && !page.text().contains("reports"));
    }
    assert_eq!(role(&office, "writer").unwrap().permissions.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_somebody_has_stays_and_so_do_the_fixed_ones() {
    let office = Office::open().await;
    office.act("roles", &[("action", "create"), ("name", "editor")]).await;
    let editor = role(&office, "editor").unwrap();
    let path = format!("roles/{}", editor.id);
    let wrong = office.post(&path, &[("action", "delete"), ("confirm", "edit")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.text().contains("must be exactly “editor”"));

    let (member, application_id) = (user(&office.app, "member@example.com").await, editor.application_id);
    let memberships = office.app.services.memberships();
    memberships.grant(&Ctx::operator(), application_id, member.id, Some(editor.id)).await.unwrap();
    let delete = [("action", "delete"), ("confirm", "editor")];
    let answer = office.post(&path, &delete).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("The role is in use."), "{}", answer.text());
    let nothing = MembershipPatch { status: None, roles: Some(Vec::new()) };
    memberships.update(&Ctx::operator(), application_id, member.id, nothing).await.unwrap();
    for _ in 0..2 {
        assert!(office.act(&path, &delete).await.text().contains("Deleted."));
    }
    assert_eq!(office.get(&path).await.status, StatusCode::NOT_FOUND);

    let admin = format!("roles/{}", role(&office, "admin").unwrap().id);
    assert!(!office.get(&admin).await.text().contains("Delete this role"));
    for fields in [[("action", "save"), ("name", "boss")], [("action", "delete"), ("confirm", "admin")]] {
        let answer = office.post(&admin, &fields).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.text().contains("The role or permission is not valid."), "{}", answer.text());
    }
    // Another application's role is not found under this one.
    let other = application(&office.app, "other", "Other").await.application.id;
    let directory = office.app.services.directory();
    let foreign = directory.application(other).unwrap().role_named("user").unwrap().id;
    assert_eq!(office.get(&format!("roles/{foreign}")).await.status, StatusCode::NOT_FOUND);
}
