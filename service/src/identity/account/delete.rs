//! The user takes their account away.

use super::Account;
use crate::{Ctx, Result, identity::erase::erase};

impl Account<'_> {
    /// Deletes the account of a user who proves once more who they are: what they hold ends at once, also at the
    /// providers that bill it, and they can sign in nowhere any more. See [`erase`] for what stays.
    ///
    /// # Errors
    /// `AUTH_001` without a session; `AUTH_004` in one without the second factor that the user has; `AUTH_003` for a
    /// wrong password, and for an account without one; `AUTH_007` after too many of them; `USR_002` for the last superadmin.
    pub async fn delete(&self, ctx: &Ctx, password: &str) -> Result<()> {
        let user = self.prove(ctx, password).await?.user;
        self.0.transact(ctx, move |tx| Box::pin(async move { erase(&tx, user.id).await })).await
    }
}
