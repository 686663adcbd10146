//! Passkeys: made, shown as a second factor or alone, each challenge answered once.

use domain::{
    ErrorCode, Secret,
    billing::ledger::Actor,
    identity::{
        profile::Profile,
        proof::{Proof, Proofs},
        user::{GlobalRole, User},
    },
    route::ReturnTo,
    text::Name,
};
use service::{
    Ctx, Error, Services, Settings,
    identity::{
        admin_users::AdminNewUser,
        factors::{Challenge, Shown, Welcome},
    },
    testing::{TestServices, passkey::SoftPasskey, people::register},
};

use crate::people::{email, new_user, password};

const ORIGIN: &str = "http://localhost:8080";
const TO: ReturnTo = ReturnTo::Dashboard;

fn code<T>(result: Result<T, Error>) -> ErrorCode {
    result.err().expect("refused").code()
}

fn nobody() -> Ctx {
    let agent = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/150.0";
    Ctx { user_agent: Some(agent.into()), ..Ctx::anonymous() }
}

async fn with(services: &Services, token: &Secret) -> Ctx {
    let session = services.sessions().find(token.expose()).await.unwrap().expect("a session");
    Ctx { actor: Actor::User(session.user.id), session: Some(session), ..nobody() }
}

async fn signed_in(services: &Services, address: &str) -> (User, Ctx) {
    let user = register(services, new_user(address)).await;
    let (_, token) = services.sessions().start(&nobody(), &user, Proof::Password).await.unwrap();
    let ctx = with(services, &token).await;
    (user, ctx)
}

/// Somebody who has no other way in than a link by mail.
async fn without_password(services: &Services, address: &str) -> (User, Ctx) {
    let new = AdminNewUser {
        email: email(address),
        name: None,
        role: GlobalRole::User,
        email_verified: true,
        locale: None,
        profile: Profile::default(),
    };
    let user = services.admin_users().create(&Ctx::operator(), new).await.unwrap();
    let (_, token) = services.sessions().start(&nobody(), &user, Proof::Mail).await.unwrap();
    let ctx = with(services, &token).await;
    (user, ctx)
}

/// A new passkey of whoever is signed in, and their session with its new token.
async fn made(services: &Services, ctx: &Ctx, origin: &str) -> (SoftPasskey, Ctx) {
    let challenge = services.factors().begin_passkey(ctx).await.unwrap();
    let (passkey, answer) = SoftPasskey::make(&challenge.options, origin);
    let made = services.factors().finish_passkey(ctx, &challenge.sealed, &answer).await.unwrap();
    (passkey, with(services, &made.token).await)
}

/// Ann, who has a passkey.
struct Ann {
    test: TestServices,
    user: User,
    passkey: SoftPasskey,
    ctx: Ctx,
}

impl Ann {
    async fn start() -> Self {
        let test = TestServices::start_with(Settings::new(ORIGIN)).await;
        let services = &test.services;
        let (user, ctx) = signed_in(services, "ann@example.com").await;
        let challenge = services.factors().begin_passkey(&ctx).await.unwrap();
        let (passkey, answer) = SoftPasskey::make(&challenge.options, ORIGIN);
        let made = services.factors().finish_passkey(&ctx, &challenge.sealed, &answer).await.unwrap();
        assert_eq!(made.recovery_codes.len(), 10);
        let ctx = with(services, &made.token).await;
        assert!(ctx.session.as_ref().unwrap().proofs.is_multi_factor());
        Self { user, passkey, ctx, test }
    }

    fn services(&self) -> &Services {
        &self.test.services
    }

    fn ask(&self) -> Challenge {
        self.services().factors().ask_any_passkey().unwrap().expect("a challenge")
    }

    async fn identify(&mut self) -> Result<User, Error> {
        let challenge = self.ask();
        let answer = self.passkey.show(&challenge.options);
        self.services().factors().identify(&nobody(), &challenge.sealed, &answer).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_alone_signs_in() {
    let mut ann = Ann::start().await;
    assert_eq!(ann.identify().await.unwrap(), ann.user);
    let factors = ann.services().factors();
    let welcome = factors.welcome(&nobody(), &ann.user, Proof::Passkey, &TO).await.unwrap();
    let Welcome::Session(token) = welcome else { panic!("a second factor beside a passkey") };
    let session = with(ann.services(), &token).await.session.unwrap();
    assert_eq!(session.proofs.amr(), ["pop", "mfa"]);
    let held = factors.of(ann.user.id).await.unwrap();
    assert_eq!(held.passkeys[0].name.as_str(), "Firefox · Linux");
    assert_eq!(held.passkeys[0].last_used, Some(ann.services().now()));
    ann.services().admin_users().disable(&Ctx::operator(), ann.user.id).await.unwrap();
    assert_eq!(code(ann.identify().await), ErrorCode::AccountDisabled);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_about_a_new_password_lists_them() {
    let ann = Ann::start().await;
    let old = new_user("ann@example.com").password;
    ann.services().account().change_password(&ann.ctx, old.expose(), password("an unrelated phrase")).await.unwrap();
    let mails = ann.services().mails().latest(&Ctx::operator()).await.unwrap();
    let mail = mails.into_iter().find(|own| own.kind == "password_changed").unwrap().mail;
    assert!(mail.plain.contains("Passkey: Firefox · Linux"), "{}", mail.plain);
}

#[tokio::test(flavor = "multi_thread")]
async fn to_make_one_is_no_sign_in() {
    let test = TestServices::start_with(Settings::new(ORIGIN)).await;
    let (_, before) = signed_in(&test.services, "ann@example.com").await;
    test.clock.advance(chrono::TimeDelta::minutes(1));
    let (mut passkey, after) = made(&test.services, &before, ORIGIN).await;
    let at = |ctx: &Ctx| ctx.session.as_ref().unwrap().authenticated_at;
    assert_eq!(at(&after), at(&before));
    // To show one is.
    let factors = test.services.factors();
    let user = &after.session.as_ref().unwrap().user;
    let challenge = factors.ask_passkey(user).await.unwrap().expect("a challenge");
    let answer = passkey.show(&challenge.options);
    let shown = Shown { sealed: &challenge.sealed, answer: &answer };
    let token = factors.step_up_with_passkey(&after, shown).await.unwrap();
    assert_eq!(at(&with(&test.services, &token).await), test.services.now());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_the_second_factor_of_a_password() {
    let mut ann = Ann::start().await;
    let Welcome::Factor(pending) =
        ann.services().factors().welcome(&nobody(), &ann.user, Proof::Password, &TO).await.unwrap()
    else {
        panic!("a session without a second factor");
    };
    let challenge = ann.services().factors().ask_passkey(&ann.user).await.unwrap().expect("a challenge");
    let answer = ann.passkey.show(&challenge.options);
    let shown = Shown { sealed: &challenge.sealed, answer: &answer };
    let factors = ann.services().factors();
    let (user, token) = factors.finish_with_passkey(&nobody(), pending.expose(), &TO, shown).await.unwrap();
    assert_eq!(user, ann.user);
    let session = with(ann.services(), &token).await.session.unwrap();
    assert_eq!(session.proofs, Proofs::from(Proof::Password).and(Proof::Passkey));
    let again = factors.finish_with_passkey(&nobody(), pending.expose(), &TO, shown).await;
    assert_eq!(code(again), ErrorCode::BadCredentials, "a challenge is answered once");
    let challenge = factors.ask_passkey(&ann.user).await.unwrap().unwrap();
    let answer = ann.passkey.show(&challenge.options);
    let shown = Shown { sealed: &challenge.sealed, answer: &answer };
    let token = ann.services().factors().step_up_with_passkey(&ann.ctx, shown).await.unwrap();
    assert_eq!(with(ann.services(), &token).await.session.unwrap().id, ann.ctx.session.as_ref().unwrap().id);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_send_an_answer_at_once_one_gets_in() {
    for counts in [true, false] {
        of_many_one_gets_in(counts).await;
    }
}

async fn of_many_one_gets_in(counts: bool) {
    let mut ann = Ann::start().await;
    ann.passkey.counts = counts;
    let nodes = [ann.services().clone(), ann.test.node_with(Settings::new(ORIGIN)).await];
    let challenge = ann.ask();
    let answer = ann.passkey.show(&challenge.options);
    let tries: Vec<_> = (0..50)
        .map(|n| {
            let (services, sealed, answer) = (nodes[n % 2].clone(), challenge.sealed.clone(), answer.clone());
            tokio::spawn(async move { services.factors().identify(&nobody(), &sealed, &answer).await })
        })
        .collect();
    let mut winners = 0;
    for attempt in tries {
        match attempt.await.unwrap() {
            Ok(_) => winners += 1,
            Err(error) => assert_eq!(error.code(), ErrorCode::BadCredentials, "{error:?}"),
        }
    }
    assert_eq!(winners, 1, "counts: {counts}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused() {
    let mut ann = Ann::start().await;
    // Its owner was not made sure of.
    ann.passkey.verifies = false;
    assert_eq!(code(ann.identify().await), ErrorCode::BadCredentials);
    ann.passkey.verifies = true;
    ann.identify().await.unwrap();
    // A copy that counts from before.
    ann.passkey.count = 0;
    assert_eq!(code(ann.identify().await), ErrorCode::BadCredentials);
    // A copy that answers what was asked before the other was used, too.
    let before = ann.services().factors().ask_passkey(&ann.user).await.unwrap().unwrap();
    assert!(before.options.contains("\"allowCredentials\":[{"), "{}", before.options);
    ann.passkey.count = 8;
    ann.identify().await.unwrap();
    ann.passkey.count = 5;
    let copied = ann.passkey.show(&before.options);
    let copied = Shown { sealed: &before.sealed, answer: &copied };
    let refused = ann.services().factors().step_up_with_passkey(&ann.ctx, copied).await;
    assert_eq!(code(refused), ErrorCode::BadCredentials);
    ann.passkey.count = 9;
    // Another challenge than was answered, a bent one, one that is too old, and nonsense.
    let (one, other) = (ann.ask(), ann.ask());
    let answer = ann.passkey.show(&one.options);
    let services = ann.services().clone();
    let identify = async |sealed: &str, answer: &str| {
        services.factors().identify(&nobody(), sealed, answer).await.map(|user| user.id)
    };
    assert_eq!(code(identify(&other.sealed, &answer).await), ErrorCode::BadCredentials);
    assert_eq!(code(identify("bent", &answer).await), ErrorCode::BadCredentials);
    for nonsense in ["", "{}", "[]", "null", "\u{0}"] {
        assert_eq!(code(identify(&ann.ask().sealed, nonsense).await), ErrorCode::BadCredentials, "{nonsense}");
    }
    // More than any browser has to say, though it begins as the right answer.
    let padded = |blanks: usize| format!("{answer}{}", " ".repeat(blanks));
    assert_eq!(code(identify(&one.sealed, &padded(16 * 1024)).await), ErrorCode::BadCredentials);
    assert_eq!(identify(&one.sealed, &padded(1024)).await.unwrap(), ann.user.id);
    let one = ann.ask();
    let answer = ann.passkey.show(&one.options);
    ann.test.clock.advance(chrono::TimeDelta::minutes(30));
    assert_eq!(code(identify(&one.sealed, &answer).await), ErrorCode::BadCredentials);
    // Somebody else's page does not make Ann's challenge theirs.
    let (bob, bobs) = signed_in(ann.services(), "bob@example.com").await;
    let factors = ann.services().factors();
    assert!(factors.ask_passkey(&bob).await.unwrap().is_none());
    let challenge = factors.ask_passkey(&ann.user).await.unwrap().unwrap();
    let answer = ann.passkey.show(&challenge.options);
    let shown = Shown { sealed: &challenge.sealed, answer: &answer };
    assert_eq!(code(ann.services().factors().step_up_with_passkey(&bobs, shown).await), ErrorCode::BadCredentials);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_made_for_this_site_and_this_user() {
    let ann = Ann::start().await;
    let factors = ann.services().factors();
    let challenge = factors.begin_passkey(&ann.ctx).await.unwrap();
    assert!(challenge.options.contains("\"residentKey\":\"required\""), "{}", challenge.options);
    assert!(challenge.options.contains("\"userVerification\":\"required\""), "{}", challenge.options);
    assert!(challenge.options.contains("\"attestation\":\"none\""), "{}", challenge.options);
    assert!(challenge.options.contains("\"excludeCredentials\":[{"), "{}", challenge.options);
    let (_, elsewhere) = SoftPasskey::make(&challenge.options, "http://evil.example:8080");
    let refused = factors.finish_passkey(&ann.ctx, &challenge.sealed, &elsewhere).await;
    assert_eq!(code(refused), ErrorCode::BadCredentials);
    let challenge = factors.begin_passkey(&ann.ctx).await.unwrap();
    let (_, answer) = SoftPasskey::make(&challenge.options, ORIGIN);
    let (_, bob) = signed_in(ann.services(), "bob@example.com").await;
    assert_eq!(code(factors.finish_passkey(&bob, &challenge.sealed, &answer).await), ErrorCode::BadCredentials);
    assert!(factors.finish_passkey(&ann.ctx, &challenge.sealed, &answer).await.unwrap().recovery_codes.is_empty());
    assert_eq!(code(factors.finish_passkey(&ann.ctx, &challenge.sealed, &answer).await), ErrorCode::BadCredentials);
    // A session that was left open adds nothing, renames nothing and takes nothing away.
    let id = factors.of(ann.user.id).await.unwrap().passkeys[0].id;
    ann.test.clock.advance(chrono::TimeDelta::minutes(15));
    assert_eq!(code(factors.begin_passkey(&ann.ctx).await), ErrorCode::MfaRequired);
    let name = Name::parse("Theirs").unwrap();
    assert_eq!(code(factors.rename_passkey(&ann.ctx, id, name).await), ErrorCode::MfaRequired);
    assert_eq!(code(factors.remove_passkey(&ann.ctx, id).await), ErrorCode::MfaRequired);
    // With the account they go.
    ann.services().admin_users().delete(&Ctx::operator(), ann.user.id).await.unwrap();
    assert_eq!(factors.of(ann.user.id).await.unwrap(), Default::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn its_owner_names_it_and_takes_it_away() {
    let mut ann = Ann::start().await;
    let (_, bob) = signed_in(ann.services(), "bob@example.com").await;
    let factors = ann.services().factors();
    let id = factors.of(ann.user.id).await.unwrap().passkeys[0].id;
    let name = |text| Name::parse(text).unwrap();
    factors.rename_passkey(&bob, id, name("Bob's")).await.unwrap();
    factors.remove_passkey(&bob, id).await.unwrap();
    factors.rename_passkey(&ann.ctx, id, name("Key ring")).await.unwrap();
    let held = factors.of(ann.user.id).await.unwrap();
    assert_eq!((held.passkeys[0].name.as_str(), held.recovery_codes), ("Key ring", 10));
    let copy = ann.services().account().export(&ann.ctx).await.unwrap();
    assert_eq!(copy["secondFactors"]["passkeys"][0]["name"], "Key ring");
    factors.remove_passkey(&ann.ctx, id).await.unwrap();
    factors.remove_passkey(&ann.ctx, id).await.unwrap();
    assert_eq!(factors.of(ann.user.id).await.unwrap(), Default::default());
    assert_eq!(code(ann.identify().await), ErrorCode::BadCredentials);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_way_in_stays() {
    let test = TestServices::start_with(Settings::new(ORIGIN)).await;
    let (services, factors) = (&test.services, test.services.factors());
    let (eve, mut ctx) = without_password(services, "eve@example.com").await;
    for _ in 0..2 {
        (_, ctx) = made(services, &ctx, ORIGIN).await;
    }
    let ids: Vec<_> = factors.of(eve.id).await.unwrap().passkeys.iter().map(|passkey| passkey.id).collect();
    let removals = ids.iter().map(|id| factors.remove_passkey(&ctx, *id));
    let done = futures::future::join_all(removals).await;
    let refused: Vec<_> = done.into_iter().filter_map(Result::err).map(|error| error.code()).collect();
    assert_eq!(refused, [ErrorCode::UserInvalid], "of two at once one is left");
    assert_eq!(factors.of(eve.id).await.unwrap().passkeys.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_of_another_host_is_no_way_in() {
    let moved_to = "http://moved.localhost:8080";
    let test = TestServices::start_with(Settings::new(ORIGIN)).await;
    let (services, moved) = (&test.services, test.node_with(Settings::new(moved_to)).await);
    let (eve, ctx) = without_password(services, "eve@example.com").await;
    let (mut old, ctx) = made(services, &ctx, ORIGIN).await;
    test.clock.advance(chrono::TimeDelta::seconds(1));
    let (_, ctx) = made(&moved, &ctx, moved_to).await;
    let ids: Vec<_> = moved.factors().of(eve.id).await.unwrap().passkeys.iter().map(|own| own.id).collect();
    assert_eq!(code(moved.factors().remove_passkey(&ctx, ids[1]).await), ErrorCode::UserInvalid);
    assert_eq!(code(services.factors().remove_passkey(&ctx, ids[0]).await), ErrorCode::UserInvalid);
    // Of one whose host was not kept, it is known once it is used.
    let forget = "UPDATE passkeys SET host = NULL";
    test.execute(forget).await;
    let challenge = services.factors().ask_any_passkey().unwrap().expect("a challenge");
    let answer = old.show(&challenge.options);
    assert_eq!(services.factors().identify(&nobody(), &challenge.sealed, &answer).await.unwrap(), eve);
    assert_eq!(code(moved.factors().remove_passkey(&ctx, ids[1]).await), ErrorCode::UserInvalid);
    moved.factors().remove_passkey(&ctx, ids[0]).await.unwrap();
    assert_eq!(code(moved.factors().remove_passkey(&ctx, ids[1]).await), ErrorCode::UserInvalid);
    // Until then it counts.
    let (_, ctx) = made(services, &ctx, ORIGIN).await;
    test.execute(forget).await;
    moved.factors().remove_passkey(&ctx, ids[1]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_name_has_no_passkeys() {
    let test = TestServices::start().await;
    let factors = test.services.factors();
    assert!(!factors.have_passkeys() && factors.ask_any_passkey().unwrap().is_none());
    let (user, ctx) = signed_in(&test.services, "ann@example.com").await;
    assert_eq!(code(factors.begin_passkey(&ctx).await), ErrorCode::InvalidInput);
    assert!(factors.ask_passkey(&user).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_remembered_while_it_counts() {
    let mut ann = Ann::start().await;
    // Else its counter gives the second use away.
    ann.passkey.counts = false;
    let challenge = ann.ask();
    let answer = ann.passkey.show(&challenge.options);
    let show = async || ann.services().factors().identify(&nobody(), &challenge.sealed, &answer).await;
    assert_eq!(show().await.unwrap(), ann.user);
    ann.test.clock.advance(chrono::TimeDelta::minutes(29));
    ann.services().purge().await.unwrap();
    assert_eq!(code(show().await), ErrorCode::BadCredentials);
}
