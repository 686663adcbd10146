//! Sessions for tests, which need no page to sign in.

use domain::{
    Secret,
    identity::{proof::Proofs, session::Session, user::User},
};

use super::{Asked, Sessions};
use crate::{Ctx, Result, identity::proved::Proved};

impl Sessions<'_> {
    /// Starts a session as if its user had just proved who they are. It asks for no second factor: the server itself
    /// goes by [`crate::identity::factors::Factors::welcome`] and its siblings.
    ///
    /// # Errors
    /// `AUTH_001` for a user who is disabled.
    pub async fn start(&self, ctx: &Ctx, user: &User, proofs: impl Into<Proofs>) -> Result<(Session, Secret)> {
        let proved = Proved::of(self.0, user, proofs.into(), self.0.now()).await?;
        self.start_by(ctx, proved, Asked::Enough).await
    }
}
