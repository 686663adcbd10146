//! Second factors: no way to sign in passes them by, and each code works once.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Secret,
    billing::ledger::{Action, Actor},
    identity::{
        factor::{Factors as Held, RecoveryCode},
        proof::{Proof, Proofs},
        user::{GlobalRole, User},
    },
    page::PageRequest,
    route::ReturnTo,
};
use service::{
    Ctx, Error, Services, Settings,
    audit::AuditFilter,
    identity::{admin_users::UserPatch, factors::Welcome, mail_links::Origin},
    testing::{
        TestServices, authenticator,
        passkey::SoftPasskey,
        people::{mailed_token, register},
    },
};

use crate::people::{email, new_user, password};

const TO: ReturnTo = ReturnTo::Dashboard;

fn code<T>(result: Result<T, Error>) -> ErrorCode {
    result.err().expect("refused").code()
}

fn nobody() -> Ctx {
    Ctx { address: Some("192.0.2.1".into()), ..Ctx::anonymous() }
}

/// The circumstances of a browser with this session.
async fn with(services: &Services, token: &Secret) -> Ctx {
    let session = services.sessions().find(token.expose()).await.unwrap().expect("a session");
    Ctx { actor: Actor::User(session.user.id), session: Some(session), ..nobody() }
}

/// Ann, who has an authenticator app.
struct Ann {
    test: TestServices,
    user: User,
    key: String,
    recovery: Vec<RecoveryCode>,
    /// With a session that has proved both.
    ctx: Ctx,
}

impl Ann {
    async fn start() -> Self {
        Self::of(TestServices::start().await).await
    }

    async fn of(test: TestServices) -> Self {
        let services = &test.services;
        let user = register(services, new_user("ann@example.com")).await;
        let (_, token) = services.sessions().start(&nobody(), &user, Proof::Password).await.unwrap();
        let ctx = with(services, &token).await;
        let enrolment = services.factors().begin_totp(&ctx).await.unwrap();
        let first = authenticator::code(&enrolment.key, services.now());
        let confirmed = services.factors().confirm_totp(&ctx, &enrolment.sealed, &first).await.unwrap();
        let ctx = with(services, &confirmed.token).await;
        test.clock.advance(TimeDelta::minutes(1));
        Self { user, key: enrolment.key, recovery: confirmed.recovery_codes, ctx, test }
    }

    fn services(&self) -> &Services {
        &self.test.services
    }

    /// What her app shows now.
    fn shown(&self) -> String {
        authenticator::code(&self.key, self.services().now())
    }

    /// The first proof: it gives no session.
    async fn pending(&self, proof: Proof) -> Secret {
        match self.services().factors().welcome(&nobody(), &self.user, proof, &TO).await.unwrap() {
            Welcome::Factor(pending) => pending,
            Welcome::Session(_) => panic!("a session without a second factor"),
        }
    }

    async fn finish(&self, pending: &Secret, code: &str) -> Result<Proofs, Error> {
        let (user, token) = self.services().factors().finish(&nobody(), pending.expose(), &TO, code).await?;
        assert_eq!(user, self.user);
        Ok(with(self.services(), &token).await.session.unwrap().proofs)
    }

    async fn mails(&self) -> Vec<String> {
        let mails = self.services().mails().latest(&Ctx::operator()).await.unwrap();
        let own = mails.into_iter().filter(|own| own.kind == "security_changed" && own.mail.to == self.user.email);
        let mut subjects: Vec<_> = own.map(|own| own.mail.subject).collect();
        subjects.reverse();
        subjects
    }

    async fn logged(&self, action: Action) -> usize {
        let filter = AuditFilter { user: Some(self.user.id), action: Some(action), application: None };
        self.services().audit().list(&Ctx::operator(), filter, &PageRequest::default()).await.unwrap().items.len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_counts_from_its_first_code() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let (before, token) = services.sessions().start(&nobody(), &ann, Proof::Password).await.unwrap();
    let ctx = with(services, &token).await;
    let factors = services.factors();
    let enrolment = factors.begin_totp(&ctx).await.unwrap();
    assert!(enrolment.address.contains(&enrolment.key) && enrolment.address.contains("ann%40example.com"));
    for wrong in ["", "000", "abcdef"] {
        assert_eq!(code(factors.confirm_totp(&ctx, &enrolment.sealed, wrong).await), ErrorCode::InvalidInput);
    }
    assert!(!factors.of(ann.id).await.unwrap().any(), "a factor that does not work locks nobody out");
    let other = register(services, new_user("bob@example.com")).await;
    let (_, others) = services.sessions().start(&nobody(), &other, Proof::Password).await.unwrap();
    let others = with(services, &others).await;
    let right = authenticator::code(&enrolment.key, services.now());
    assert_eq!(code(factors.confirm_totp(&others, &enrolment.sealed, &right).await), ErrorCode::BadCredentials);
    assert_eq!(factors.resume_totp(&ctx, &enrolment.sealed).await.unwrap().key, enrolment.key);

    let confirmed = factors.confirm_totp(&ctx, &enrolment.sealed, &right).await.unwrap();
    assert_eq!(confirmed.recovery_codes.len(), 10);
    let raised = with(services, &confirmed.token).await.session.unwrap();
    assert_eq!((raised.id, raised.proofs), (before.id, Proofs::from(Proof::Password).and(Proof::Totp)));
    assert_eq!(services.sessions().find(token.expose()).await.unwrap(), None, "the token is another one");
    let held = factors.of(ann.id).await.unwrap();
    assert_eq!((held.totp, held.recovery_codes), (Some(services.now()), 10));
    let again = factors.confirm_totp(&with(services, &confirmed.token).await, &enrolment.sealed, &right).await;
    assert_eq!(code(again), ErrorCode::UserInvalid);
    // The first code was used up by setting the app up.
    let Welcome::Factor(pending) = factors.welcome(&nobody(), &ann, Proof::Password, &TO).await.unwrap() else {
        panic!("a session without a second factor");
    };
    assert_eq!(code(factors.finish(&nobody(), pending.expose(), &TO, &right).await), ErrorCode::BadCredentials);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_first_proof_is_enough() {
    let ann = Ann::start().await;
    for proof in [Proof::Password, Proof::Mail, Proof::Upstream] {
        let pending = ann.pending(proof).await;
        ann.test.clock.advance(TimeDelta::minutes(1));
        let proofs = ann.finish(&pending, &ann.shown()).await.unwrap();
        assert_eq!(proofs, Proofs::from(proof).and(Proof::Totp));
    }
    let passkey = ann.services().factors().welcome(&nobody(), &ann.user, Proof::Passkey, &TO).await.unwrap();
    assert!(matches!(passkey, Welcome::Session(_)), "a passkey is two factors at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_passes_no_factor_by() {
    let ann = Ann::start().await;
    let (services, links) = (ann.services(), ann.services().mail_links());
    let early = ann.pending(Proof::Password).await;
    let own = services.users().authenticate(&nobody(), "ann@example.com", "correct horse battery").await.unwrap();
    ann.test.clock.advance(TimeDelta::seconds(1));
    links.reset(&nobody(), ann.user.email.clone(), Origin { to: TO, application: None }).await.unwrap();
    let token = mailed_token(services, &ann.user.email).await.unwrap();
    let arrived = links.finish_reset(&nobody(), &token, password("another unrelated phrase")).await.unwrap();
    let welcome = services.factors().welcome_by_mail(&nobody(), &arrived).await.unwrap();
    let Welcome::Factor(pending) = welcome else { panic!("a reset gave a session") };
    assert_eq!(code(ann.finish(&early, &ann.shown()).await), ErrorCode::NoSession, "begun with the old password");
    let welcome = services.factors().welcome_by_password(&nobody(), &own, &TO).await.unwrap();
    let Welcome::Factor(late) = welcome else { panic!("a session without a second factor") };
    assert_eq!(code(ann.finish(&late, &ann.shown()).await), ErrorCode::NoSession, "proved by the old password");
    assert!(ann.finish(&pending, &ann.shown()).await.unwrap().is_multi_factor());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_waits_ends_and_leads_nowhere_else() {
    let ann = Ann::start().await;
    let factors = ann.services().factors();
    let pending = ann.pending(Proof::Password).await;
    let elsewhere = ReturnTo::Flow("abc".into());
    let shown = ann.shown();
    assert_eq!(code(factors.finish(&nobody(), pending.expose(), &elsewhere, &shown).await), ErrorCode::NoSession);
    assert_eq!(code(factors.finish(&nobody(), "bent", &TO, &shown).await), ErrorCode::NoSession);
    ann.services().admin_users().disable(&Ctx::operator(), ann.user.id).await.unwrap();
    assert_eq!(code(ann.finish(&pending, &shown).await), ErrorCode::AccountDisabled);
    ann.services().admin_users().enable(&Ctx::operator(), ann.user.id).await.unwrap();
    let roles = [GlobalRole::Admin, GlobalRole::User];
    for (role, waits) in roles.into_iter().zip([false, true]) {
        let patch = UserPatch { role: Some(role), ..UserPatch::default() };
        ann.services().admin_users().update(&Ctx::operator(), ann.user.id, patch).await.unwrap();
        assert_eq!(factors.pending(pending.expose(), &TO).await.is_ok(), waits, "{role:?}");
    }
    ann.test.clock.advance(TimeDelta::seconds(599));
    assert!(factors.pending(pending.expose(), &TO).await.is_ok());
    ann.test.clock.advance(TimeDelta::seconds(1));
    assert_eq!(code(ann.finish(&pending, &ann.shown()).await), ErrorCode::NoSession);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_use_a_code_at_once_one_gets_in() {
    // Everybody shares one network here: limits are another test's.
    let settings = Settings { limits: false, ..TestServices::settings() };
    let ann = Ann::of(TestServices::start_with(settings.clone()).await).await;
    let nodes = [ann.services().clone(), ann.test.node_with(settings).await];
    for text in [ann.shown(), ann.recovery[3].shown()] {
        let pending = ann.pending(Proof::Password).await;
        let tries: Vec<_> = (0..50)
            .map(|n| {
                let (services, pending, text) = (nodes[n % 2].clone(), pending.clone(), text.clone());
                tokio::spawn(async move { services.factors().finish(&nobody(), pending.expose(), &TO, &text).await })
            })
            .collect();
        let mut winners = 0;
        for attempt in tries {
            match attempt.await.unwrap() {
                Ok(_) => winners += 1,
                Err(error) => assert_eq!(error.code(), ErrorCode::BadCredentials, "{error:?}"),
            }
        }
        assert_eq!(winners, 1, "{text}");
    }
    assert_eq!(ann.services().factors().of(ann.user.id).await.unwrap().recovery_codes, 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_code_does_not_work_after_a_newer_one() {
    let ann = Ann::start().await;
    let older = ann.shown();
    ann.test.clock.advance(TimeDelta::seconds(30));
    let pending = ann.pending(Proof::Password).await;
    ann.finish(&pending, &ann.shown()).await.unwrap();
    assert_eq!(code(ann.finish(&pending, &older).await), ErrorCode::BadCredentials);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_signs_in_once_and_its_owner_is_told() {
    let ann = Ann::start().await;
    let pending = ann.pending(Proof::Password).await;
    let typed = ann.recovery[0].expose().to_lowercase();
    let proofs = ann.finish(&pending, &typed).await.unwrap();
    assert_eq!(proofs, Proofs::from(Proof::Password).and(Proof::RecoveryCode));
    assert_eq!(code(ann.finish(&pending, &typed).await), ErrorCode::BadCredentials);
    assert_eq!(ann.logged(Action::RecoveryCodeUsed).await, 1);
    let told = ann.mails().await;
    assert_eq!(
        told.last().unwrap(),
        "127.0.0.1: A recovery code signed in to your account".replace("127.0.0.1", "Turnpike").as_str()
    );
    let mails = ann.services().mails().latest(&Ctx::operator()).await.unwrap();
    assert!(mails.iter().any(|own| own.mail.plain.contains("Codes left: 9.")), "{mails:?}");
    // They are another user's nothing.
    let bob = register(ann.services(), new_user("bob@example.com")).await;
    let (_, token) = ann.services().sessions().start(&nobody(), &bob, Proof::Password).await.unwrap();
    let bob = with(ann.services(), &token).await;
    assert_eq!(code(ann.services().factors().step_up(&bob, ann.recovery[1].expose()).await), ErrorCode::BadCredentials);
    // New ones take their place.
    let fresh = ann.services().factors().new_recovery_codes(&ann.ctx).await.unwrap();
    assert_eq!(code(ann.finish(&pending, ann.recovery[1].expose()).await), ErrorCode::BadCredentials);
    ann.finish(&pending, fresh[1].expose()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_make_the_account_wait_and_no_other() {
    let ann = Ann::start().await;
    let pending = ann.pending(Proof::Password).await;
    let factors = ann.services().factors();
    for _ in 0..5 {
        assert_eq!(code(ann.finish(&pending, "000000").await), ErrorCode::BadCredentials);
    }
    let Err(Error::Problem(problem)) = factors.finish(&nobody(), pending.expose(), &TO, &ann.shown()).await else {
        panic!("a sixth attempt at once");
    };
    assert_eq!((problem.code, problem.facts.as_slice()), (ErrorCode::TooManyAttempts, &[("retryAfter", 1)][..]));
    // The password is another matter, and so is another network.
    let right = "correct horse battery";
    ann.services().users().authenticate(&nobody(), "ann@example.com", right).await.unwrap();
    assert_eq!(code(ann.finish(&pending, &ann.shown()).await), ErrorCode::TooManyAttempts, "it forgives no codes");
    let home = Ctx { address: Some("198.51.100.1".into()), ..Ctx::anonymous() };
    factors.finish(&home, pending.expose(), &TO, &ann.shown()).await.unwrap();
    ann.test.clock.advance(TimeDelta::seconds(30));
    ann.finish(&pending, &ann.shown()).await.unwrap();
}

/// Whoever has the password and guesses at the rest gives themselves away, once a day.
#[tokio::test(flavor = "multi_thread")]
async fn the_owner_is_told_that_somebody_has_the_password() {
    let ann = Ann::start().await;
    let told = async || {
        let mails = ann.services().mails().latest(&Ctx::operator()).await.unwrap();
        let known = mails.into_iter().filter(|own| own.kind == "password_known" && own.mail.to == ann.user.email);
        known.map(|own| own.mail).collect::<Vec<_>>()
    };
    let guess = async |pending: &Secret| {
        for _ in 0..5 {
            assert_eq!(code(ann.finish(pending, "000000").await), ErrorCode::BadCredentials);
        }
        assert_eq!(code(ann.finish(pending, "000000").await), ErrorCode::TooManyAttempts);
    };
    // Who came by a link in a mail has not shown that they know it.
    guess(&ann.pending(Proof::Mail).await).await;
    assert!(told().await.is_empty());
    ann.test.clock.advance(TimeDelta::hours(1));
    let pending = ann.pending(Proof::Password).await;
    guess(&pending).await;
    for _ in 0..3 {
        assert_eq!(code(ann.finish(&pending, &ann.shown()).await), ErrorCode::TooManyAttempts);
    }
    let mails = told().await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].subject.contains("Somebody signed in with your password"), "{}", mails[0].subject);
    for part in ["Nobody got in", "choose a new one at once", "192.0.2.1", "/forgot-password"] {
        assert!(mails[0].plain.contains(part), "{part}: {}", mails[0].plain);
    }
    // Later that day nothing, and a day later once more, in the owner's language.
    ann.test.clock.advance(TimeDelta::hours(23));
    guess(&ann.pending(Proof::Password).await).await;
    assert_eq!(told().await.len(), 1);
    ann.test.clock.advance(TimeDelta::minutes(61));
    ann.services().purge().await.unwrap();
    ann.test.execute("UPDATE users SET locale = 'id'").await;
    guess(&ann.pending(Proof::Password).await).await;
    let mails = told().await;
    assert_eq!(mails.len(), 2);
    assert!(mails[0].subject.contains("Seseorang masuk dengan kata sandi Anda"), "{}", mails[0].subject);
}

/// Who mistypes a code or two is told nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_few_wrong_codes_are_told_to_nobody() {
    let ann = Ann::start().await;
    let pending = ann.pending(Proof::Password).await;
    for _ in 0..4 {
        assert_eq!(code(ann.finish(&pending, "000000").await), ErrorCode::BadCredentials);
    }
    ann.finish(&pending, &ann.shown()).await.unwrap();
    let mails = ann.services().mails().latest(&Ctx::operator()).await.unwrap();
    assert!(mails.iter().all(|own| own.kind != "password_known"));
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_ask_for_a_recent_sign_in_with_what_there_is() {
    let ann = Ann::start().await;
    let (services, factors) = (ann.services(), ann.services().factors());
    assert_eq!(code(factors.remove_totp(&nobody()).await), ErrorCode::NoSession);
    // A session from before there was a factor is not enough.
    let (_, single) = services.sessions().start(&nobody(), &ann.user, Proof::Password).await.unwrap();
    let single = with(services, &single).await;
    assert_eq!(code(factors.remove_totp(&single).await), ErrorCode::MfaRequired);
    ann.test.clock.advance(TimeDelta::minutes(14));
    assert_eq!(code(factors.new_recovery_codes(&ann.ctx).await), ErrorCode::MfaRequired);
    let token = factors.step_up(&ann.ctx, &ann.shown()).await.unwrap();
    let fresh = with(services, &token).await;
    assert_eq!(
        fresh.session.as_ref().unwrap().id,
        ann.ctx.session.as_ref().unwrap().id,
        "clients see the same session"
    );
    assert_eq!(factors.new_recovery_codes(&fresh).await.unwrap().len(), 10);
    factors.remove_totp(&fresh).await.unwrap();
    factors.remove_totp(&fresh).await.unwrap();
    let held = factors.of(ann.user.id).await.unwrap();
    assert_eq!((held.any(), held.recovery_codes), (false, 0), "the codes go with the last factor");
    assert_eq!(ann.logged(Action::FactorRemoved).await, 1);
    assert_eq!(
        ann.mails().await,
        [
            "Turnpike: An authenticator app was added to your account",
            "Turnpike: Your account has new recovery codes",
            "Turnpike: The authenticator app was removed from your account",
        ]
    );
    let mails = services.mails().latest(&Ctx::operator()).await.unwrap();
    let first = mails.iter().find(|own| own.mail.subject.contains("app was added")).expect("the first factor");
    assert!(first.mail.plain.contains("ask who runs this server to take it away"), "{}", first.mail.plain);
    assert!(!first.mail.plain.contains("at once"), "a new password lets nobody past it: {}", first.mail.plain);
    let again = factors.welcome(&nobody(), &ann.user, Proof::Password, &TO).await.unwrap();
    assert!(matches!(again, Welcome::Session(_)));
    services.sessions().end(&nobody(), fresh.session.as_ref().unwrap().id).await.unwrap();
    ann.test.clock.advance(TimeDelta::minutes(15));
    assert_eq!(
        code(factors.begin_totp(&fresh).await),
        ErrorCode::NoSession,
        "without a factor the password is asked for"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_is_not_raised() {
    let ann = Ann::start().await;
    ann.services().sessions().end(&nobody(), ann.ctx.session.as_ref().unwrap().id).await.unwrap();
    assert_eq!(code(ann.services().factors().step_up(&ann.ctx, &ann.shown()).await), ErrorCode::NoSession);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superadmin_helps_who_has_lost_everything() {
    let ann = Ann::start().await;
    let (services, factors) = (ann.services(), ann.services().factors());
    assert_eq!(code(factors.reset(&ann.ctx, ann.user.id).await), ErrorCode::InsufficientRights);
    let (_, token) = services.sessions().start(&nobody(), &ann.user, Proof::Password).await.unwrap();
    factors.reset(&Ctx::operator(), ann.user.id).await.unwrap();
    factors.reset(&Ctx::operator(), ann.user.id).await.unwrap();
    assert!(!factors.of(ann.user.id).await.unwrap().any());
    assert_eq!(services.sessions().find(token.expose()).await.unwrap(), None);
    assert_eq!(ann.logged(Action::FactorsReset).await, 1);
    assert_eq!(ann.mails().await.last().unwrap(), "Turnpike: Your second factors were taken away");
    let again = factors.welcome(&nobody(), &ann.user, Proof::Password, &TO).await.unwrap();
    assert!(matches!(again, Welcome::Session(_)));
    services.admin_users().delete(&Ctx::operator(), ann.user.id).await.unwrap();
    assert_eq!(code(factors.reset(&Ctx::operator(), ann.user.id).await), ErrorCode::UserNotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_factor_ends_what_began_without_it() {
    // Nobody makes a passkey for an IP address.
    let test = TestServices::start_with(Settings::new("http://localhost:8080")).await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let begin = async || services.sessions().start(&nobody(), &ann, Proof::Password).await.unwrap().1;
    let lives = async |token: &Secret| services.sessions().find(token.expose()).await.unwrap().is_some();
    let add = async |ctx: &Ctx| {
        let challenge = services.factors().begin_passkey(ctx).await.unwrap();
        let (_, answer) = SoftPasskey::make(&challenge.options, &services.settings.issuer);
        services.factors().finish_passkey(ctx, &challenge.sealed, &answer).await.unwrap().token
    };
    let (own, elsewhere) = (begin().await, begin().await);
    let own = add(&with(services, &own).await).await;
    assert_eq!((lives(&own).await, lives(&elsewhere).await), (true, false));
    // What comes later ends nothing.
    let proofs = Proofs::from(Proof::Password).and(Proof::Passkey);
    let (_, second) = services.sessions().start(&nobody(), &ann, proofs).await.unwrap();
    let own = add(&with(services, &own).await).await;
    assert_eq!((lives(&own).await, lives(&second).await), (true, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_may_ask_for_a_second_factor() {
    let test = TestServices::start_with(Settings { dashboard_mfa: true, ..TestServices::settings() }).await;
    let services = &test.services;
    let operator = Ctx::operator();
    let users = services.users();
    let root = users
        .create_superadmin(&operator, email("root@example.com"), password("four unrelated plain words"), None)
        .await
        .unwrap();
    let (_, single) = services.sessions().start(&nobody(), &root, Proof::Password).await.unwrap();
    let single = with(services, &single).await;
    assert_eq!(code(users.admins(&single).await), ErrorCode::MfaRequired);
    assert_eq!(code(services.administered(&single).await), ErrorCode::MfaRequired);
    let proofs = Proofs::from(Proof::Password).and(Proof::Totp);
    let (_, both) = services.sessions().start(&nobody(), &root, proofs).await.unwrap();
    assert_eq!(users.admins(&with(services, &both).await).await.unwrap(), [root]);
    assert!(users.admins(&operator).await.is_ok(), "the command line has no session");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_new_sets_of_recovery_codes_at_once_the_last_one_counts() {
    let ann = Ann::start().await;
    let factors = ann.services().factors();
    let made = futures::future::join_all((0..12).map(|_| factors.new_recovery_codes(&ann.ctx))).await;
    assert!(made.iter().all(Result::is_ok));
    assert_eq!(factors.of(ann.user.id).await.unwrap().recovery_codes, 10);
    // With the factor they all go.
    let (codes, removed) = tokio::join!(factors.new_recovery_codes(&ann.ctx), factors.remove_totp(&ann.ctx));
    removed.unwrap();
    assert!(codes.is_ok() || code(codes) == ErrorCode::UserInvalid);
    assert_eq!(factors.of(ann.user.id).await.unwrap(), Held::default());
}
