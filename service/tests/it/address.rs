//! Another address for an account: asked for by its owner, proved by a link, and told to the address of before.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Locale,
    billing::ledger::Action,
    identity::{
        email::Email,
        profile::Profile,
        user::{GlobalRole, User},
    },
};
use service::{
    Ctx, Error, Services,
    identity::{
        admin_users::AdminNewUser,
        mail_links::{Deed, Origin},
        users::NewUser,
    },
    testing::{
        TestServices,
        people::{mailed_token, register},
    },
};

use crate::{
    account::{logged, signed_in},
    people::{email, new_user, newcomer, password},
    shop::operator,
};

const RIGHT: &str = "correct horse battery";

fn code<T>(result: Result<T, Error>) -> ErrorCode {
    result.err().expect("refused").code()
}

/// Asks for an address, and gives the token that went there.
async fn asked(services: &Services, ctx: &Ctx, address: &str) -> String {
    services.mail_links().change_address(ctx, email(address)).await.unwrap();
    mailed_token(services, &email(address)).await.expect("a link")
}

async fn address_of(services: &Services, user: &User) -> Email {
    services.users().find(user.id).await.unwrap().unwrap().email
}

/// The kinds and subjects of the mails to an address, oldest first.
async fn mails(services: &Services, to: &str) -> Vec<(String, String)> {
    let mut all = services.mails().latest(&operator()).await.unwrap();
    all.reverse();
    let own = all.into_iter().filter(|queued| queued.mail.to == email(to));
    own.map(|queued| (queued.kind, queued.mail.subject)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_changes_by_a_link_to_the_new_one() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let (ctx, _, here) = signed_in(services, &ann).await;
    let (.., there) = signed_in(services, &ann).await;
    let links = services.mail_links();
    let link = asked(services, &ctx, "annette@example.com").await;
    let found = links.find(&link).await.unwrap();
    assert_eq!((found.deed, found.owner, found.email), (Deed::Address, Some(ann.id), email("annette@example.com")));
    assert_eq!(address_of(services, &ann).await, ann.email, "looking changes nothing");

    // The sign-in was recent when it was asked for; that is enough.
    test.clock.advance(TimeDelta::minutes(20));
    let after = links.finish_address(&ctx, &link).await.unwrap();
    assert_eq!((after.id, after.email.as_str()), (ann.id, "annette@example.com"));
    assert_eq!((after.email_verified, after.updated_at), (true, services.now()));
    let session = services.sessions().find(&here).await.unwrap().expect("the session that asked");
    assert_eq!(session.user, after);
    assert_eq!(services.sessions().find(&there).await.unwrap(), None);
    let sign_in = async |address| services.users().authenticate(&Ctx::anonymous(), address, RIGHT).await;
    assert_eq!(sign_in("annette@example.com").await.unwrap().user.id, ann.id);
    assert_eq!(code(sign_in("ann@example.com").await), ErrorCode::BadCredentials);
    assert_eq!(logged(services, &ann, Action::UserUpdated).await, 1);

    let told = services.mails().latest(&operator()).await.unwrap();
    let told = told.into_iter().find(|queued| queued.kind == "address_changed").expect("a notice");
    assert_eq!(told.mail.to, ann.email);
    assert_eq!(told.mail.subject, "Turnpike: your email address was changed");
    for part in ["annette@example.com", "Firefox · Linux", "If it was not you"] {
        assert!(told.mail.plain.contains(part), "{part}: {}", told.mail.plain);
    }

    assert_eq!(code(links.finish_address(&ctx, &link).await), ErrorCode::BadCredentials, "it works once");
    assert_eq!((address_of(services, &ann).await, logged(services, &ann, Action::UserUpdated).await), (after.email, 1));
    let newly = register(services, new_user("ann@example.com")).await;
    assert_ne!(newly.id, ann.id, "the address of before is free");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_owner_asks_and_only_they_answer() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let eve = register(services, new_user("eve@example.com")).await;
    let (ctx, ..) = signed_in(services, &ann).await;
    let (evil, ..) = signed_in(services, &eve).await;
    let (links, new) = (services.mail_links(), email("annette@example.com"));
    assert_eq!(code(links.change_address(&Ctx::anonymous(), new.clone()).await), ErrorCode::NoSession);
    let link = asked(services, &ctx, new.as_str()).await;
    // Whoever reads the mail, at an address that was mistyped for one, has no session of hers.
    for other in [&Ctx::anonymous(), &evil] {
        assert_eq!(code(links.finish_address(other, &link).await), ErrorCode::NoSession);
    }
    assert_eq!(code(links.finish_sign_in(&ctx, &link).await), ErrorCode::BadCredentials);
    links.sign_in(&Ctx::anonymous(), ann.email.clone(), Origin::default()).await.unwrap();
    let other = mailed_token(services, &ann.email).await.unwrap();
    assert_eq!(code(links.finish_address(&ctx, &other).await), ErrorCode::BadCredentials);
    assert_eq!(address_of(services, &ann).await, ann.email);

    test.clock.advance(TimeDelta::minutes(15));
    let late = links.change_address(&ctx, email("late@example.com")).await;
    assert_eq!(code(late), ErrorCode::NoSession, "the sign-in is no longer recent");
    assert!(mails(services, "late@example.com").await.is_empty());
    services.admin_users().disable(&operator(), ann.id).await.unwrap();
    assert_eq!(code(links.finish_address(&ctx, &link).await), ErrorCode::AccountDisabled);
    services.admin_users().enable(&operator(), ann.id).await.unwrap();
    let (again, ..) = signed_in(services, &ann).await;
    // What was refused used nothing up, and another session of hers will do.
    assert_eq!(links.finish_address(&again, &link).await.unwrap().email, new);

    let old = asked(services, &again, "anna@example.com").await;
    test.clock.advance(TimeDelta::hours(1));
    assert_eq!(code(links.finish_address(&again, &old).await), ErrorCode::BadCredentials, "an hour is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_what_was_asked_for_with_the_one_of_before() {
    let test = TestServices::start().await;
    let (services, links) = (&test.services, test.services.mail_links());
    let ann = register(services, new_user("ann@example.com")).await;
    let (ctx, ..) = signed_in(services, &ann).await;
    let link = asked(services, &ctx, "mallory@example.com").await;
    test.clock.advance(TimeDelta::seconds(1));
    let new = password("another unrelated phrase");
    services.users().reset_password(&operator(), &ann.email, new).await.unwrap();
    let (again, ..) = signed_in(services, &ann).await;
    assert_eq!(code(links.finish_address(&again, &link).await), ErrorCode::BadCredentials);
    assert_eq!(address_of(services, &ann).await, ann.email);
    let link = asked(services, &again, "annette@example.com").await;
    assert_eq!(links.finish_address(&again, &link).await.unwrap().email, email("annette@example.com"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_address_is_told_to_its_owner_alone() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    register(services, NewUser { locale: Some(Locale::Id), ..new_user("bob@example.com") }).await;
    let (ctx, ..) = signed_in(services, &ann).await;
    let links = services.mail_links();
    // The same answer, and as many mails, whether or not somebody has it.
    for address in ["bob@example.com", "free@example.com"] {
        for _ in 0..5 {
            links.change_address(&ctx, email(address)).await.unwrap();
        }
        assert_eq!(code(links.change_address(&ctx, email(address)).await), ErrorCode::TooManyAttempts);
        assert_eq!(mails(services, address).await.len(), 5);
    }
    assert_eq!(mailed_token(services, &email("bob@example.com")).await, None, "there is nothing to follow");
    let (kind, subject) = mails(services, "bob@example.com").await.remove(0);
    assert_eq!((kind.as_str(), subject.as_str()), ("address_taken", "Turnpike: alamat ini sudah memiliki akun"));
    let (kind, subject) = mails(services, "free@example.com").await.remove(0);
    let confirm = "Turnpike: confirm your new email address";
    assert_eq!((kind.as_str(), subject.as_str()), ("address_confirmation", confirm));
    // What others ask for keeps no other link from whoever has the address.
    links.reset(&Ctx::anonymous(), email("bob@example.com"), Origin::default()).await.unwrap();
    links.register(&Ctx::anonymous(), newcomer("free@example.com"), Origin::default()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_quicker_keeps_the_address() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let (ctx, ..) = signed_in(services, &ann).await;
    let (.., there) = signed_in(services, &ann).await;
    let link = asked(services, &ctx, "wanted@example.com").await;
    let rival = AdminNewUser {
        email: email("wanted@example.com"),
        name: None,
        role: GlobalRole::User,
        email_verified: true,
        locale: None,
        profile: Profile::default(),
    };
    let quicker = services.admin_users().create(&operator(), rival).await.unwrap();
    for _ in 0..2 {
        let late = services.mail_links().finish_address(&ctx, &link).await;
        assert_eq!(code(late), ErrorCode::UserInvalid);
    }
    assert_eq!(address_of(services, &ann).await, ann.email);
    assert_eq!(address_of(services, &quicker).await, email("wanted@example.com"));
    assert_eq!(logged(services, &ann, Action::UserUpdated).await, 0);
    assert!(services.sessions().find(&there).await.unwrap().is_some(), "nothing happened at all");
    assert!(mails(services, "ann@example.com").await.iter().all(|(kind, _)| kind != "address_changed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_gets_the_address_once() {
    let test = TestServices::start().await;
    let nodes = [test.services.clone(), test.another_node().await];
    let mut rivals = Vec::new();
    for address in ["ann@example.com", "bob@example.com"] {
        let user = register(&nodes[0], new_user(address)).await;
        let (ctx, ..) = signed_in(&nodes[0], &user).await;
        let link = asked(&nodes[0], &ctx, "wanted@example.com").await;
        rivals.push((user, ctx, link));
    }
    let tries = (0..20).map(|n| {
        let (_, ctx, link) = rivals[n % 2].clone();
        let services = nodes[n / 2 % 2].clone();
        tokio::spawn(async move { services.mail_links().finish_address(&ctx, &link).await })
    });
    let mut won = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Ok(user) => won.push(user.id),
            Err(error) => {
                assert!(matches!(error.code(), ErrorCode::BadCredentials | ErrorCode::UserInvalid), "{error:?}");
            }
        }
    }
    assert_eq!(won.len(), 1);
    for (user, ..) in &rivals {
        let has = address_of(&nodes[0], user).await == email("wanted@example.com");
        assert_eq!(has, won[0] == user.id);
        assert_eq!(logged(&nodes[0], user, Action::UserUpdated).await, usize::from(has));
    }
}
