use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use domain::{
    Locale, Problem,
    identity::{
        profile::{Address, Birthdate, PhoneNumber, Profile, ZoneInfo},
        user,
    },
    oauth::scope::Scope,
    text::Name,
    theme::WebUrl,
};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use service::{Services, identity::account::ProfilePatch};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::door::{Editor, User};
use crate::{
    http::{
        body::{Body, Object, nullable, present},
        error::ApiResult,
    },
    state::AppState,
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(update))
}

/// What changes of what you say about yourself. Whatever is left out stays; null empties.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnProfileInput {
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    name: Option<Option<Name>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    given_name: Option<Option<Name>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    family_name: Option<Option<Name>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    middle_name: Option<Option<Name>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    nickname: Option<Option<Name>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    preferred_username: Option<Option<Name>>,
    /// A page about you: an http(s) URL.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 2048, example = "https://people.example/ann")]
    profile: Option<Option<WebUrl>>,
    /// A picture of you: an http(s) URL.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 2048, example = "https://people.example/ann.png")]
    picture: Option<Option<WebUrl>>,
    /// An http(s) URL.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 2048, example = "https://ann.example/")]
    website: Option<Option<WebUrl>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    gender: Option<Option<Name>>,
    /// Another number is not a verified one. By an access token only with the scope `phone`.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, pattern = r"^\+[0-9]{4,15}$", example = "+6281234567890")]
    phone_number: Option<Option<PhoneNumber>>,
    /// Takes the place of the whole address: `formatted`, `streetAddress`, `locality`, `region`, `postalCode`,
    /// `country`, each of 1 to 200 characters. By an access token only with the scope `address`.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Object>, example = json!({"streetAddress": "Jl. Braga 1", "locality": "Bandung"}))]
    address: Option<Option<Object<Address>>>,
    /// `YYYY-MM-DD`, with the year `0000` where only the day is known, or a year alone.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$", example = "1990-12-31")]
    birthdate: Option<Option<Birthdate>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, pattern = "^[A-Za-z0-9/_+-]{1,64}$", example = "Asia/Jakarta")]
    zoneinfo: Option<Option<ZoneInfo>>,
    /// `en` or `id`.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, pattern = "^(en|id)$")]
    locale: Option<Option<Locale>>,
    /// Refused: the address is how people sign in.
    #[serde(default, deserialize_with = "present")]
    #[schema(ignore)]
    email: Option<IgnoredAny>,
}

impl OwnProfileInput {
    /// # Errors
    /// `APP_001` on the field `email` when there is one; `AUTH_011` for a number by a token without the scope `phone`,
    /// and for an address by one without `address`.
    fn parse(self, by: &User) -> ApiResult<ProfilePatch> {
        if self.email.is_some() {
            return Err(Problem::field("email", "cannot be changed here").into());
        }
        if self.phone_number.is_some() {
            by.need(Scope::Phone)?;
        }
        if self.address.is_some() {
            by.need(Scope::Address)?;
        }
        Ok(ProfilePatch {
            name: self.name,
            given_name: self.given_name,
            family_name: self.family_name,
            middle_name: self.middle_name,
            nickname: self.nickname,
            preferred_username: self.preferred_username,
            profile: self.profile,
            picture: self.picture,
            website: self.website,
            gender: self.gender,
            birthdate: self.birthdate,
            zone_info: self.zoneinfo,
            phone_number: self.phone_number,
            address: self.address.map(|address| address.map(|Object(address)| address)),
            locale: self.locale,
        })
    }
}

/// You, as you are known here.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnUserView {
    /// `sub` of tokens.
    id: Uuid,
    /// Left out for an access token without the scope `email`, like `emailVerified`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "user@example.com")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
    name: Option<String>,
    /// `en` or `id`.
    locale: Option<&'static str>,
    /// What else is known, as it was set; for an access token the telephone number only with the scope `phone`, the
    /// address only with `address`.
    #[schema(value_type = Object)]
    profile: Profile,
    created_at: DateTime<Utc>,
}

impl OwnUserView {
    /// What `by` may see.
    fn new(user: user::User, by: &User) -> Self {
        let mut profile = user.profile;
        if !by.may(Scope::Phone) {
            (profile.phone_number, profile.phone_number_verified) = (None, false);
        }
        if !by.may(Scope::Address) {
            profile.address = None;
        }
        let sees_email = by.may(Scope::Email);
        Self {
            id: user.id.get(),
            email: sees_email.then(|| user.email.to_string()),
            email_verified: sees_email.then_some(user.email_verified),
            name: user.name.map(Into::into),
            locale: user.locale.map(Locale::tag),
            profile,
            created_at: user.created_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct OwnUserBody {
    pub user: OwnUserView,
}

/// Change your profile
///
/// An access token needs the scope `profile`, for the telephone number `phone` too, for the postal address `address`;
/// it is answered what its scopes let it see. The e-mail address is not changed here.
#[utoipa::path(
    patch, path = "/api/user/profile", tag = "Your account", operation_id = "updateOwnProfile",
    request_body = OwnProfileInput,
    responses((status = 200, body = OwnUserBody)),
)]
pub async fn update(
    State(services): State<Services>,
    Editor(by): Editor,
    Body(input): Body<OwnProfileInput>,
) -> ApiResult<Json<OwnUserBody>> {
    let user = services.account().patch(&by.ctx, input.parse(&by)?).await?;
    Ok(Json(OwnUserBody { user: OwnUserView::new(user, &by) }))
}
