//! Devices that wait for somebody to allow them in a browser elsewhere (RFC 8628).

use std::sync::Arc;

use domain::{
    ErrorCode, Problem, Timestamp,
    application::PlanSelection,
    identity::{membership::Membership, proof::Proofs},
    oauth::{
        client::GrantType,
        device::{Decision, INTERVAL, LIFE, UserCode},
        error::{OAuthError, OAuthErrorCode},
        scope::{Scope, ScopeSet},
    },
    route,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Failure, PresentedCredentials};
use crate::{
    Ctx, Error, Result, Services,
    clock::at,
    crypto::{self, Purpose},
    directory::ClientEntry,
    entity::device_codes,
    identity::attempts::Network,
    ledger::Entry,
};

/// The answer to a device (RFC 8628, section 3.2).
#[derive(Serialize)]
pub struct DeviceAnswer {
    pub device_code: String,
    pub user_code: String,
    pub verification_uri: String,
    pub verification_uri_complete: String,
    /// Seconds.
    pub expires_in: i64,
    /// Seconds.
    pub interval: i64,
}

/// A device that somebody is about to allow.
#[derive(Clone, Debug)]
pub struct WaitingDevice {
    pub code: UserCode,
    pub client: Arc<ClientEntry>,
    pub scopes: ScopeSet,
    began_at: Timestamp,
}

impl WaitingDevice {
    /// Whether this member has to choose a plan first: never yet, or where the application always asks, not since the
    /// device began.
    fn lacks_plan(&self, membership: &Membership) -> bool {
        let application = &self.client.application;
        let always = application.application.settings.plan_selection == PlanSelection::Always;
        let lacks = membership.chosen_at.is_none_or(|chosen| always && chosen < self.began_at);
        lacks && application.selects_plans()
    }
}

/// What became of somebody's answer.
#[derive(Clone, Debug)]
pub enum Decided {
    /// The device is allowed or denied.
    Done(WaitingDevice),
    /// Nothing yet: they have to choose a plan first.
    SelectPlan,
}

/// Who allowed a device, when they had last proved who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AllowedBy {
    pub user: Uuid,
    pub session: Uuid,
    /// Milliseconds since the epoch, as the next one.
    #[serde(default)]
    pub allowed_at: i64,
    pub authenticated_at: i64,
    /// What their session had proved.
    #[serde(default)]
    pub proofs: Proofs,
}

/// See the module.
pub struct Devices<'a>(&'a Services);

impl Services {
    pub const fn device_codes(&self) -> Devices<'_> {
        Devices(self)
    }
}

impl Devices<'_> {
    /// Begins the request of a device.
    ///
    /// # Errors
    /// `invalid_client`; `unauthorized_client` unless the client may use this grant; `invalid_scope` where nothing
    /// remains of what it asks for; `invalid_target` for a resource that is none of its application's; `RATE_001` after
    /// too many of public clients from a network.
    pub async fn begin(
        &self,
        credentials: &PresentedCredentials<'_>,
        scope: Option<&str>,
        resource: Option<&str>,
    ) -> Result<DeviceAnswer, Failure> {
        let services = self.0;
        let client = services.client_auth().authenticate(credentials).await?;
        if !client.client.may(GrantType::DeviceCode) {
            let description = "this client may not use this grant type";
            return Err(OAuthError::new(OAuthErrorCode::UnauthorizedClient, description).into());
        }
        let scopes = scopes(&client, scope.unwrap_or_default())?;
        let settings = &client.application.application.settings;
        let resource = resource.map(|named| settings.resource(named)).transpose()?;
        services.pace_kept(&client, Network::of(credentials.address))?;
        let code = services.rng.secret("dc_");
        let user_code = UserCode::from_random(services.rng.bytes());
        let row = device_codes::ActiveModel {
            id: Set(services.id()),
            hash: Set(crypto::hash(code.expose())),
            user_code_hash: Set(services.user_code_hash(&user_code)),
            client_id: Set(client.client.id.get()),
            scopes: Set(scopes.to_string()),
            resource: Set(resource),
            decision: Set(json(&Decision::<AllowedBy>::Open)?),
            wait_seconds: Set(INTERVAL),
            asked_at: Set(None),
            expires_at: Set((services.now() + LIFE).timestamp_millis()),
        };
        services
            .db
            .write(move |db| {
                Box::pin(async move {
                    device_codes::Entity::insert(row).exec_without_returning(db).await?;
                    Ok::<_, DbErr>(())
                })
            })
            .await
            .map_err(Failure::unwritten)?;
        let verification_uri = format!("{}{}", services.settings.issuer, route::DEVICE);
        let shown = user_code.shown();
        Ok(DeviceAnswer {
            device_code: code.expose().to_owned(),
            verification_uri_complete: format!("{verification_uri}?{}={shown}", route::USER_CODE),
            user_code: shown,
            verification_uri,
            expires_in: LIFE.num_seconds(),
            interval: INTERVAL,
        })
    }

    /// The device that waits for a code. Only somebody who is signed in may look, and guess only so often.
    ///
    /// # Errors
    /// `AUTH_001` without a session; `AUTH_003` for a code that no device waits for; `AUTH_007` (fact `retryAfter`, in
    /// seconds) after too many of those.
    pub async fn find(&self, ctx: &Ctx, code: &UserCode) -> Result<WaitingDevice> {
        ctx.require_session()?;
        let services = self.0;
        let network = ctx.network();
        if services.settings.limits {
            services.attempts.guess(network, services.now())?;
        }
        let row = services.open_device(services.db.read(), code).await?;
        services.attempts.guessed(network);
        let client = services.directory().client_of_row(row.client_id.into()).cloned();
        let client = client.ok_or_else(unknown)?;
        let (scopes, began_at) = (ScopeSet::parse(&row.scopes), at(row.expires_at) - LIFE);
        Ok(WaitingDevice { code: code.clone(), client, scopes, began_at })
    }

    /// Whether somebody has to choose a plan before they can allow the device. Looking changes nothing: they become a
    /// member of the application by choosing, or by allowing.
    ///
    /// # Errors
    /// `AUTH_001` without a session; `APP_005` for somebody who has no access to the application.
    pub async fn must_select_plan(&self, ctx: &Ctx, device: &WaitingDevice) -> Result<bool> {
        let user = &ctx.require_session()?.user;
        if !device.client.application.selects_plans() {
            return Ok(false);
        }
        let found = self.0.memberships().admissible(user, device.client.client.application_id).await?;
        Ok(found.is_none_or(|membership| device.lacks_plan(&membership)))
    }

    /// A code as a row keeps it while its user is at checkout.
    ///
    /// # Errors
    /// When it cannot be sealed.
    pub fn seal(&self, code: &UserCode) -> Result<String> {
        self.0.vault.seal_value(Purpose::Device, code, &*self.0.rng)
    }

    /// The code of [`Self::seal`].
    ///
    /// # Errors
    /// `AUTH_003` for anything else.
    pub fn open(&self, sealed: &str) -> Result<UserCode> {
        self.0.vault.open_value(Purpose::Device, sealed).ok_or_else(unknown)
    }

    /// Allows or denies the device, once.
    ///
    /// # Errors
    /// As [`Self::find`]; `APP_005` for somebody who has no access to the application, and gets none by signing in;
    /// `AUTH_004` where the application asks for a second factor that the session has not proved.
    pub async fn decide(&self, ctx: &Ctx, code: &UserCode, allow: bool) -> Result<Decided> {
        let device = self.find(ctx, code).await?;
        let session = ctx.require_session()?.clone();
        let application = device.client.client.application_id;
        if allow {
            let memberships = self.0.memberships();
            memberships.admissible(&session.user, application).await?;
            // Nobody becomes a member by what is refused.
            if !device.client.application.application.settings.admits(&session.proofs) {
                return Err(ErrorCode::MfaRequired.into());
            }
            let membership = memberships.admit(ctx, &session.user, application).await?;
            if device.lacks_plan(&membership) {
                return Ok(Decided::SelectPlan);
            }
        }
        let decision = match allow {
            true => Decision::Allowed(AllowedBy {
                user: session.user.id.get(),
                session: session.id.get(),
                allowed_at: self.0.now().timestamp_millis(),
                authenticated_at: session.authenticated_at.timestamp_millis(),
                proofs: session.proofs.clone(),
            }),
            false => Decision::Denied,
        };
        let (decision, open, code) = (json(&decision)?, json(&Decision::<AllowedBy>::Open)?, code.clone());
        let client = device.client.client.id;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let row = tx.services.open_device(tx.db, &code).await?;
                    let decided = device_codes::Entity::update_many()
                        .col_expr(device_codes::Column::Decision, Expr::value(decision))
                        .filter(device_codes::Column::Id.eq(row.id))
                        .filter(device_codes::Column::Decision.eq(open))
                        .exec(tx.db)
                        .await?;
                    if decided.rows_affected == 0 {
                        return Err(unknown());
                    }
                    if allow {
                        let entry = Entry::new(domain::billing::ledger::Action::DeviceAllowed);
                        let entry = entry.application(application).user(session.user.id);
                        tx.log(entry.to(serde_json::json!({ "client": client }))).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(Decided::Done(device))
    }
}

impl Services {
    async fn open_device(&self, db: &impl ConnectionTrait, code: &UserCode) -> Result<device_codes::Model> {
        device_codes::Entity::find()
            .filter(device_codes::Column::UserCodeHash.eq(self.user_code_hash(code)))
            .filter(device_codes::Column::ExpiresAt.gt(self.now().timestamp_millis()))
            .filter(device_codes::Column::Decision.eq(json(&Decision::<AllowedBy>::Open)?))
            .one(db)
            .await?
            .ok_or_else(unknown)
    }

    /// A code of 34 bits would be found from its bare hash.
    fn user_code_hash(&self, code: &UserCode) -> Vec<u8> {
        self.vault.mac(&[b"user code", code.as_str().as_bytes()]).to_vec()
    }
}

/// What a client may have of the scopes that it asks for.
fn scopes(client: &ClientEntry, asked: &str) -> Result<ScopeSet, OAuthError> {
    let allowed = &client.application.application.settings.allowed_scopes;
    let asked = ScopeSet::parse(asked).intersection(allowed);
    let refreshes = client.client.may(GrantType::RefreshToken);
    let scopes: ScopeSet = asked.iter().filter(|scope| refreshes || *scope != Scope::OfflineAccess).collect();
    if scopes.is_empty() {
        return Err(OAuthError::new(OAuthErrorCode::InvalidScope, "scope names none that this client may have"));
    }
    Ok(scopes)
}

pub(super) fn json(decision: &Decision<AllowedBy>) -> Result<String> {
    serde_json::to_string(decision).map_err(Error::internal)
}

fn unknown() -> Error {
    Problem::new(ErrorCode::BadCredentials, "no device waits for this code").into()
}
