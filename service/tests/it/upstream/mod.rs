//! Signing in with other providers: who is signed in, made, or asked to prove an account.

mod arriving;
mod at_once;
mod believed;
mod linked;
mod methods;
mod put_out;

use std::sync::Arc;

use domain::{
    ErrorCode, Secret,
    billing::ledger::Action,
    id::ApplicationId,
    identity::{
        proof::Proof,
        upstream::{Issuer, NewMethod, UpstreamClientId, UpstreamKind},
        user::User,
    },
    page::PageRequest,
    route::ReturnTo,
    text::Name,
};
use service::{
    Ctx, Error, Services, Settings,
    audit::AuditFilter,
    catalog::Catalog,
    directory::ApplicationEntry,
    testing::{
        TestServices,
        provider::{CLIENT_ID, CLIENT_SECRET, Provider},
    },
    upstream::{Back, Departure, Failure, Intent, Outcome, Returned, methods::MethodEntry},
};

const CATALOG: &str = r#"
[[applications]]
slug = "acme"
name = "Acme"
allow_register = true

[[applications.sign_in_methods]]
kind = "oidc"
name = "Corp"
issuer = "ISSUER"
client_id = "turnpike-at-the-stand-in"
client_secret = "what-the-stand-in-gave-to-turnpike"
trust_email = true

[[applications.sign_in_methods]]
kind = "oidc"
slug = "doubted"
name = "Doubted"
issuer = "ISSUER"
client_id = "turnpike-at-the-stand-in"
client_secret = "what-the-stand-in-gave-to-turnpike"

[[applications]]
slug = "club"
name = "Club"
allow_register = false

[[applications.sign_in_methods]]
kind = "oidc"
name = "Corp"
issuer = "ISSUER"
client_id = "turnpike-at-the-stand-in"
client_secret = "what-the-stand-in-gave-to-turnpike"
trust_email = true
"#;

struct World {
    test: TestServices,
    provider: Provider,
}

/// A browser that has left for the provider.
struct Left {
    url: String,
    browser: Secret,
    application: &'static str,
    method: &'static str,
}

impl World {
    async fn start() -> Self {
        Self::start_with(TestServices::settings()).await
    }

    async fn start_with(settings: Settings) -> Self {
        let provider = Provider::start(TestServices::epoch().timestamp()).await;
        let world = Self { test: TestServices::start_with(settings).await, provider };
        world.apply(CATALOG).await;
        world
    }

    async fn apply(&self, catalog: &str) -> Vec<String> {
        let catalog = Catalog::parse(&catalog.replace("ISSUER", &self.provider.url()), "catalog.toml");
        let catalog = catalog.unwrap_or_else(|e| panic!("{e}"));
        let changes = self.services().catalog().apply(&Ctx::operator(), catalog, false).await.unwrap();
        changes.list.iter().map(ToString::to_string).collect()
    }

    const fn services(&self) -> &Services {
        &self.test.services
    }

    fn application(&self, slug: &str) -> Arc<ApplicationEntry> {
        self.services().directory().by_slug(slug).cloned().unwrap()
    }

    fn departure(&self, application: &str, method: &str, intent: Intent) -> Departure {
        let entry = self.application(application);
        Departure {
            method: entry.sign_in_method(method).cloned().unwrap(),
            application: entry,
            intent,
            to: ReturnTo::Flow("abc".into()),
            login_hint: None,
            browser: None,
        }
    }

    async fn leave(&self, application: &'static str, method: &'static str, intent: Intent, ctx: &Ctx) -> Left {
        let departure = self.departure(application, method, intent);
        let left = self.services().upstreams().depart(ctx, departure).await.unwrap();
        Left { url: left.url, browser: left.browser, application, method }
    }

    /// What the browser brings back when its person says yes.
    fn approved(&self, left: &Left) -> Back {
        Self::approved_by(&self.provider, left)
    }

    fn approved_by(provider: &Provider, left: &Left) -> Back {
        let mut back = Back {
            application: left.application.into(),
            method: left.method.into(),
            browser: Some(left.browser.expose().into()),
            ..Back::default()
        };
        for (name, value) in provider.approve(&left.url) {
            match name.as_str() {
                "code" => back.code = Some(value),
                "iss" => back.iss = Some(value),
                _ => back.state = value,
            }
        }
        back
    }

    async fn arrive(&self, back: Back) -> Result<Returned, Error> {
        arrive(self.services(), &Ctx::anonymous(), back).await
    }

    /// There and back again.
    async fn visit(&self, application: &'static str, method: &'static str) -> Outcome {
        let left = self.leave(application, method, Intent::SignIn, &Ctx::anonymous()).await;
        let returned = self.arrive(self.approved(&left)).await.unwrap();
        assert_eq!(returned.to, ReturnTo::Flow("abc".into()));
        returned.outcome
    }

    /// There and back again with an account that waits for the proof of the one here: what waits, and in which browser.
    async fn unproved(&self) -> (String, String) {
        let left = self.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
        let returned = self.arrive(self.approved(&left)).await.unwrap();
        let Outcome::Prove(ReturnTo::Link { pending }) = returned.outcome else { panic!("{returned:?}") };
        (pending, left.browser.expose().to_owned())
    }

    /// The circumstances of somebody who has just signed in.
    async fn signed_in(&self, user: &User) -> Ctx {
        let (session, _) = self.services().sessions().start(&Ctx::anonymous(), user, Proof::Password).await.unwrap();
        Ctx { actor: domain::billing::ledger::Actor::User(user.id), session: Some(session), ..Ctx::anonymous() }
    }

    async fn actions(&self, action: Action) -> usize {
        let filter = AuditFilter { action: Some(action), ..AuditFilter::default() };
        let page = PageRequest::parse(None, Some("100")).unwrap();
        self.services().audit().list(&Ctx::operator(), filter, &page).await.unwrap().items.len()
    }
}

/// A browser comes back, to one of the nodes.
async fn arrive(services: &Services, ctx: &Ctx, back: Back) -> Result<Returned, Error> {
    let arrival = services.upstreams().recognize(back).await?;
    services.upstreams().arrive(ctx, arrival).await
}

fn signed_in(outcome: Outcome) -> User {
    match outcome {
        Outcome::SignedIn { user, .. } => *user,
        other => panic!("{other:?}"),
    }
}

fn failure(outcome: Outcome) -> Failure {
    match outcome {
        Outcome::Failed(failure) => failure,
        other => panic!("{other:?}"),
    }
}

fn code<T>(result: Result<T, Error>) -> ErrorCode {
    result.err().expect("refused").code()
}

/// An issuer of an admin's choice.
fn oidc(name: &str, issuer: &str) -> NewMethod {
    NewMethod {
        kind: UpstreamKind::Oidc,
        slug: None,
        name: Some(Name::parse(name).unwrap()),
        issuer: Some(Issuer::parse(issuer).unwrap()),
        client_id: UpstreamClientId::parse(CLIENT_ID).unwrap(),
        client_secret: Secret::new(CLIENT_SECRET),
        enabled: true,
        trust_email: None,
    }
}

fn method(world: &World, slug: &str) -> Arc<MethodEntry> {
    world.application("acme").sign_in_method(slug).cloned().unwrap()
}

/// Links the account that whoever is signed in has at a provider, Corp, which their application offers from now on.
pub async fn link(services: &Services, application: ApplicationId, ctx: &Ctx) {
    let provider = Provider::start(services.now().timestamp()).await;
    let methods = services.sign_in_methods();
    let method = methods.create(&Ctx::operator(), application, oidc("Corp", &provider.url())).await.unwrap();
    let entry = services.directory().application(application).cloned().unwrap();
    let departure = Departure {
        method: entry.sign_in_method(method.method.slug.as_str()).cloned().unwrap(),
        application: entry,
        intent: Intent::Link(ctx.session.as_ref().unwrap().user.id),
        to: ReturnTo::Flow("abc".into()),
        login_hint: None,
        browser: None,
    };
    let left = services.upstreams().depart(ctx, departure).await.unwrap();
    let left = Left { url: left.url, browser: left.browser, application: "acme", method: "corp" };
    let returned = arrive(services, ctx, World::approved_by(&provider, &left)).await.unwrap();
    assert!(matches!(returned.outcome, Outcome::Linked), "{returned:?}");
}
