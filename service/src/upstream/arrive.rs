//! Coming back from a provider.

use std::sync::Arc;

use domain::{
    ErrorCode, Timestamp,
    id::ApplicationId,
    identity::{
        email::Email,
        profile::Profile,
        upstream::{Address, Facts, SignInMethod, Verdict},
        user::{GlobalRole, User},
    },
    route::ReturnTo,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{
    Person, Upstreams,
    client::{client, redeem},
    depart::{self, Intent, Kept},
    discovery::Source,
    identities::{self, NewIdentity},
    link::lost,
    methods::MethodEntry,
};
use crate::{
    Ctx, Error, Result,
    crypto::Purpose,
    directory::ApplicationEntry,
    entity::{upstream_states, users},
    identity::{
        mail_links::{Newcomer, Origin},
        sessions::user,
        users::{self as people, UserRow},
    },
    security_log::{Event, Reason},
    tx::Tx,
};

/// Whoever else signs in at the very same moment is met again so often.
const TRIES: usize = 3;

/// What a browser brings back.
#[derive(Clone, Default)]
pub struct Back {
    /// The slugs of the address that it came back to.
    pub application: String,
    pub method: String,
    pub state: String,
    pub code: Option<String>,
    pub error: Option<String>,
    /// Who answers (RFC 9207).
    pub iss: Option<String>,
    /// What its cookie says.
    pub browser: Option<String>,
}

/// A browser that is back with what it set out with. Nothing has come of it yet.
pub struct Arrival {
    pub application: Arc<ApplicationEntry>,
    method: Arc<MethodEntry>,
    kept: Kept,
    back: Back,
}

impl Arrival {
    /// Where its person goes on.
    pub const fn to(&self) -> &ReturnTo {
        &self.kept.to
    }
}

/// Somebody who came back, and where they go on.
#[derive(Debug)]
pub struct Returned {
    pub application: Arc<ApplicationEntry>,
    pub method: Arc<MethodEntry>,
    pub to: ReturnTo,
    pub outcome: Outcome,
}

/// What became of the journey.
#[derive(Debug)]
pub enum Outcome {
    /// Somebody is signed in, and has proved who they are at `since`.
    SignedIn {
        user: Box<User>,
        since: Timestamp,
    },
    /// The address has an account, which is to be proved first: the way to where both are then linked.
    Prove(ReturnTo),
    /// A mail went to the address.
    MailSent(Email),
    /// The provider's account is linked to the person's own.
    Linked,
    Failed(Failure),
}

/// Why somebody who came back is no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// They said no, or the provider did.
    Denied,
    /// The provider does not answer.
    Unavailable,
    /// What it answers cannot be believed; why, for the log.
    Untrusted(&'static str),
    /// It gives no address, without which there is no account.
    NoAddress,
    /// Nobody is known by this sign-in, and the application lets nobody register.
    Closed,
    /// The provider's account is linked to another account here.
    SomebodyElses,
    /// What they are on the way to needs a recent sign-in, which the provider's word does not prove.
    NotRecent,
    /// The account is an admin's, and the server does not vouch for the provider.
    NotVouchedFor,
    /// A use case refused: the account is disabled, or there were too many mails.
    Refused(ErrorCode),
}

impl Failure {
    /// How the security log calls it. `None` for what is no failed attempt: they may have changed their mind, or go on
    /// in another way.
    const fn reason(self) -> Option<Reason> {
        match self {
            Self::Denied | Self::Unavailable | Self::NotRecent => None,
            Self::Untrusted(_) => Some(Reason::ProviderUntrusted),
            Self::Refused(ErrorCode::AccountDisabled) => Some(Reason::AccountDisabled),
            Self::Refused(ErrorCode::TooManyAttempts) => Some(Reason::TooManyAttempts),
            Self::NoAddress | Self::Closed | Self::SomebodyElses | Self::NotVouchedFor | Self::Refused(_) => {
                Some(Reason::NotAdmitted)
            }
        }
    }
}

impl Upstreams<'_> {
    /// Takes what a browser brings back. Of several who bring the same, one gets further.
    ///
    /// # Errors
    /// `AUTH_001` for what nobody set out with: another browser's, used already, or too old.
    pub async fn recognize(&self, back: Back) -> Result<Arrival> {
        let kept = self.take(&back).await?;
        let application = self.0.directory().application(kept.application).cloned().ok_or_else(lost)?;
        let method = application.sign_in_method(&back.method).cloned().ok_or_else(lost)?;
        // An answer at another method's address was not meant for this one.
        if method.method.id != kept.method || application.application.slug.as_str() != back.application {
            return Err(lost().into());
        }
        Ok(Arrival { application, method, kept, back })
    }

    /// Lets somebody in, or links their account, by what the provider says. What they get speaks the language of `ctx`.
    ///
    /// # Errors
    /// `AUTH_001` where an account is to be linked and its owner is not signed in any more.
    pub async fn arrive(&self, ctx: &Ctx, arrival: Arrival) -> Result<Returned> {
        let Arrival { application, method, kept, back } = arrival;
        let outcome = match self.identify(&application, &method, &kept, &back).await {
            Ok(person) => self.receive(ctx, &application, &method, &kept, &back, person).await?,
            Err(failure) => Outcome::Failed(failure),
        };
        if let Outcome::Failed(Failure::Untrusted(why)) = &outcome {
            tracing::warn!(application = back.application, method = back.method, why, "a provider is not believed");
        }
        if let Outcome::Failed(failure) = &outcome
            && let Some(reason) = failure.reason()
        {
            let id = application.application.id;
            Event::AuthenticationFailed.by(ctx).application(id).because(reason).write();
        }
        Ok(Returned { application, method, to: kept.to, outcome })
    }

    async fn take(&self, back: &Back) -> Result<Kept> {
        let services = self.0;
        let hash = depart::hash(&back.state, back.browser.as_deref().ok_or_else(lost)?);
        let now = services.now().timestamp_millis();
        let row = services
            .db
            .write(move |db| {
                Box::pin(async move {
                    let found = upstream_states::Entity::find_by_id(hash.clone()).one(db).await?;
                    let gone = upstream_states::Entity::delete_by_id(hash).exec(db).await?;
                    Ok::<_, Error>(found.filter(|row| gone.rows_affected == 1 && row.expires_at > now))
                })
            })
            .await?;
        let plain = services.vault.open(Purpose::UpstreamState, &row.ok_or_else(lost)?.sealed).ok_or_else(lost)?;
        domain::stored::read_bytes(&plain).map_err(Error::internal)
    }

    /// Who came back, by what their provider says.
    async fn identify(
        &self,
        application: &ApplicationEntry,
        entry: &MethodEntry,
        kept: &Kept,
        back: &Back,
    ) -> Result<Person, Failure> {
        let services = self.0;
        let endpoints = services.discover(&entry.method).await.map_err(|_| Failure::Unavailable)?;
        if let Source::IdToken { names_itself, .. } = endpoints.source {
            let named = back.iss.as_deref();
            if named.is_some_and(|iss| iss != entry.method.issuer.as_str()) || (names_itself && named.is_none()) {
                return Err(Failure::Untrusted("another issuer answers"));
            }
        }
        if let Some(error) = back.error.as_deref() {
            return Err(match error {
                "access_denied" | "login_required" | "consent_required" | "interaction_required" => Failure::Denied,
                "server_error" | "temporarily_unavailable" => Failure::Unavailable,
                _ => Failure::Untrusted("the provider refuses the request"),
            });
        }
        let code = back.code.as_deref().ok_or(Failure::Untrusted("there is no code"))?;
        let redirect_uri = services.upstream_redirect_uri(application, entry.method.slug.as_str());
        let client = client(entry, &endpoints, redirect_uri).map_err(|_| Failure::Unavailable)?;
        let tokens = redeem(services, &client, code, &kept.verifier).await?;
        match &endpoints.source {
            Source::IdToken { keys, userinfo, .. } => {
                services.id_token_person(entry, (keys, userinfo.as_ref()), &tokens, &kept.nonce).await
            }
            Source::GitHub(api) => services.github_person(api, &tokens.access).await,
        }
    }

    async fn receive(
        &self,
        ctx: &Ctx,
        application: &Arc<ApplicationEntry>,
        entry: &MethodEntry,
        kept: &Kept,
        back: &Back,
        person: Person,
    ) -> Result<Outcome> {
        let said = person.authenticated_at;
        let guest = Guest {
            identity: NewIdentity {
                issuer: entry.method.issuer.to_string(),
                subject: person.subject.to_string(),
                email: person.email.clone(),
            },
            vouched: person.email_verified && entry.method.trust_email,
            method: entry.method.clone(),
            name: person.name,
            may_register: application.application.settings.allow_register,
            application: application.application.id,
        };
        let done = match kept.intent {
            Intent::Link(owner) => {
                self.0.identities().link(ctx, owner, &entry.method, guest.identity).await.map(|()| Outcome::Linked)
            }
            Intent::SignIn => match self.settle(ctx, &guest).await {
                Ok(Settled::SignedIn(user)) => self.since(kept, said, &user).await.map(|since| match since {
                    Some(since) => Outcome::SignedIn { user, since },
                    None => Outcome::Failed(Failure::NotRecent),
                }),
                Ok(Settled::Prove(email)) => self.0.seal_pending(kept, back, email, guest.identity).map(Outcome::Prove),
                Ok(Settled::Confirm(email)) => {
                    let to = self.0.seal_pending(kept, back, email.clone(), guest.identity)?;
                    let new = Newcomer { email: email.clone(), name: guest.name, locale: ctx.locale };
                    let origin = Origin { to, application: Some(application.application.id) };
                    let asked = self.0.mail_links().register(ctx, new, origin).await;
                    asked.map(|()| Outcome::MailSent(email))
                }
                Ok(Settled::Failed(failure)) => Ok(Outcome::Failed(failure)),
                Err(error) => Err(error),
            },
        };
        match done {
            Err(Error::Problem(problem)) => match problem.code {
                ErrorCode::UserInvalid => Ok(Outcome::Failed(Failure::SomebodyElses)),
                ErrorCode::InsufficientRights => Ok(Outcome::Failed(Failure::NotVouchedFor)),
                code @ (ErrorCode::AccountDisabled | ErrorCode::TooManyAttempts) => {
                    Ok(Outcome::Failed(Failure::Refused(code)))
                }
                _ => Err(problem.into()),
            },
            done => done,
        }
    }

    /// Follows the verdict. Whoever is overtaken by somebody with the same account or address looks again.
    async fn settle(&self, ctx: &Ctx, guest: &Guest) -> Result<Settled> {
        for _ in 1..TRIES {
            let guest = guest.clone();
            match self.0.transact(ctx, move |tx| Box::pin(async move { settle(&tx, guest).await })).await {
                Err(error) if error.code() == ErrorCode::UserInvalid => {}
                settled => return settled,
            }
        }
        let guest = guest.clone();
        self.0.transact(ctx, move |tx| Box::pin(async move { settle(&tx, guest).await })).await
    }
}

/// Somebody whom a provider named.
#[derive(Clone)]
struct Guest {
    identity: NewIdentity,
    /// Their address is theirs: the provider says so, and its word counts.
    vouched: bool,
    method: SignInMethod,
    name: Option<domain::text::Name>,
    may_register: bool,
    /// Where they sign in.
    application: ApplicationId,
}

enum Settled {
    SignedIn(Box<User>),
    Prove(Email),
    Confirm(Email),
    Failed(Failure),
}

async fn settle(tx: &Tx<'_>, guest: Guest) -> Result<Settled> {
    let email = guest.identity.email.clone();
    let address = match &email {
        None => Address::None,
        Some(email) if guest.vouched => {
            let row = users::Entity::find().filter(users::Column::Email.eq(email.as_str())).one(tx.db).await?;
            Address::Proven { account: row.map(|row| row.id.into()) }
        }
        Some(_) => Address::Unproven,
    };
    // Read after the account: whoever's first sign-in is written just now is seen with both or with neither.
    let linked = identities::find(tx.db, &guest.identity).await?;
    let facts =
        Facts { linked: linked.as_ref().map(|row| row.user_id.into()), address, may_register: guest.may_register };
    Ok(match (facts.verdict(), email) {
        (Verdict::SignIn(id), _) => {
            let row = users::Entity::find_by_id(id.get()).one(tx.db).await?;
            let user = user(row.ok_or(ErrorCode::UserNotFound)?)?;
            if user.disabled_at.is_some() {
                return Err(ErrorCode::AccountDisabled.into());
            }
            if !guest.method.admits(user.role) {
                return Ok(Settled::Failed(Failure::NotVouchedFor));
            }
            identities::used(tx, &guest.identity).await?;
            Settled::SignedIn(Box::new(user))
        }
        (Verdict::Prove(_), Some(email)) => Settled::Prove(email),
        (Verdict::Register, Some(email)) => {
            let user = User {
                id: tx.id(),
                email,
                email_verified: true,
                name: guest.name,
                role: GlobalRole::User,
                locale: tx.ctx.locale,
                disabled_at: None,
                created_at: tx.now,
                profile: Profile::default(),
                updated_at: tx.now,
                organization: None,
            };
            let row =
                UserRow { user, hash: None, identity: Some(guest.identity), application: Some(guest.application) };
            people::insert(tx.db, &tx.services, &tx.ctx, &row).await?;
            tx.services.end_links(tx.db, &row.user.email).await?;
            Settled::SignedIn(Box::new(row.user))
        }
        (Verdict::Confirm, Some(email)) => Settled::Confirm(email),
        (Verdict::NoAddress | Verdict::Prove(_) | Verdict::Register | Verdict::Confirm, _) => {
            Settled::Failed(Failure::NoAddress)
        }
        (Verdict::Closed, _) => Settled::Failed(Failure::Closed),
    })
}
