//! What people do with their own account: everything here is about the signed-in user, and nobody else.

mod delete;
mod export;
mod password;
mod profile;
mod sessions;

pub use profile::ProfileChange;
pub use sessions::OwnSession;

use domain::{ErrorCode, identity::session::Session};

use crate::{Ctx, Result, Services};

/// See the module.
pub struct Account<'a>(&'a Services);

impl Services {
    pub const fn account(&self) -> Account<'_> {
        Account(self)
    }
}

fn own(ctx: &Ctx) -> Result<&Session> {
    ctx.session.as_ref().ok_or_else(|| ErrorCode::NoSession.into())
}
