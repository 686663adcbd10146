use axum::{Json, extract::State, http::StatusCode};
use domain::{
    Locale,
    identity::{email::Email, profile::Profile, user::GlobalRole},
    text::Name,
};
use serde::Deserialize;
use service::{Services, identity::admin_users::AdminNewUser};
use utoipa::ToSchema;

use super::view::{UserBody, UserView};
use crate::{
    api::admin::door::Superadmin,
    http::{body::Body, error::ApiResult},
};

/// A new user, who has no password yet.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewUserInput {
    #[schema(value_type = String, format = Email, max_length = 254, example = "user@example.com")]
    email: Email,
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    name: Option<Name>,
    /// `user` (default), `admin` or `superadmin`.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^(user|admin|superadmin)$")]
    role: Option<GlobalRole>,
    #[serde(default)]
    email_verified: Option<bool>,
    /// `en` or `id`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    locale: Option<Locale>,
    /// What else is known: `givenName`, `familyName`, `middleName`, `nickname`, `preferredUsername`, `profile`,
    /// `picture`, `website`, `gender`, `birthdate`, `zoneinfo`, `phoneNumber`, `phoneNumberVerified`, and `address` with
    /// `formatted`, `streetAddress`, `locality`, `region`, `postalCode`, `country`.
    #[serde(default)]
    #[schema(value_type = Object, required = false)]
    profile: Profile,
}

/// Create a user
///
/// Without a password: no call sets another's. `reset-password` sends them the link to choose one. Superadmins only.
#[utoipa::path(
    post, path = "/api/admin/users", tag = "Users", operation_id = "createUser",
    request_body = NewUserInput,
    responses(
        (status = 201, body = UserBody),
        (status = 400, description = "`USR_003` the address is taken"),
    ),
)]
pub async fn create(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Body(input): Body<NewUserInput>,
) -> ApiResult<(StatusCode, Json<UserBody>)> {
    let new = AdminNewUser {
        email: input.email,
        name: input.name,
        role: input.role.unwrap_or_default(),
        email_verified: input.email_verified.unwrap_or_default(),
        locale: input.locale,
        profile: input.profile,
    };
    let user = services.admin_users().create(&ctx, new).await?;
    Ok((StatusCode::CREATED, Json(UserBody { user: UserView::from(&user) })))
}
