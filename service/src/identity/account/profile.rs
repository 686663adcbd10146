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

use super::Account;
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

/// A partial change of what a person says about themselves: `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfilePatch {
    pub name: Option<Option<Name>>,
    pub given_name: Option<Option<Name>>,
    pub family_name: Option<Option<Name>>,
    pub preferred_username: Option<Option<Name>>,
    pub phone_number: Option<Option<PhoneNumber>>,
    pub birthdate: Option<Option<Birthdate>>,
    pub zone_info: Option<Option<ZoneInfo>>,
    pub locale: Option<Option<Locale>>,
}

impl ProfilePatch {
    /// All that `user` says with this change.
    fn over(self, user: &User) -> ProfileChange {
        let known = &user.profile;
        ProfileChange {
            name: self.name.unwrap_or_else(|| user.name.clone()),
            given_name: self.given_name.unwrap_or_else(|| known.given_name.clone()),
            family_name: self.family_name.unwrap_or_else(|| known.family_name.clone()),
            preferred_username: self.preferred_username.unwrap_or_else(|| known.preferred_username.clone()),
            phone_number: self.phone_number.unwrap_or_else(|| known.phone_number.clone()),
            birthdate: self.birthdate.unwrap_or_else(|| known.birthdate.clone()),
            zone_info: self.zone_info.unwrap_or_else(|| known.zone_info.clone()),
            locale: self.locale.unwrap_or(user.locale),
        }
    }
}

impl Account<'_> {
    /// Replaces what the user says about themselves. A number that changes is no longer a verified one.
    ///
    /// # Errors
    /// `AUTH_001` without a user.
    pub async fn update(&self, ctx: &Ctx, change: ProfileChange) -> Result<User> {
        self.write(ctx, move |_| change).await
    }

    /// As [`Self::update`], a part of it.
    ///
    /// # Errors
    /// `AUTH_001` without a user.
    pub async fn patch(&self, ctx: &Ctx, patch: ProfilePatch) -> Result<User> {
        self.write(ctx, move |user| patch.over(user)).await
    }

    async fn write(&self, ctx: &Ctx, change: impl FnOnce(&User) -> ProfileChange + Send + 'static) -> Result<User> {
        let id = ctx.require_user()?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let before = locked(&tx, id).await?;
                    if before.disabled_at.is_some() {
                        return Err(ErrorCode::AccountDisabled.into());
                    }
                    let change = change(&before);
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
