//! A user as apps name them: `email` or `end_user_id`, one of the two.

use domain::{
    Problem,
    id::{ApplicationId, UserId},
    identity::email::Email,
};
use service::{Services, identity::memberships::UserRef};

use crate::http::error::ApiResult;

/// The user, if they are a member of the application.
///
/// # Errors
/// `APP_001` unless exactly one of the two is given; `USR_001` for a malformed id, an unknown user, and one of another
/// application alike.
pub async fn resolve(
    services: &Services,
    app: ApplicationId,
    email: Option<&str>,
    end_user_id: Option<&str>,
) -> ApiResult<UserId> {
    let user = match (email, end_user_id) {
        (Some(email), None) => UserRef::Email(Email::parse(email).map_err(|error| Problem::field("email", error))?),
        (None, Some(id)) => UserRef::Id(id.parse().map_err(|_| domain::ErrorCode::UserNotFound)?),
        _ => return Err(Problem::field("end_user_id", "give either email or end_user_id").into()),
    };
    Ok(services.memberships().resolve(app, &user).await?)
}
