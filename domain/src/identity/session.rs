//! A signed-in browser.

use serde::{Deserialize, Serialize};

use super::{proof::Proofs, user::User};
use crate::{Timestamp, id::SessionId};

/// A live session and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    pub user: User,
    /// When they last signed in here, in whichever way.
    pub signed_in_at: Timestamp,
    /// When the user last proved who they are: `auth_time`. Earlier than the sign-in where another server vouches for them.
    pub authenticated_at: Timestamp,
    /// What they proved.
    #[serde(default)]
    pub proofs: Proofs,
    pub expires_at: Timestamp,
}
