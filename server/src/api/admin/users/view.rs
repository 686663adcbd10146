use chrono::{DateTime, Utc};
use domain::{
    Locale,
    identity::{profile::Profile, user::User},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A person, who signs in once for all applications.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserView {
    id: Uuid,
    #[schema(example = "user@example.com")]
    email: String,
    email_verified: bool,
    name: Option<String>,
    /// `user`, `admin` or `superadmin`.
    #[schema(example = "user")]
    role: &'static str,
    /// `en` or `id`.
    locale: Option<&'static str>,
    /// What else is known, as it was set.
    #[schema(value_type = Object)]
    profile: Profile,
    disabled: bool,
    disabled_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.get(),
            email: user.email.to_string(),
            email_verified: user.email_verified,
            name: user.name.as_ref().map(ToString::to_string),
            role: user.role.as_str(),
            locale: user.locale.map(Locale::tag),
            profile: user.profile.clone(),
            disabled: user.disabled_at.is_some(),
            disabled_at: user.disabled_at,
            created_at: user.created_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct UserBody {
    pub user: UserView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserList {
    pub users: Vec<UserView>,
    pub next_cursor: Option<String>,
}
