//! Organizations, their people and their invitations: what is another's is not there.

use axum::http::Method;
use chrono::TimeDelta;
use domain::{
    Locale,
    identity::{email::Email, organization::OrganizationRole},
    route,
};
use serde_json::{Value, json};
use service::{Ctx, testing::people::mailed_behind};

use crate::{
    rest::{Rest, refused, text},
    route_table::NOBODYS,
    support::{Answer, TestApp},
};

/// An organization with an owner and an invitation that waits.
struct Team {
    id: String,
    invitation: String,
}

impl Team {
    async fn make(rest: &Rest, slug: &str, owner: &str) -> Self {
        let new = json!({ "name": slug, "slug": slug, "ownerId": owner });
        let id = text(&rest.made("/api/admin/organizations", &new).await["organization"]["id"]);
        let asked = json!({ "email": format!("asked@{slug}.example") });
        let made = rest.made(&format!("/api/admin/organizations/{id}/invitations"), &asked).await;
        Self { invitation: text(&made["invitation"]["id"]), id }
    }

    fn base(&self) -> String {
        format!("/api/admin/organizations/{}", self.id)
    }

    fn page(&self) -> String {
        page(&self.id)
    }
}

fn page(id: &str) -> String {
    format!("/account/organizations/{id}")
}

/// Two organizations, each with one person of an application.
struct Town {
    rest: Rest,
    own: Team,
    foreign: Team,
}

impl Town {
    async fn start() -> Self {
        let rest = Rest::start().await;
        let own = Team::make(&rest, "own", &rest.acme.user).await;
        let foreign = Team::make(&rest, "foreign", &rest.other.user).await;
        Self { rest, own, foreign }
    }

    /// The owner of the own organization.
    async fn owner(&self) -> TestApp {
        self.rest.browser_of(&self.rest.acme.user).await
    }

    /// Everything that could have changed.
    async fn dump(&self) -> Value {
        let mut all = vec![self.rest.dump().await, self.rest.read("/api/admin/organizations").await];
        for team in [&self.own, &self.foreign] {
            for list in ["members", "invitations"] {
                all.push(self.rest.read(&format!("{}/{list}", team.base())).await);
            }
        }
        all.into()
    }
}

/// Two answers that tell nothing apart: about something that is another's, and about what nobody has.
#[track_caller]
fn same(real: (&Answer, &str), none: (&Answer, &str)) {
    assert_eq!((real.0.status, real.0.plain(real.1)), (none.0.status, none.0.plain(none.1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn organizations_are_found_by_name_and_slug() {
    let town = Town::start().await;
    let rest = &town.rest;
    let list = "/api/admin/organizations?search=";
    let found = async |search: &str| -> Vec<String> {
        let answer = rest.read(&format!("{list}{search}")).await;
        answer["organizations"].as_array().unwrap().iter().map(|one| text(&one["id"])).collect()
    };
    assert_eq!(found("").await, [town.own.id.as_str(), town.foreign.id.as_str()]);
    assert_eq!(found("%20OREIG%20").await, [town.foreign.id.as_str()]);
    for nothing in [town.own.id.as_str(), "asked@own.example", "%25"] {
        assert!(found(nothing).await.is_empty(), "{nothing}");
    }
    let long = rest.admin(Method::GET, &format!("{list}{}", "x".repeat(255)), None).await;
    refused(&long, 400, "APP_001");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_another_organization_is_not_there() {
    let town = Town::start().await;
    let (owner, theirs) = (town.owner().await, town.foreign.page());
    let before = town.dump().await;
    let shown = owner.get(&theirs).await;
    assert_eq!(shown.status, 404);
    same((&shown, &town.foreign.id), (&owner.get(&page(NOBODYS)).await, NOBODYS));
    for deed in ["invite", "role", "remove", "uninvite"] {
        let form = [
            ("deed", deed),
            ("user", town.rest.other.user.as_str()),
            ("invitation", town.foreign.invitation.as_str()),
            ("email", "new@example.com"),
            ("role", "member"),
        ];
        let real = owner.post_form(&theirs, &form).await;
        assert_eq!(real.status, 404, "{deed}");
        same((&real, &town.foreign.id), (&owner.post_form(&page(NOBODYS), &form).await, NOBODYS));
    }
    for deed in ["choose", "leave"] {
        let ask =
            async |id: &str| owner.post_form("/account/organizations", &[("deed", deed), ("organization", id)]).await;
        let real = ask(&town.foreign.id).await;
        assert_eq!(real.status, 404, "{deed}");
        same((&real, &town.foreign.id), (&ask(NOBODYS).await, NOBODYS));
    }
    assert_eq!(town.dump().await, before, "something changed");
    let user = town.rest.acme.user.parse().unwrap();
    let user = town.rest.app.services.users().find(user).await.unwrap().expect("a user");
    assert_eq!(user.organization.map(|id| id.to_string()), Some(town.own.id.clone()), "whom they act for");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_people_and_invitations_of_another_are_no_ones_here() {
    let town = Town::start().await;
    let (owner, here) = (town.owner().await, town.own.page());
    assert_eq!(owner.get(&here).await.status, 200);
    let before = town.dump().await;
    for deed in ["role", "remove"] {
        let ask = async |user: &str| owner.post_form(&here, &[("deed", deed), ("user", user), ("role", "admin")]).await;
        let real = ask(&town.rest.other.user).await;
        assert_eq!(real.status, 404, "{deed}");
        same((&real, &town.rest.other.user), (&ask(NOBODYS).await, NOBODYS));
    }
    // An invitation that is not there was taken back.
    let done = format!("{here}?done=uninvited");
    let ask = async |id: &str| owner.post_form(&here, &[("deed", "uninvite"), ("invitation", id)]).await;
    for id in [town.foreign.invitation.as_str(), NOBODYS] {
        let answer = ask(id).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, Some(done.as_str())), "{id}");
    }
    assert_eq!(town.dump().await, before, "something changed");
    ask(&town.own.invitation).await;
    assert_ne!(town.dump().await, before, "one of their own");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_is_refused_keeps_what_was_chosen() {
    let town = Town::start().await;
    let (owner, here) = (town.owner().await, town.own.page());
    let chosen = async |role: &str| {
        let form = [("deed", "invite"), ("email", "no address"), ("role", role)];
        let answer = owner.post_form(&here, &form).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains("value=\"no address\""), "{}", answer.text());
        selected(&answer, "role").to_owned()
    };
    assert_eq!(chosen("admin").await, "admin");
    assert_eq!(chosen("owner").await, "owner");
    assert_eq!(chosen("boss").await, "member", "what nobody can be");
}

/// What the select with this id shows.
#[track_caller]
fn selected<'a>(page: &'a Answer, id: &str) -> &'a str {
    let (_, rest) = page.text().split_once(&format!("id=\"{id}\"")).expect("the field");
    let (options, _) = rest.split_once("</select>").expect("its end");
    let option = options.split("<option").find(|option| option.contains(" selected")).expect("a choice");
    let (_, value) = option.split_once("value=\"").expect("a value");
    value.split('"').next().expect("its end")
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_to_sign_in_again_comes_back_to_what_they_chose() {
    const SAID: &str = "You have signed in again.";
    let town = Town::start().await;
    let (rest, owner, here) = (&town.rest, town.owner().await, town.own.page());
    let other = rest.other.user.as_str();
    rest.made(&format!("{}/members", town.own.base()), &json!({ "userId": other })).await;
    let user = rest.app.services.users().find(rest.acme.user.parse().unwrap()).await.unwrap().expect("a user");
    let (way, field) = (format!("/sign-in?to=organization&id={}", town.own.id), format!("role-{other}"));
    for (form, done) in [
        (vec![("deed", "invite"), ("email", "boss@example.com"), ("role", "owner")], "invited"),
        (vec![("deed", "role"), ("user", other), ("role", "admin")], "role"),
        (vec![("deed", "remove"), ("user", other)], "removed"),
    ] {
        rest.app.clock.advance(TimeDelta::minutes(15));
        let before = town.dump().await;
        assert_eq!(owner.post_form(&here, &form).await.location(), Some(way.as_str()), "{done}");
        assert_eq!(town.dump().await, before, "{done}");
        let asked = owner.get(&way).await;
        assert!(asked.status == 200 && asked.text().contains("asks for a recent sign-in"), "{}", asked.text());
        assert!(!owner.get(&here).await.text().contains(SAID), "{done}");
        owner.sign_in(&user).await;
        let back = owner.get(&here).await;
        assert!(back.text().contains(SAID), "{done}: {}", back.text());
        let invites = done == "invited";
        assert_eq!(back.text().contains("value=\"boss@example.com\""), invites, "{done}");
        assert_eq!(selected(&back, "role"), if invites { "owner" } else { "member" }, "{done}");
        // Chosen first, and held then.
        assert_eq!(selected(&back, &field), if invites { "member" } else { "admin" }, "{done}");
        let sent = owner.post_form(&here, &form).await;
        assert_eq!(sent.location(), Some(format!("{here}?done={done}").as_str()));
        assert!(!owner.get(&here).await.text().contains(SAID), "{done}: once");
    }
    // Inviting a plain member, and leaving, asks for nothing.
    rest.app.clock.advance(TimeDelta::minutes(15));
    let plain = [("deed", "invite"), ("email", "new@example.com"), ("role", "member")];
    assert_eq!(owner.post_form(&here, &plain).await.location(), Some(format!("{here}?done=invited").as_str()));
    let leave = [("deed", "remove"), ("user", rest.acme.user.as_str())];
    assert_eq!(owner.post_form(&here, &leave).await.location(), Some("/account/organizations?done=left"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_ended_with_its_senders_rights_says_so() {
    let town = Town::start().await;
    let (rest, owner, here) = (&town.rest, town.owner().await, town.own.page());
    let sent = format!("{here}?done=invited");
    for (email, role) in [("boss@example.com", "owner"), ("clerk@example.com", "member")] {
        let form = [("deed", "invite"), ("email", email), ("role", role)];
        assert_eq!(owner.post_form(&here, &form).await.location(), Some(sent.as_str()));
    }
    let path = format!("{}/invitations", town.own.base());
    let works = async || -> Vec<bool> {
        let listed = rest.read(&path).await;
        listed["invitations"].as_array().unwrap().iter().map(|one| one["works"].as_bool().unwrap()).collect()
    };
    let stopped = "Owner · does not work any more";
    assert_eq!(works().await, [true; 3]);
    let shown = owner.get(&here).await;
    assert!(shown.text().contains("Owner · until") && !shown.text().contains(stopped), "{}", shown.text());

    let other = json!({ "userId": rest.other.user, "role": "owner" });
    rest.made(&format!("{}/members", town.own.base()), &other).await;
    let (id, user) = (town.own.id.parse().unwrap(), rest.acme.user.parse().unwrap());
    let organizations = rest.app.services.organizations();
    organizations.set_role(&Ctx::operator(), id, user, OrganizationRole::Admin).await.unwrap();
    assert_eq!(works().await, [true, false, true], "an admin makes nobody an owner");
    let shown = owner.get(&here).await;
    assert!(shown.text().contains(stopped) && shown.text().contains("boss@example.com"), "{}", shown.text());
    assert!(shown.text().contains("Member · until") && !shown.text().contains("Owner · until"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_is_not_offered_what_an_owner_decided() {
    let town = Town::start().await;
    let (rest, owner, here) = (&town.rest, town.owner().await, town.own.page());
    let member = json!({ "userId": rest.other.user, "role": "admin" });
    rest.made(&format!("{}/members", town.own.base()), &member).await;
    let admin = rest.browser_of(&rest.other.user).await;
    let form = [("deed", "invite"), ("email", "boss@example.com"), ("role", "owner")];
    assert_eq!(owner.post_form(&here, &form).await.status, 303);
    let take_back = |email: &str| format!("Take back the invitation of {email}");
    let (owners, admins) = (owner.get(&here).await, admin.get(&here).await);
    for (shown, offered) in [(&owners, true), (&admins, false)] {
        assert!(shown.text().contains(&take_back("asked@own.example")), "{}", shown.text());
        assert_eq!(shown.text().contains(&take_back("boss@example.com")), offered, "{}", shown.text());
        assert!(shown.text().contains("Owner · until"), "{}", shown.text());
    }
    let listed = rest.read(&format!("{}/invitations", town.own.base())).await;
    let boss = listed["invitations"].as_array().unwrap().iter().find(|one| one["role"] == "owner").unwrap();
    let boss = text(&boss["id"]);
    let taken = [("deed", "uninvite"), ("invitation", boss.as_str())];
    assert_eq!(admin.post_form(&here, &taken).await.status, 403);
    let instead = [("deed", "invite"), ("email", "boss@example.com"), ("role", "member")];
    assert_eq!(admin.post_form(&here, &instead).await.status, 403);
    assert_eq!(rest.read(&format!("{}/invitations", town.own.base())).await, listed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sixth_invitation_within_the_hour_waits() {
    let town = Town::start().await;
    let (owner, here) = (town.owner().await, town.own.page());
    let form = [("deed", "invite"), ("email", "new@example.com"), ("role", "member")];
    let sent = format!("{here}?done=invited");
    for _ in 0..5 {
        assert_eq!(owner.post_form(&here, &form).await.location(), Some(sent.as_str()));
    }
    let sixth = owner.post_form(&here, &form).await;
    assert_eq!((sixth.status.as_u16(), sixth.header("retry-after")), (429, Some("3600")));
    for part in ["Too many attempts", "value=\"new@example.com\""] {
        assert!(sixth.text().contains(part), "{part}: {}", sixth.text());
    }
    let again = json!({ "email": "new@example.com" });
    let path = format!("{}/invitations", town.own.base());
    refused(&town.rest.admin(Method::POST, &path, Some(&again)).await, 429, "AUTH_007");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_removes_themselves_sees_what_is_left_to_them() {
    let town = Town::start().await;
    let (owner, here) = (town.owner().await, town.own.page());
    let other = json!({ "userId": town.rest.other.user, "role": "owner" });
    town.rest.made(&format!("{}/members", town.own.base()), &other).await;
    let remove = async |user: &str| owner.post_form(&here, &[("deed", "remove"), ("user", user)]).await;
    let removed = format!("{here}?done=removed");
    assert_eq!(remove(&town.rest.other.user).await.location(), Some(removed.as_str()), "somebody else");
    // The only one who is left.
    let list = remove(&town.rest.acme.user).await;
    assert_eq!(list.location(), Some("/account/organizations?done=left"));
    let shown = owner.get("/account/organizations?done=left").await;
    assert_eq!(shown.status, 200);
    for part in ["You have left the organization.", "You belong to no organization."] {
        assert!(shown.text().contains(part), "{part}: {}", shown.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_form_did_is_said_once_and_nothing_else() {
    let town = Town::start().await;
    let (owner, here) = (town.owner().await, town.own.page());
    let other = json!({ "userId": town.rest.other.user });
    town.rest.made(&format!("{}/members", town.own.base()), &other).await;
    let (user, invitation) = (town.rest.other.user.as_str(), town.own.invitation.as_str());
    for (form, done, sentence) in [
        (vec![("deed", "invite"), ("email", "new@example.com")], "invited", "The invitation is on its way."),
        (vec![("deed", "uninvite"), ("invitation", invitation)], "uninvited", "The invitation is taken back;"),
        (vec![("deed", "role"), ("user", user), ("role", "admin")], "role", "The role is changed."),
        (vec![("deed", "remove"), ("user", user)], "removed", "The person is removed."),
    ] {
        let location = format!("{here}?done={done}");
        assert_eq!(owner.post_form(&here, &form).await.location(), Some(location.as_str()));
        let shown = owner.get(&location).await;
        assert!(
            shown.text().contains("role=\"status\"") && shown.text().contains(sentence),
            "{done}: {}",
            shown.text()
        );
        assert!(!owner.get(&here).await.text().contains(sentence), "{done}");
    }
    // What was not asked for did nothing, and nobody writes into the page.
    assert_eq!(owner.post_form(&here, &[("deed", "dance")]).await.location(), Some(here.as_str()));
    for page in [here.as_str(), "/account/organizations", "/account/sessions"] {
        let shown = owner.get(&format!("{page}?done=dance")).await;
        assert!(shown.status == 200 && !shown.text().contains("role=\"status\""), "{}", shown.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_account_has_the_language_of_the_page() {
    let town = Town::start().await;
    let guest = town.rest.app.browser();
    let email = Email::parse("asked@own.example").unwrap();
    let link = format!("{}/", route::INVITATION);
    let token = mailed_behind(&guest.services, &email, &link).await.expect("a link");
    let request = guest.request(Method::POST, &format!("{link}{token}")).header("accept-language", "id");
    let joined = request.form(&[("password", "four unrelated plain words")]).send().await;
    assert_eq!(joined.status, 303, "{}", joined.text());
    assert_eq!(guest.user("asked@own.example").await.locale, Some(Locale::Id));
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_invitations_wait_and_no_more() {
    let town = Town::start().await;
    let (owner, here) = (town.owner().await, town.own.page());
    let (services, id) = (&town.rest.app.services, town.own.id.parse().unwrap());
    // One waits from the start.
    for n in 1..200 {
        let email = Email::parse(&format!("asked{n}@example.com")).unwrap();
        services.organizations().invite(&Ctx::operator(), id, email, OrganizationRole::Member).await.unwrap();
    }
    let answer = owner.post_form(&here, &[("deed", "invite"), ("email", "new@example.com"), ("role", "member")]).await;
    assert_eq!(answer.status, 400);
    let text = answer.text();
    assert!(text.contains("Too many invitations wait already.") && !text.contains("needs an owner"), "{text}");
    let path = format!("{}/invitations", town.own.base());
    let answer = town.rest.admin(Method::POST, &path, Some(&json!({ "email": "new@example.com" }))).await;
    refused(&answer, 400, "ORG_003");
    assert!(answer.text().contains("200 invitations wait already"), "{}", answer.text());
    let boss = town.rest.person("boss@example.com", "superadmin").await;
    let form = [("action", "invite"), ("email", "new@example.com"), ("role", "member")];
    let answer = town.rest.browser_of(&boss).await.post_form(&format!("/organizations/{}", town.own.id), &form).await;
    assert_eq!(answer.status, 400);
    let text = answer.text();
    assert!(
        text.contains("Email: is one too many: 200 invitations wait") && !text.contains("needs an owner"),
        "{text}"
    );
    // Another invitation takes the place of the one before.
    let again = [("deed", "invite"), ("email", "asked1@example.com"), ("role", "member")];
    let sent = format!("{here}?done=invited");
    assert_eq!(owner.post_form(&here, &again).await.location(), Some(sent.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_inside_is_told_with_the_id_of_the_request() {
    let town = Town::start().await;
    let (owner, here) = (town.owner().await, town.own.page());
    let guest = town.rest.person("guest@example.com", "user").await;
    town.rest.made(&format!("{}/members", town.own.base()), &json!({ "userId": guest })).await;
    let browser = town.rest.browser_of(&guest).await;
    let id = town.own.id.as_str();
    for (who, page, form) in [
        (&browser, "/account/organizations", vec![("deed", "leave"), ("organization", id)]),
        (&owner, &*here, vec![("deed", "remove"), ("user", &*guest)]),
        (&owner, &*here, vec![("deed", "uninvite"), ("invitation", &*town.own.invitation)]),
        (&owner, &*here, vec![("deed", "invite"), ("email", "new@example.com"), ("role", "member")]),
    ] {
        assert_eq!(who.get(page).await.status, 200, "{page}");
        // Nothing can be written down.
        town.rest.app.test.execute("ALTER TABLE ledger RENAME TO ledger_elsewhere").await;
        let answer = who.post_form(page, &form).await;
        town.rest.app.test.execute("ALTER TABLE ledger_elsewhere RENAME TO ledger").await;
        assert_eq!(answer.status, 500, "{form:?}");
        let request = answer.header("x-request-id").expect("an id");
        assert!(answer.text().contains(request), "{form:?}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_another_organization_is_unknown_to_the_api() {
    let town = Town::start().await;
    let (rest, own) = (&town.rest, town.own.base());
    let owner = town.owner().await;
    let before = town.dump().await;
    for person in [rest.other.user.as_str(), NOBODYS, "not-an-id"] {
        let path = format!("{own}/members/{person}");
        let code = if person == "not-an-id" { "USR_001" } else { "ORG_004" };
        refused(&rest.admin(Method::PATCH, &path, Some(&json!({ "role": "admin" }))).await, 404, code);
        refused(&rest.admin(Method::DELETE, &path, None).await, 404, code);
    }
    for invitation in [town.foreign.invitation.as_str(), NOBODYS] {
        let answer = rest.admin(Method::DELETE, &format!("{own}/invitations/{invitation}"), None).await;
        assert_eq!(answer.status, 204, "{}", answer.text());
    }
    let nobodys = format!("/api/admin/organizations/{NOBODYS}");
    for (method, below, body) in [
        (Method::GET, "", None),
        (Method::PATCH, "", Some(json!({ "name": "Renamed" }))),
        (Method::DELETE, "", None),
        (Method::GET, "/members", None),
        (Method::POST, "/members", Some(json!({ "userId": rest.other.user }))),
        (Method::GET, "/invitations", None),
        (Method::POST, "/invitations", Some(json!({ "email": "new@example.com" }))),
    ] {
        let answer = rest.admin(method, &format!("{nobodys}{below}"), body.as_ref()).await;
        refused(&answer, 404, "ORG_001");
    }
    // It is for superadmins; an owner sees no difference either.
    for id in [town.own.id.as_str(), town.foreign.id.as_str(), NOBODYS] {
        refused(&owner.get(&format!("/api/admin/organizations/{id}")).await, 403, "AUTH_011");
    }
    assert_eq!(town.dump().await, before, "something changed");
}
