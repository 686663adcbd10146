use chrono::TimeDelta;
use domain::{
    ErrorCode, Secret,
    billing::ledger::Actor,
    identity::{profile::Profile, proof::Proof, user::GlobalRole},
    page::PageRequest,
    text::Name,
};
use service::{
    Ctx, Error, Services, Settings,
    catalog::Catalog,
    identity::admin_users::{AdminNewUser, UserPatch},
    testing::{TestServices, authenticator, people::register},
};

use crate::{
    people::{email, new_user, password, password_hash},
    shop::{Shop, operator},
};

fn from(address: &str) -> Ctx {
    Ctx { address: Some(address.into()), ..Ctx::anonymous() }
}

/// Where Ann has signed in, and the mark of her browser.
async fn at_home(services: &Services) -> (Ctx, String) {
    let (ann, home) = (register(services, new_user("ann@example.com")).await, from("198.51.100.1"));
    services.sessions().start(&home, &ann, Proof::Password).await.unwrap();
    let mark = services.devices().meet(&home, &ann, None).await.unwrap();
    (home, mark)
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorCode {
    result.expect_err("refused").code()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registered_user_signs_in() {
    let test = TestServices::start().await;
    let users = test.services.users();
    let ann = register(&test.services, new_user("Ann@Example.com")).await;
    assert_eq!((ann.role, ann.email_verified), (GlobalRole::User, true));
    let found = users.authenticate(&Ctx::anonymous(), " ann@EXAMPLE.com ", "correct horse battery").await.unwrap();
    assert_eq!((&found.user, found.password_set_at), (&ann, ann.created_at));
    assert_eq!(users.find(ann.id).await.unwrap(), Some(ann.clone()));
    assert_eq!(users.find_by_email(&email("ann@example.com")).await.unwrap(), Some(ann));
    for (address, text) in
        [("ann@example.com", "correct horse batterx"), ("bob@example.com", "correct horse battery"), ("nobody", "x")]
    {
        let refused = users.authenticate(&Ctx::anonymous(), address, text).await;
        assert_eq!(code(refused), ErrorCode::BadCredentials);
    }
}

/// Whoever sends megabytes keeps nobody busy, and holds up nobody either.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_for_a_password_is_no_attempt() {
    let test = TestServices::start().await;
    let users = test.services.users();
    register(&test.services, new_user("ann@example.com")).await;
    let (mallory, long) = (from("192.0.2.66"), "x".repeat(257));
    for _ in 0..20 {
        assert_eq!(code(users.authenticate(&mallory, "ann@example.com", &long).await), ErrorCode::BadCredentials);
    }
    users.authenticate(&mallory, "ann@example.com", "correct horse battery").await.expect("the first one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_password_counts_to_its_last_character() {
    let test = TestServices::start().await;
    let users = test.services.users();
    let start = "four unrelated plain words ".repeat(10);
    let of = |last: &str| format!("{}{last}", &start[..255]);
    let right = of("a");
    assert_eq!(right.len(), 256);
    users.create_superadmin(&Ctx::operator(), email("root@example.com"), password(&right), None).await.unwrap();
    for wrong in [of("b"), of(""), of("ab")] {
        let refused = users.authenticate(&Ctx::anonymous(), "root@example.com", &wrong).await;
        assert_eq!(code(refused), ErrorCode::BadCredentials);
    }
    users.authenticate(&Ctx::anonymous(), "root@example.com", &right).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_make_an_address_wait_but_nobody_else() {
    let test = TestServices::start().await;
    let users = test.services.users();
    register(&test.services, new_user("ann@example.com")).await;
    let mallory = from("192.0.2.66");
    for _ in 0..5 {
        assert_eq!(code(users.authenticate(&mallory, "ann@example.com", "wrong").await), ErrorCode::BadCredentials);
    }
    let Err(Error::Problem(problem)) = users.authenticate(&mallory, "ann@example.com", "correct horse battery").await
    else {
        panic!("a sixth attempt at once");
    };
    assert_eq!((problem.code, problem.facts.as_slice()), (ErrorCode::TooManyAttempts, &[("retryAfter", 1)][..]));
    users.authenticate(&from("198.51.100.1"), "ann@example.com", "correct horse battery").await.unwrap();
    test.clock.advance(TimeDelta::seconds(1));
    users.authenticate(&mallory, "ann@example.com", "correct horse battery").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_under_attack_stays_open_to_networks_it_knows() {
    let test = TestServices::start().await;
    let users = test.services.users();
    let ann = register(&test.services, new_user("ann@example.com")).await;
    test.services.sessions().start(&from("198.51.100.1"), &ann, Proof::Password).await.unwrap();
    for i in 0..50 {
        let attacker = from(&format!("203.0.113.{i}"));
        assert_eq!(code(users.authenticate(&attacker, "ann@example.com", "wrong").await), ErrorCode::BadCredentials);
    }
    let right = "correct horse battery";
    assert_eq!(
        code(users.authenticate(&from("203.0.113.200"), "ann@example.com", right).await),
        ErrorCode::TooManyAttempts
    );
    users.authenticate(&from("198.51.100.1"), "ann@example.com", right).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_under_attack_stays_open_to_browsers_it_knows() {
    let test = TestServices::start().await;
    let (services, users) = (&test.services, test.services.users());
    let ann = register(services, new_user("ann@example.com")).await;
    let eve = register(services, new_user("eve@example.com")).await;
    let mark = services.devices().meet(&Ctx::anonymous(), &ann, None).await.unwrap();
    let another = services.devices().meet(&Ctx::anonymous(), &eve, None).await.unwrap();
    for i in 0..50 {
        let attacker = from(&format!("203.0.113.{i}"));
        assert_eq!(code(users.authenticate(&attacker, "ann@example.com", "wrong").await), ErrorCode::BadCredentials);
    }
    let browser = |mark: &str| Ctx { device: Some(Secret::new(mark)), ..from("198.51.100.1") };
    let right = "correct horse battery";
    for stranger in [from("198.51.100.1"), browser("forged"), browser(&another)] {
        let refused = users.authenticate(&stranger, "ann@example.com", right).await;
        assert_eq!(code(refused), ErrorCode::TooManyAttempts);
    }
    users.authenticate(&browser(&mark), "ann@example.com", right).await.unwrap();
    // Whoever has stolen such a browser has no more tries than anybody else, wherever they go.
    for i in 0..5 {
        let thief = Ctx { device: Some(Secret::new(mark.as_str())), ..from(&format!("192.0.2.{i}")) };
        assert_eq!(code(users.authenticate(&thief, "ann@example.com", "wrong").await), ErrorCode::BadCredentials);
    }
    let sixth = users.authenticate(&browser(&mark), "ann@example.com", right).await;
    assert_eq!(code(sixth), ErrorCode::TooManyAttempts);
}

/// Whoever shares a network does not learn who has signed in from it.
#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_failed_too_often_waits_for_everybody_alike() {
    let test = TestServices::start().await;
    let (services, users) = (&test.services, test.services.users());
    let (home, mark) = at_home(services).await;
    for i in 0..50 {
        let guess = users.authenticate(&home, &format!("nobody{i}@example.com"), "wrong").await;
        assert_eq!(code(guess), ErrorCode::BadCredentials);
    }
    let answer = async |email: &str| match users.authenticate(&home, email, "wrong").await {
        Err(Error::Problem(problem)) => (problem.code, problem.facts),
        other => panic!("{other:?}"),
    };
    let known = answer("ann@example.com").await;
    assert_eq!(known.0, ErrorCode::TooManyAttempts);
    assert_eq!(known, answer("zoe@example.com").await);
    let browser = Ctx { device: Some(Secret::new(mark)), ..home.clone() };
    users.authenticate(&browser, "ann@example.com", "correct horse battery").await.unwrap();
}

/// What is read in place of somebody who is not there opens nothing.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_nobody_has_is_not_known_where_the_next_one_is() {
    let test = TestServices::start().await;
    let (services, users) = (&test.services, test.services.users());
    let (home, mark) = at_home(services).await;
    let browser = Ctx { device: Some(Secret::new(mark.as_str())), ..from("192.0.2.1") };
    // Before hers, hers, and behind the last one.
    for (email, own) in [("anm@example.com", false), ("ann@example.com", true), ("zoe@example.com", false)] {
        for i in 0..50 {
            let attacker = from(&format!("203.0.113.{i}"));
            assert_eq!(code(users.authenticate(&attacker, email, "wrong").await), ErrorCode::BadCredentials, "{email}");
        }
        let expected = if own { ErrorCode::BadCredentials } else { ErrorCode::TooManyAttempts };
        for ctx in [&home, &browser] {
            assert_eq!(code(users.authenticate(ctx, email, "wrong").await), expected, "{email}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_in_parallel_gains_nothing() {
    let test = TestServices::start().await;
    register(&test.services, new_user("ann@example.com")).await;
    let guesses = (0..20).map(|_| {
        let services = test.services.clone();
        tokio::spawn(
            async move { services.users().authenticate(&from("192.0.2.66"), "ann@example.com", "wrong").await },
        )
    });
    let (mut judged, mut refused) = (0, 0);
    for guess in guesses.collect::<Vec<_>>() {
        match code(guess.await.unwrap()) {
            ErrorCode::BadCredentials => judged += 1,
            ErrorCode::TooManyAttempts => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((judged, refused), (5, 15));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_of_another_cost_is_made_again_at_sign_in() {
    let test = TestServices::start().await;
    register(&test.services, new_user("ann@example.com")).await;
    let before = password_hash(&test).await;
    assert!(before.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{before}");
    let settings = Settings { hashing_memory: 32 * 1024, hashing_passes: 3, ..test.services.settings.clone() };
    let dearer = test.node_with(settings).await;
    let right = "correct horse battery";
    dearer.users().authenticate(&Ctx::anonymous(), "ann@example.com", right).await.unwrap();
    let after = password_hash(&test).await;
    assert!(after.starts_with("$argon2id$v=19$m=32768,t=3,p=1$"), "{after}");
    dearer.users().authenticate(&Ctx::anonymous(), "ann@example.com", right).await.unwrap();
    assert_eq!(password_hash(&test).await, after);
    test.services.users().authenticate(&Ctx::anonymous(), "ann@example.com", right).await.unwrap();
    assert!(password_hash(&test).await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_password_ends_all_sessions() {
    let test = TestServices::start().await;
    let users = test.services.users();
    let operator = Ctx::operator();
    let root = users
        .create_superadmin(&operator, email("root@example.com"), password("the first phrase"), None)
        .await
        .unwrap();
    let (_, token) = test.services.sessions().start(&Ctx::anonymous(), &root, Proof::Password).await.unwrap();
    users.reset_password(&operator, &email("root@example.com"), password("another phrase")).await.unwrap();
    assert_eq!(test.services.sessions().find(token.expose()).await.unwrap(), None);
    assert_eq!(
        code(users.authenticate(&Ctx::anonymous(), "root@example.com", "the first phrase").await),
        ErrorCode::BadCredentials
    );
    users.authenticate(&Ctx::anonymous(), "root@example.com", "another phrase").await.unwrap();
    assert_eq!(
        code(users.reset_password(&operator, &email("x@example.com"), password("another phrase")).await),
        ErrorCode::UserNotFound
    );
    assert_eq!(users.admins(&operator).await.unwrap(), [root]);
    assert_eq!(code(users.admins(&Ctx::anonymous()).await), ErrorCode::NoSession);
}

/// What was taken before addresses had one spelling is read, and can be changed.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_by_an_older_rule_is_read() {
    let test = TestServices::start().await;
    let ann = register(&test.services, new_user("ann@example.com")).await;
    test.execute("UPDATE users SET email = 'ann..ann@example.com', name = '\u{202e}'").await;
    let users = test.services.admin_users();
    let all = users.list(&Ctx::operator(), &PageRequest::parse(None, None).unwrap(), None).await.unwrap();
    assert_eq!((all.items[0].email.as_str(), &all.items[0].name), ("ann..ann@example.com", &None));
    test.services.mail_links().reset_for(&Ctx::operator(), ann.id, None).await.unwrap();
    let mails = test.services.mails().latest(&Ctx::operator()).await.unwrap();
    assert_eq!(mails[0].mail.to.as_str(), "ann..ann@example.com");
    let patch = UserPatch { email: Some(email("ann@example.com")), ..UserPatch::default() };
    assert_eq!(users.update(&Ctx::operator(), ann.id, patch).await.unwrap().email.as_str(), "ann@example.com");
}

/// A superadmin's session from before their factor looks after nobody's account.
#[tokio::test(flavor = "multi_thread")]
async fn a_superadmin_changes_accounts_with_their_own_factor() {
    let test = TestServices::start().await;
    let services = &test.services;
    let (operator, address) = (Ctx::operator(), email("root@example.com"));
    let root =
        services.users().create_superadmin(&operator, address, password("the first phrase"), None).await.unwrap();
    let signed_in = async || {
        let (session, _) = services.sessions().start(&Ctx::anonymous(), &root, Proof::Password).await.unwrap();
        Ctx { actor: Actor::User(root.id), session: Some(session), ..Ctx::anonymous() }
    };
    let own = signed_in().await;
    let app = services.factors().begin_totp(&own).await.unwrap();
    let shown = authenticator::code(&app.key, services.now());
    let token = services.factors().confirm_totp(&own, &app.sealed, &shown).await.unwrap().token;
    // One by a password alone, which no way to sign in gives any more.
    let before = signed_in().await;
    let patch = || UserPatch { email: Some(email("other@example.com")), ..UserPatch::default() };
    let new = AdminNewUser {
        email: email("second@example.com"),
        name: None,
        role: GlobalRole::Superadmin,
        email_verified: true,
        locale: None,
        profile: Profile::default(),
    };
    for refused in [
        services.admin_users().create(&before, new).await.map(|_| ()),
        services.api_keys().create(&before, Name::parse("Mine").unwrap()).await.map(|_| ()),
        services.admin_users().update(&before, root.id, patch()).await.map(|_| ()),
        services.admin_users().disable(&before, root.id).await.map(|_| ()),
        services.admin_users().delete(&before, root.id).await,
        services.factors().reset(&before, root.id).await,
    ] {
        assert_eq!(code(refused), ErrorCode::MfaRequired);
    }
    let session = services.sessions().find(token.expose()).await.unwrap();
    let own = Ctx { session, ..own };
    assert_eq!(
        services.admin_users().update(&own, root.id, patch()).await.unwrap().email.as_str(),
        "other@example.com"
    );
    // Nor does who finds the browser open later.
    test.clock.advance(TimeDelta::minutes(15));
    for late in [
        services.admin_users().update(&own, root.id, patch()).await.map(|_| ()),
        services.api_keys().create(&own, Name::parse("Mine").unwrap()).await.map(|_| ()),
        services.factors().reset(&own, root.id).await,
    ] {
        assert_eq!(code(late), ErrorCode::MfaRequired);
    }
    services.factors().reset(&operator, root.id).await.unwrap();
    let single = signed_in().await;
    test.clock.advance(TimeDelta::minutes(15));
    assert_eq!(code(services.admin_users().delete(&single, root.id).await), ErrorCode::NoSession);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_do_more_signs_in_anew() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let of = async |user| services.sessions().start(&Ctx::anonymous(), user, Proof::Password).await;
    let lives = async |token: &Secret| services.sessions().find(token.expose()).await.unwrap().is_some();
    let patch = |role| UserPatch { role: Some(role), ..UserPatch::default() };
    let (_, before) = of(&ann).await.unwrap();
    let raised = services.admin_users().update(&Ctx::operator(), ann.id, patch(GlobalRole::Admin)).await.unwrap();
    assert!(!lives(&before).await);
    assert_eq!(code(of(&ann).await), ErrorCode::NoSession, "proved before");
    let (_, admin) = of(&raised).await.unwrap();
    let same = UserPatch { email_verified: Some(false), ..patch(GlobalRole::Admin) };
    services.admin_users().update(&Ctx::operator(), ann.id, same).await.unwrap();
    assert!(lives(&admin).await);
    services.admin_users().update(&Ctx::operator(), ann.id, patch(GlobalRole::User)).await.unwrap();
    assert!(lives(&admin).await, "who may do less has lost that already");
    let catalog =
        "[[users]]\nemail = \"ann@example.com\"\npassword = \"correct horse battery\"\nrole = \"superadmin\"\n";
    let catalog = Catalog::parse(catalog, "catalog.toml").unwrap();
    services.catalog().apply(&Ctx::operator(), catalog, false).await.unwrap();
    assert!(!lives(&admin).await);
}

/// Whoever is gone joins nothing, also where somebody still had them in hand.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_is_gone_becomes_a_member() {
    let shop = Shop::open().await;
    let services = shop.services();
    let ann = register(services, new_user("ann@example.com")).await;
    services.admin_users().delete(&operator(), ann.id).await.unwrap();
    let memberships = services.memberships();
    let joined = memberships.admit(&Ctx::anonymous(), &ann, shop.application).await;
    assert_eq!(joined.unwrap_err().code(), ErrorCode::UserNotFound);
    let granted = memberships.grant(&operator(), shop.application, ann.id, None).await;
    assert_eq!(granted.unwrap_err().code(), ErrorCode::UserNotFound);
}
