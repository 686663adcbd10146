//! What a person says about themselves.

use domain::{
    ErrorCode, Locale,
    billing::ledger::Action,
    identity::{
        profile::{Birthdate, PhoneNumber, ZoneInfo},
        user::User,
    },
    text::Name,
};

use super::{Account, own};
use crate::{
    Ctx, Result,
    identity::admin_users::{locked, store},
    ledger::Entry,
};

/// What a person may say about themselves. `None` is nothing said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    pub name: Option<Name>,
    pub given_name: Option<Name>,
    pub family_name: Option<Name>,
    pub preferred_username: Option<Name>,
    pub phone_number: Option<PhoneNumber>,
    pub birthdate: Option<Birthdate>,
    pub zone_info: Option<ZoneInfo>,
    pub locale: Option<Locale>,
}

impl Account<'_> {
    /// Replaces what the user says about themselves. A number that changes is no longer a verified one.
    ///
    /// # Errors
    /// `AUTH_001` without a session.
    pub async fn update(&self, ctx: &Ctx, change: ProfileChange) -> Result<User> {
        let id = own(ctx)?.user.id;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let before = locked(&tx, id).await?;
                    if before.disabled_at.is_some() {
                        return Err(ErrorCode::AccountDisabled.into());
                    }
                    let mut after = before.clone();
                    let profile = &mut after.profile;
                    profile.phone_number_verified &= profile.phone_number == change.phone_number;
                    profile.given_name = change.given_name;
                    profile.family_name = change.family_name;
                    profile.preferred_username = change.preferred_username;
                    profile.phone_number = change.phone_number;
                    profile.birthdate = change.birthdate;
                    profile.zone_info = change.zone_info;
                    after.name = change.name;
                    after.locale = change.locale;
                    if after != before {
                        after.updated_at = tx.now;
                        store(&tx, &after).await?;
                        tx.log(Entry::new(Action::UserUpdated).user(id).from(&before).to(&after)).await?;
                    }
                    Ok(after)
                })
            })
            .await
    }
}
