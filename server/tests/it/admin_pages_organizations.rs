//! Organizations in the dashboard, without JavaScript.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::{
    id::OrganizationId,
    identity::{email::Email, organization::OrganizationRole},
    page::PageRequest,
};
use service::{Ctx, testing::people::mailed_behind};

use crate::{
    admin_pages::{Office, land, superadmin, user},
    support::{Answer, TestApp},
};

/// An organization without people: its page and its id.
async fn empty(office: &Office) -> (String, OrganizationId) {
    let answer = office.app.post_form("/organizations/new", &[("action", "save"), ("name", "Toko Roti")]).await;
    let page = answer.location().unwrap().split('?').next().unwrap().to_owned();
    let id = page.rsplit('/').next().unwrap().parse().unwrap();
    (page, id)
}

async fn act(office: &Office, page: &str, fields: &[(&str, &str)]) -> Answer {
    land(&office.app, &office.app.post_form(page, fields).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn organizations_are_made_found_named_and_deleted() {
    let office = Office::open().await;
    let app = &office.app;
    user(app, "owner@example.com").await;
    assert!(app.get("/organizations").await.text().contains("No organizations yet"));

    let bad = [("action", "save"), ("name", ""), ("slug", "No Slug"), ("owner", "nobody@example.com")];
    let answer = app.post_form("/organizations/new", &bad).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    for part in ["must have 1 to 100", "value=\"No Slug\"", "is nobody", "value=\"nobody@example.com\""] {
        assert!(answer.text().contains(part), "{part}: {}", answer.text());
    }
    let good = [("action", "save"), ("name", "Toko <b>Roti"), ("slug", ""), ("owner", "Owner@example.com")];
    let page = act(&office, "/organizations/new", &good).await;
    for part in ["Created.", "Toko &lt;b&gt;Roti", "toko-b-roti", "owner@example.com"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    let answer = app.post_form("/organizations/new", &good).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("Short name: is taken"), "{}", answer.text());

    assert!(app.get("/organizations?q=ROTI").await.text().contains("toko-b-roti"));
    let none = app.get("/organizations?q=bakery").await;
    assert!(none.text().contains("Nothing matches") && !none.text().contains("toko-b-roti"));

    let all = app.services.organizations().list(&Ctx::operator(), &PageRequest::default(), None).await.unwrap();
    let path = format!("/organizations/{}", all.items[0].id);
    let answer = app.post_form(&path, &[("action", "save"), ("name", " ")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let page = act(&office, &path, &[("action", "save"), ("name", "Toko Kue")]).await;
    assert!(page.text().contains("Saved.") && page.text().contains("Toko Kue"));

    let answer = app.post_form(&path, &[("action", "delete"), ("confirm", "toko")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("must be exactly “toko-b-roti”") && answer.text().contains("value=\"toko\""));
    for _ in 0..2 {
        let page = act(&office, &path, &[("action", "delete"), ("confirm", "toko-b-roti")]).await;
        assert!(page.text().contains("Deleted.") && page.text().contains("No organizations yet"));
    }
    assert_eq!(app.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_sent_again_and_taken_back() {
    let office = Office::open().await;
    let services = &office.app.services;
    let organizations = services.organizations();
    let (page, id) = empty(&office).await;
    let answer = office.app.post_form(&page, &[("action", "invite"), ("email", "no address"), ("role", "boss")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    for part in ["must be an e-mail address", "value=\"no address\"", "must be one of owner, admin, member"] {
        assert!(answer.text().contains(part), "{part}: {}", answer.text());
    }
    let email = Email::parse("new@example.com").unwrap();
    let invite = [("action", "invite"), ("email", "new@example.com"), ("role", "owner")];
    let shown = act(&office, &page, &invite).await;
    assert!(shown.text().contains("The invitation is on its way.") && shown.text().contains("Owner · until"));
    let first = mailed_behind(services, &email, "/invitation/").await.unwrap();

    office.app.clock.advance(TimeDelta::minutes(5));
    let waiting = organizations.invitations(&Ctx::operator(), id).await.unwrap()[0].id.to_string();
    act(&office, &page, &[("action", "again"), ("invitation", &waiting)]).await;
    let second = mailed_behind(services, &email, "/invitation/").await.unwrap();
    assert_ne!(first, second);
    assert!(organizations.invited(&first).await.is_err(), "the first link works no more");
    assert_eq!(organizations.invited(&second).await.unwrap().invitation.role, OrganizationRole::Owner);
    let answer = office.app.post_form(&page, &[("action", "again"), ("invitation", &waiting)]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("Invitation: is over"), "{}", answer.text());

    let waiting = organizations.invitations(&Ctx::operator(), id).await.unwrap()[0].id.to_string();
    for _ in 0..2 {
        let shown = act(&office, &page, &[("action", "uninvite"), ("invitation", &waiting)]).await;
        assert!(shown.text().contains("The invitation is taken back") && !shown.text().contains("new@example.com"));
    }
    assert!(organizations.invited(&second).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_somebody_else_opens_waits_for_whom_it_is_for() {
    let office = Office::open().await;
    let app = &office.app;
    let (page, _) = empty(&office).await;
    act(&office, &page, &[("action", "invite"), ("email", "new@example.com"), ("role", "owner")]).await;
    let email = Email::parse("new@example.com").unwrap();
    let token = mailed_behind(&app.services, &email, "/invitation/").await.unwrap();
    let link = format!("/invitation/{token}");
    let other = app.get(&link).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
    for part in ["This invitation is for new@example.com.", "Sign out and open it", "/sign-out?to=invitation"] {
        assert!(other.text().contains(part), "{part}: {}", other.text());
    }
    let out = app.post_form(&format!("/sign-out?to=invitation&token={token}"), &[]).await;
    assert_eq!(out.location(), Some(link.as_str()));
    assert_eq!(app.cookie("turnpike_session"), None);
    assert!(app.get(&link).await.text().contains("Choose a password for your new account"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_does_not_work_any_more_says_so_until_it_is_sent_again() {
    let office = Office::open().await;
    let organizations = office.app.services.organizations();
    let (page, id) = empty(&office).await;
    let (owner, admin) = (user(&office.app, "owner@example.com").await, user(&office.app, "admin@example.com").await);
    organizations.add(&Ctx::operator(), id, owner.id, OrganizationRole::Owner).await.unwrap();
    organizations.add(&Ctx::operator(), id, admin.id, OrganizationRole::Admin).await.unwrap();
    let browser = office.app.browser();
    browser.sign_in(&admin).await;
    let form = [("deed", "invite"), ("email", "new@example.com"), ("role", "member")];
    let here = format!("/account/organizations/{id}");
    let sent = format!("{here}?done=invited");
    assert_eq!(browser.post_form(&here, &form).await.location(), Some(sent.as_str()));
    let shown = office.app.get(&page).await;
    assert!(shown.text().contains("Member · until"), "{}", shown.text());

    organizations.remove(&Ctx::operator(), id, admin.id).await.unwrap();
    let shown = office.app.get(&page).await;
    let stopped = "Member · does not work any more";
    assert!(shown.text().contains(stopped) && !shown.text().contains("Member · until"), "{}", shown.text());
    let waiting = organizations.invitations(&Ctx::operator(), id).await.unwrap()[0].id.to_string();
    let shown = act(&office, &page, &[("action", "again"), ("invitation", &waiting)]).await;
    assert!(shown.text().contains("Member · until") && !shown.text().contains(stopped), "{}", shown.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn people_get_other_roles_and_leave_but_an_owner_stays() {
    let office = Office::open().await;
    let organizations = office.app.services.organizations();
    let (page, id) = empty(&office).await;
    assert!(office.app.get(&page).await.text().contains("Nobody belongs to it yet."));
    let owner = user(&office.app, "owner@example.com").await.id;
    let other = user(&office.app, "other@example.com").await.id;
    let operator = Ctx::operator();
    organizations.add(&operator, id, owner, OrganizationRole::Owner).await.unwrap();
    organizations.add(&operator, id, other, OrganizationRole::Member).await.unwrap();
    let (owner, other) = (owner.to_string(), other.to_string());

    for refused in
        [vec![("action", "remove"), ("user", &*owner)], vec![("action", "role"), ("user", &*owner), ("role", "admin")]]
    {
        let answer = office.app.post_form(&page, &refused).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.text().contains("Make somebody else an owner first."), "{}", answer.text());
    }
    let answer = office.app.post_form(&page, &[("action", "remove"), ("user", "none")]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.text().contains("This person is not a member."));

    act(&office, &page, &[("action", "role"), ("user", &other), ("role", "owner")]).await;
    for _ in 0..2 {
        let shown = act(&office, &page, &[("action", "remove"), ("user", &owner)]).await;
        assert!(shown.text().contains("Removed.") && !shown.text().contains("owner@example.com"));
    }
    let left = organizations.members(&operator, id, &PageRequest::default()).await.unwrap().items;
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].user.id.to_string(), left[0].role), (other, OrganizationRole::Owner));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applications_admin_sees_none_of_it() {
    let office = Office::open().await;
    let (page, _) = empty(&office).await;
    let browser = office.admins_browser().await;
    assert!(!browser.get("/dashboard").await.text().contains("/organizations\""));
    for path in ["/organizations", "/organizations/new", page.as_str()] {
        assert_eq!(browser.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for owner in ["boss@example.com", "nobody@example.com"] {
        let fields = [("action", "save"), ("name", "Mine"), ("owner", owner)];
        assert_eq!(browser.post_form("/organizations/new", &fields).await.status, StatusCode::FORBIDDEN);
    }
    let delete = [("action", "delete"), ("confirm", "toko-roti")];
    assert_eq!(browser.post_form(&page, &delete).await.status, StatusCode::FORBIDDEN);
    assert_eq!(office.app.get(&page).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_signed_out_come_back_to_it() {
    let app = TestApp::start().await;
    let boss = superadmin(&app).await;
    assert_eq!(app.get("/organizations").await.location(), Some("/sign-in"));
    app.sign_in(&boss).await;
    assert_eq!(app.get("/dashboard").await.location(), Some("/organizations"));
}
