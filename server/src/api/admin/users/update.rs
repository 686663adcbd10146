use axum::{Json, extract::State};
use domain::{
    Locale,
    id::UserId,
    identity::{email::Email, profile::Profile, user::GlobalRole},
    text::Name,
};
use serde::Deserialize;
use service::{Services, identity::admin_users::UserPatch};
use utoipa::ToSchema;

use super::view::{UserBody, UserView};
use crate::{
    api::admin::door::Superadmin,
    http::{
        body::{Body, nullable, present},
        error::ApiResult,
        params::Id,
    },
};

/// A partial change of a user. Whatever is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserPatchInput {
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, format = Email)]
    email: Option<Email>,
    /// Where it is left out, another address is an unverified one.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    email_verified: Option<bool>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    name: Option<Option<Name>>,
    /// `user`, `admin` or `superadmin`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, pattern = "^(user|admin|superadmin)$")]
    role: Option<GlobalRole>,
    /// `en` or `id`.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    locale: Option<Option<Locale>>,
    /// Replaces the whole profile; its fields are those of a new user.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Object, required = false)]
    profile: Option<Profile>,
}

/// Change a user
///
/// Superadmins only.
#[utoipa::path(
    patch, path = "/api/admin/users/{userId}", tag = "Users", operation_id = "updateUser",
    params(("userId" = Uuid, Path)),
    request_body = UserPatchInput,
    responses(
        (status = 200, body = UserBody),
        (status = 400, description = "`USR_002` the last superadmin, `USR_003` the address is taken"),
        (status = 404, description = "`USR_001` no such user"),
    ),
)]
pub async fn update(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(user): Id<UserId>,
    Body(input): Body<UserPatchInput>,
) -> ApiResult<Json<UserBody>> {
    let patch = UserPatch {
        email: input.email,
        email_verified: input.email_verified,
        name: input.name,
        role: input.role,
        locale: input.locale,
        profile: input.profile,
    };
    let user = services.admin_users().update(&ctx, user, patch).await?;
    Ok(Json(UserBody { user: UserView::from(&user) }))
}
