//! Links in mails about accounts: each works once, for an hour, and asking tells nobody who has an account.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Locale, Secret,
    billing::ledger::{Action, Actor},
    identity::{email::Email, profile::Profile, proof::Proof, user::GlobalRole},
    page::PageRequest,
    route::{AccountPage, ReturnTo},
};
use service::{
    Ctx, Error, Services, Settings,
    audit::AuditFilter,
    identity::{
        admin_users::AdminNewUser,
        factors::Welcome,
        mail_links::{Deed, Origin},
        users::Authenticated,
    },
    testing::{
        TestServices,
        people::{mailed_token, register},
    },
};

use crate::{
    account::signed_in,
    people::{email, new_user, newcomer, password},
};

const RIGHT: &str = "correct horse battery";
const NEW: &str = "another unrelated phrase";

fn code<T>(result: Result<T, Error>) -> ErrorCode {
    result.err().expect("refused").code()
}

fn flow() -> Origin {
    Origin { to: ReturnTo::Flow("abc".into()), application: None }
}

async fn subjects(services: &Services, to: &Email) -> Vec<String> {
    let mails = services.mails().latest(&Ctx::operator()).await.unwrap();
    let mut subjects: Vec<_> = mails.into_iter().filter(|own| own.mail.to == *to).map(|own| own.mail.subject).collect();
    subjects.reverse();
    subjects
}

async fn token(test: &TestServices, to: &str) -> String {
    mailed_token(&test.services, &email(to)).await.expect("a link")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_is_finished_by_its_mail() {
    let test = TestServices::start().await;
    let (services, ann) = (&test.services, email("ann@example.com"));
    let links = services.mail_links();
    links.register(&Ctx::anonymous(), newcomer("ann@example.com"), flow()).await.unwrap();
    assert_eq!(services.users().find_by_email(&ann).await.unwrap(), None, "not before");
    assert_eq!(
        code(services.users().authenticate(&Ctx::anonymous(), ann.as_str(), RIGHT).await),
        ErrorCode::BadCredentials
    );
    let token = token(&test, "ann@example.com").await;
    let link = links.find(&token).await.unwrap();
    assert_eq!((link.deed, &link.email), (Deed::Register, &ann));
    let arrived = links.finish_registration(&Ctx::anonymous(), &token, password(RIGHT)).await.unwrap();
    assert_eq!((arrived.to, arrived.user.email_verified), (ReturnTo::Flow("abc".into()), true));
    let found = services.users().authenticate(&Ctx::anonymous(), ann.as_str(), RIGHT).await.unwrap();
    assert_eq!(found.user, arrived.user);
    assert_eq!(
        code(links.finish_registration(&Ctx::anonymous(), &token, password(RIGHT)).await),
        ErrorCode::BadCredentials
    );
    assert_eq!(code(links.find(&token).await), ErrorCode::BadCredentials);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_follow_a_link_at_once_one_arrives() {
    let test = TestServices::start().await;
    let services = [test.services.clone(), test.another_node().await];
    services[0].mail_links().register(&Ctx::anonymous(), newcomer("ann@example.com"), flow()).await.unwrap();
    let token = token(&test, "ann@example.com").await;
    let tries = (0..20).map(|n| {
        let (services, token) = (services[n % 2].clone(), token.clone());
        tokio::spawn(async move {
            services.mail_links().finish_registration(&Ctx::anonymous(), &token, password(RIGHT)).await
        })
    });
    let mut made = 0;
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Ok(_) => made += 1,
            Err(error) => {
                assert!(matches!(error.code(), ErrorCode::BadCredentials | ErrorCode::UserInvalid), "{error:?}")
            }
        }
    }
    assert_eq!(made, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_is_told_the_same_and_the_owner_the_truth() {
    let test = TestServices::start().await;
    let (services, ctx) = (&test.services, Ctx { locale: Some(Locale::Id), ..Ctx::anonymous() });
    register(services, new_user("ann@example.com")).await;
    let links = services.mail_links();
    for address in ["ann@example.com", "nobody@example.com"] {
        links.register(&ctx, newcomer(address), flow()).await.unwrap();
        links.sign_in(&ctx, email(address), flow()).await.unwrap();
        links.reset(&ctx, email(address), flow()).await.unwrap();
    }
    let mails = subjects(services, &email("ann@example.com")).await;
    assert_eq!(
        mails,
        ["Turnpike: Anda sudah memiliki akun", "Turnpike: tautan masuk Anda", "Turnpike: buat kata sandi baru",]
    );
    let mails = subjects(services, &email("nobody@example.com")).await;
    assert_eq!(
        mails,
        [
            "Turnpike: konfirmasi alamat email Anda",
            "Turnpike: tidak ada akun dengan alamat ini",
            "Turnpike: tidak ada akun dengan alamat ini",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_what_was_open() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let (_, session) = services.sessions().start(&Ctx::anonymous(), &ann, Proof::Password).await.unwrap();
    let links = services.mail_links();
    links.sign_in(&Ctx::anonymous(), ann.email.clone(), flow()).await.unwrap();
    let other = token(&test, "ann@example.com").await;
    links.reset(&Ctx::anonymous(), ann.email.clone(), flow()).await.unwrap();
    let token = token(&test, "ann@example.com").await;
    let weak = links.finish_reset(&Ctx::anonymous(), &token, password("ann@example")).await;
    assert_eq!(code(weak), ErrorCode::InvalidInput);
    let crossed = links.finish_sign_in(&Ctx::anonymous(), &token).await;
    assert_eq!(code(crossed), ErrorCode::BadCredentials, "the link of one mail does only what that mail says");
    let arrived = links.finish_reset(&Ctx::anonymous(), &token, password(NEW)).await.unwrap();
    assert_eq!((arrived.user.id, arrived.to), (ann.id, ReturnTo::Flow("abc".into())));
    assert_eq!(services.sessions().find(session.expose()).await.unwrap(), None);
    assert_eq!(code(links.finish_sign_in(&Ctx::anonymous(), &other).await), ErrorCode::BadCredentials);
    let sign_in = async |text| services.users().authenticate(&Ctx::anonymous(), "ann@example.com", text).await;
    assert_eq!(code(sign_in(RIGHT).await), ErrorCode::BadCredentials);
    assert_eq!(sign_in(NEW).await.unwrap().user.id, ann.id);
    assert_eq!(subjects(services, &ann.email).await.last().unwrap(), "Turnpike: your password was changed");
    let filter = AuditFilter { user: Some(ann.id), action: Some(Action::PasswordSet), application: None };
    let set = services.audit().list(&Ctx::operator(), filter, &PageRequest::default()).await.unwrap();
    assert_eq!(set.items.len(), 1);
}

/// Lets somebody in whose password was right a while ago.
async fn enter(services: &Services, own: &Authenticated) -> Result<Welcome, Error> {
    services.factors().welcome_by_password(&Ctx::anonymous(), own, &ReturnTo::Dashboard).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_a_sign_in_that_is_under_way() {
    let test = TestServices::start().await;
    let (services, links) = (&test.services, test.services.mail_links());
    let ann = register(services, new_user("ann@example.com")).await;
    let sign_in = async |text| services.users().authenticate(&Ctx::anonymous(), "ann@example.com", text).await.unwrap();
    let early = sign_in(RIGHT).await;
    // The same password at a higher cost is no new one.
    let dearer = Settings { hashing_passes: 3, ..services.settings.clone() };
    test.node_with(dearer).await.users().authenticate(&Ctx::anonymous(), "ann@example.com", RIGHT).await.unwrap();
    assert!(matches!(enter(services, &early).await, Ok(Welcome::Session(_))));
    test.clock.advance(TimeDelta::seconds(1));
    links.reset(&Ctx::anonymous(), ann.email.clone(), flow()).await.unwrap();
    let token = token(&test, "ann@example.com").await;
    links.finish_reset(&Ctx::anonymous(), &token, password(NEW)).await.unwrap();
    assert_eq!(code(enter(services, &early).await), ErrorCode::NoSession);

    let early = sign_in(NEW).await;
    test.clock.advance(TimeDelta::seconds(1));
    services.users().reset_password(&Ctx::operator(), &ann.email, password(RIGHT)).await.unwrap();
    assert_eq!(code(enter(services, &early).await), ErrorCode::NoSession);

    let early = sign_in(RIGHT).await;
    services.admin_users().disable(&Ctx::operator(), ann.id).await.unwrap();
    assert_eq!(code(enter(services, &early).await), ErrorCode::NoSession);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_set_a_password_or_followed_a_link_is_put_out_by_the_next_one() {
    let test = TestServices::start().await;
    let (services, links) = (&test.services, test.services.mail_links());
    let ann = register(services, new_user("ann@example.com")).await;
    let (ctx, ..) = signed_in(services, &ann).await;
    let reset = async |to: &str| {
        test.clock.advance(TimeDelta::seconds(1));
        links.reset(&Ctx::anonymous(), ann.email.clone(), flow()).await.unwrap();
        let token = token(&test, "ann@example.com").await;
        links.finish_reset(&Ctx::anonymous(), &token, password(to)).await.unwrap()
    };
    let follow = async |arrived| services.factors().welcome_by_mail(&Ctx::anonymous(), arrived).await;
    test.clock.advance(TimeDelta::seconds(1));
    let changed = services.account().change_password(&ctx, RIGHT, password(NEW)).await.unwrap();
    assert!(matches!(enter(services, &changed).await, Ok(Welcome::Session(_))));
    let first = reset(RIGHT).await;
    assert_eq!(code(enter(services, &changed).await), ErrorCode::NoSession);
    assert!(matches!(follow(&first).await, Ok(Welcome::Session(_))));

    test.clock.advance(TimeDelta::seconds(1));
    links.sign_in(&Ctx::anonymous(), ann.email.clone(), flow()).await.unwrap();
    let token = token(&test, "ann@example.com").await;
    let linked = links.finish_sign_in(&Ctx::anonymous(), &token).await.unwrap();
    assert!(matches!(follow(&linked).await, Ok(Welcome::Session(_))));
    let second = reset(NEW).await;
    for early in [&first, &linked] {
        assert_eq!(code(follow(early).await), ErrorCode::NoSession);
    }
    assert!(matches!(follow(&second).await, Ok(Welcome::Session(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_without_a_password_chooses_one_when_an_administrator_asks() {
    let test = TestServices::start().await;
    let (services, links) = (&test.services, test.services.mail_links());
    let new = AdminNewUser {
        email: email("ann@example.com"),
        name: None,
        role: GlobalRole::User,
        email_verified: false,
        locale: Some(Locale::Id),
        profile: Profile::default(),
    };
    let ann = services.admin_users().create(&Ctx::operator(), new).await.unwrap();
    assert_eq!(code(links.reset_for(&Ctx::anonymous(), ann.id, None).await), ErrorCode::NoSession);
    let nobody = "0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f".parse().unwrap();
    assert_eq!(code(links.reset_for(&Ctx::operator(), nobody, None).await), ErrorCode::UserNotFound);
    assert_eq!(subjects(services, &ann.email).await, Vec::<String>::new());

    links.reset_for(&Ctx::operator(), ann.id, None).await.unwrap();
    assert_eq!(subjects(services, &ann.email).await, ["Turnpike: buat kata sandi Anda"]);
    let token = token(&test, "ann@example.com").await;
    let arrived = links.finish_reset(&Ctx::anonymous(), &token, password(NEW)).await.unwrap();
    assert_eq!(arrived.to, ReturnTo::Account(AccountPage::Profile));
    assert!(arrived.user.email_verified, "whoever reads the mail has the address");
    let found = services.users().authenticate(&Ctx::anonymous(), "ann@example.com", NEW).await.unwrap();
    assert_eq!(found.user.id, ann.id);
    let filter = AuditFilter { user: Some(ann.id), action: Some(Action::PasswordResetSent), application: None };
    let sent = services.audit().list(&Ctx::operator(), filter, &PageRequest::default()).await.unwrap();
    assert_eq!((sent.items.len(), sent.items[0].actor), (1, Actor::Operator));

    for _ in 0..4 {
        links.reset_for(&Ctx::operator(), ann.id, None).await.unwrap();
    }
    assert_eq!(code(links.reset_for(&Ctx::operator(), ann.id, None).await), ErrorCode::TooManyAttempts);
    test.clock.advance(TimeDelta::hours(1));
    services.admin_users().disable(&Ctx::operator(), ann.id).await.unwrap();
    assert_eq!(code(links.reset_for(&Ctx::operator(), ann.id, None).await), ErrorCode::AccountDisabled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_after_an_hour_and_with_its_account() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let links = services.mail_links();
    let ask = async || {
        links.sign_in(&Ctx::anonymous(), ann.email.clone(), flow()).await.unwrap();
        token(&test, "ann@example.com").await
    };
    let late = ask().await;
    test.clock.advance(TimeDelta::minutes(59));
    assert_eq!(links.find(&late).await.unwrap().deed, Deed::SignIn);
    test.clock.advance(TimeDelta::minutes(1));
    assert_eq!(code(links.find(&late).await), ErrorCode::BadCredentials);
    let disabled = ask().await;
    services.admin_users().disable(&Ctx::operator(), ann.id).await.unwrap();
    assert_eq!(code(links.finish_sign_in(&Ctx::anonymous(), &disabled).await), ErrorCode::AccountDisabled);
    services.admin_users().enable(&Ctx::operator(), ann.id).await.unwrap();
    assert_eq!(links.finish_sign_in(&Ctx::anonymous(), &disabled).await.unwrap().user.id, ann.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_gets_five_mails_an_hour_whether_or_not_somebody_has_it() {
    let test = TestServices::start().await;
    register(&test.services, new_user("ann@example.com")).await;
    let links = test.services.mail_links();
    test.clock.advance(TimeDelta::hours(1));
    for address in ["ann@example.com", "nobody@example.com"] {
        for _ in 0..5 {
            links.reset(&Ctx::anonymous(), email(address), flow()).await.unwrap();
        }
        let Err(Error::Problem(problem)) = links.reset(&Ctx::anonymous(), email(address), flow()).await else {
            panic!("a sixth mail");
        };
        assert_eq!((problem.code, problem.facts.as_slice()), (ErrorCode::TooManyAttempts, &[("retryAfter", 3600)][..]));
    }
    test.clock.advance(TimeDelta::hours(1));
    links.reset(&Ctx::anonymous(), email("ann@example.com"), flow()).await.unwrap();
}

/// Whoever asks for mails does not learn that somebody follows them.
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_counts_for_its_hour_whatever_becomes_of_its_link() {
    let test = TestServices::start().await;
    let ann = register(&test.services, new_user("ann@example.com")).await;
    let (links, nobody, new) = (test.services.mail_links(), Ctx::anonymous(), "new@example.com");
    test.clock.advance(TimeDelta::hours(1));
    for _ in 0..5 {
        links.register(&nobody, newcomer("ann@example.com"), flow()).await.unwrap();
        links.register(&nobody, newcomer(new), flow()).await.unwrap();
        links.sign_in(&nobody, ann.email.clone(), flow()).await.unwrap();
    }
    let sign_in = token(&test, "ann@example.com").await;
    for _ in 0..5 {
        links.reset(&nobody, ann.email.clone(), flow()).await.unwrap();
    }
    let reset = token(&test, "ann@example.com").await;
    let all_wait = async || {
        for sixth in [
            links.register(&nobody, newcomer("ann@example.com"), flow()).await,
            links.register(&nobody, newcomer(new), flow()).await,
            links.sign_in(&nobody, ann.email.clone(), flow()).await,
            links.reset(&nobody, ann.email.clone(), flow()).await,
        ] {
            assert_eq!(code(sixth), ErrorCode::TooManyAttempts);
        }
    };
    let registration = token(&test, new).await;
    links.finish_registration(&nobody, &registration, password(NEW)).await.unwrap();
    links.finish_sign_in(&nobody, &sign_in).await.unwrap();
    all_wait().await;
    links.finish_reset(&nobody, &reset, password(NEW)).await.unwrap();
    all_wait().await;
    test.services.admin_users().delete(&Ctx::operator(), ann.id).await.unwrap();
    test.services.purge().await.unwrap();
    all_wait().await;
    for link in [registration, sign_in, reset] {
        assert_eq!(code(links.find(&link).await), ErrorCode::BadCredentials);
    }
    test.clock.advance(TimeDelta::hours(1));
    links.register(&nobody, newcomer("ann@example.com"), flow()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_registers_with_another_s_address_keeps_no_link_from_its_owner() {
    let test = TestServices::start().await;
    register(&test.services, new_user("ann@example.com")).await;
    let (links, nobody) = (test.services.mail_links(), Ctx::anonymous());
    test.clock.advance(TimeDelta::hours(1));
    // The same for an address that nobody has.
    for address in ["ann@example.com", "nobody@example.com"] {
        for _ in 0..5 {
            links.register(&nobody, newcomer(address), flow()).await.unwrap();
        }
        let sixth = links.register(&nobody, newcomer(address), flow()).await;
        assert_eq!(code(sixth), ErrorCode::TooManyAttempts);
        links.sign_in(&nobody, email(address), flow()).await.unwrap();
        links.reset(&nobody, email(address), flow()).await.unwrap();
    }
    let link = token(&test, "ann@example.com").await;
    assert_eq!(links.find(&link).await.unwrap().deed, Deed::Reset);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_an_account_did_not_use_before_is_told_to_its_owner() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let agent = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/150.0";
    let ctx = Ctx { address: Some("192.0.2.7".into()), user_agent: Some(agent.into()), ..Ctx::anonymous() };
    let devices = services.devices();
    let remembering = |marks: &str| Ctx { device: Some(Secret::new(marks)), ..ctx.clone() };
    let first = devices.meet(&ctx, &ann, None).await.unwrap();
    assert_eq!(subjects(services, &ann.email).await, Vec::<String>::new(), "an account's first steps are its own");
    test.clock.advance(TimeDelta::hours(1));
    assert_eq!(devices.meet(&remembering(&first), &ann, None).await.unwrap(), first);
    assert_eq!(subjects(services, &ann.email).await, Vec::<String>::new());
    for unknown in [ctx.clone(), remembering(""), remembering("forged.AAAAAAAAAAAAAAAA")] {
        let marks = devices.meet(&unknown, &ann, None).await.unwrap();
        assert!(marks.starts_with(&first), "{marks}");
    }
    let mails = services.mails().latest(&Ctx::operator()).await.unwrap();
    let mails: Vec<_> = mails.into_iter().filter(|own| own.kind == "new_sign_in").collect();
    assert_eq!(mails.len(), 3);
    let plain = &mails[0].mail.plain;
    assert!(
        plain.contains("Firefox · Linux") && plain.contains("192.0.2.7") && plain.contains("/forgot-password"),
        "{plain}"
    );
    let many = (0..9).map(|n| format!("mark{n}")).collect::<Vec<_>>().join(".");
    let marks = devices.meet(&remembering(&format!("{many}.{first}")), &ann, None).await.unwrap();
    assert_eq!(marks.split('.').count(), 5, "{marks}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_new_password_every_browser_is_a_new_one() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let devices = services.devices();
    let mark = devices.meet(&Ctx::anonymous(), &ann, None).await.unwrap();
    let remembering = Ctx { device: Some(Secret::new(mark.as_str())), ..Ctx::anonymous() };
    test.clock.advance(TimeDelta::hours(2));
    // The same password at a higher cost is none.
    let dearer = Settings { hashing_passes: 3, ..services.settings.clone() };
    test.node_with(dearer).await.users().authenticate(&Ctx::anonymous(), "ann@example.com", RIGHT).await.unwrap();
    assert_eq!(devices.meet(&remembering, &ann, None).await.unwrap(), mark);
    let told = async || {
        let mails = services.mails().latest(&Ctx::operator()).await.unwrap();
        mails.iter().filter(|own| own.kind == "new_sign_in").count()
    };
    assert_eq!(told().await, 0);
    services.mail_links().reset(&Ctx::anonymous(), ann.email.clone(), flow()).await.unwrap();
    let link = token(&test, "ann@example.com").await;
    services.mail_links().finish_reset(&Ctx::anonymous(), &link, password(NEW)).await.unwrap();
    // Whoever kept the mark is told of, once.
    let marks = devices.meet(&remembering, &ann, None).await.unwrap();
    assert_eq!(told().await, 1);
    assert!(!marks.starts_with(&mark), "{marks}");
    let remembering = Ctx { device: Some(Secret::new(marks.as_str())), ..Ctx::anonymous() };
    assert_eq!(devices.meet(&remembering, &ann, None).await.unwrap(), marks);
    assert_eq!(told().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_who_ask_at_once_five_get_a_mail() {
    let test = TestServices::start().await;
    register(&test.services, new_user("ann@example.com")).await;
    test.clock.advance(TimeDelta::hours(1));
    let links = test.services.mail_links();
    let anonymous = Ctx::anonymous();
    let asked = (0..50).map(|_| links.reset(&anonymous, email("ann@example.com"), flow()));
    let sent = futures::future::join_all(asked).await.into_iter().filter(Result::is_ok).count();
    assert_eq!(sent, 5);
}

/// Each ends the other: one arrives, and the other learns that its link is used up.
#[tokio::test(flavor = "multi_thread")]
async fn two_links_at_once_do_not_wait_for_each_other() {
    let test = TestServices::start().await;
    register(&test.services, new_user("ann@example.com")).await;
    let (links, anonymous) = (test.services.mail_links(), Ctx::anonymous());
    for address in ["ann@example.com", "new@example.com"] {
        for _ in 0..5 {
            test.clock.advance(TimeDelta::hours(1));
            let mut tokens = Vec::new();
            for _ in 0..4 {
                match address {
                    "ann@example.com" => links.reset(&anonymous, email(address), flow()).await.unwrap(),
                    _ => links.register(&anonymous, newcomer(address), flow()).await.unwrap(),
                }
                tokens.push(token(&test, address).await);
            }
            let follow = async |token: &str| match address {
                "ann@example.com" => links.finish_reset(&anonymous, token, password(NEW)).await,
                _ => links.finish_registration(&anonymous, token, password(NEW)).await,
            };
            let arrived = futures::future::join_all(tokens.iter().map(|token| follow(token))).await;
            let (won, lost): (Vec<_>, Vec<_>) = arrived.into_iter().partition(Result::is_ok);
            assert_eq!(won.len(), 1, "{address}");
            for refused in lost {
                assert!([ErrorCode::BadCredentials, ErrorCode::UserInvalid].contains(&code(refused)), "{address}");
            }
            if address == "new@example.com" {
                let made = test.services.users().find_by_email(&email(address)).await.unwrap().unwrap();
                test.services.admin_users().delete(&Ctx::operator(), made.id).await.unwrap();
            }
        }
    }
}
