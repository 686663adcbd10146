//! What a person says about themselves.

use domain::{
    ErrorCode, Locale,
    billing::ledger::Action,
    identity::{
        profile::{Address, Birthdate, PhoneNumber, ZoneInfo},
        user::User,
    },
    text::Name,
    theme::WebUrl,
};

use super::Account;
use crate::{
    Ctx, Result,
    identity::admin_users::{locked, store},
    ledger::Entry,
};

/// A change of what a person says about themselves: `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfilePatch {
    pub name: Option<Option<Name>>,
    pub given_name: Option<Option<Name>>,
    pub family_name: Option<Option<Name>>,
    pub middle_name: Option<Option<Name>>,
    pub nickname: Option<Option<Name>>,
    pub preferred_username: Option<Option<Name>>,
    pub profile: Option<Option<WebUrl>>,
    pub picture: Option<Option<WebUrl>>,
    pub website: Option<Option<WebUrl>>,
    pub gender: Option<Option<Name>>,
    pub birthdate: Option<Option<Birthdate>>,
    pub zone_info: Option<Option<ZoneInfo>>,
    pub phone_number: Option<Option<PhoneNumber>>,
    /// Takes the place of the whole; one of which nothing is known is none.
    pub address: Option<Option<Address>>,
    pub locale: Option<Option<Locale>>,
}

impl ProfilePatch {
    /// Makes the change. A number that changes is no longer a verified one.
    fn apply(self, user: &mut User) {
        let profile = &mut user.profile;
        let number = profile.phone_number.clone();
        let address = self.address.map(|address| address.filter(|own| *own != Address::default()));
        put(&mut user.name, self.name);
        put(&mut profile.given_name, self.given_name);
        put(&mut profile.family_name, self.family_name);
        put(&mut profile.middle_name, self.middle_name);
        put(&mut profile.nickname, self.nickname);
        put(&mut profile.preferred_username, self.preferred_username);
        put(&mut profile.profile, self.profile);
        put(&mut profile.picture, self.picture);
        put(&mut profile.website, self.website);
        put(&mut profile.gender, self.gender);
        put(&mut profile.birthdate, self.birthdate);
        put(&mut profile.zone_info, self.zone_info);
        put(&mut profile.phone_number, self.phone_number);
        put(&mut profile.address, address);
        put(&mut user.locale, self.locale);
        profile.phone_number_verified &= profile.phone_number == number;
    }
}

fn put<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

impl Account<'_> {
    /// Changes what the user says about themselves; the same again changes nothing.
    ///
    /// # Errors
    /// `AUTH_001` without a user; `RATE_001` (fact `retryAfter`, in seconds) after too many changes.
    pub async fn patch(&self, ctx: &Ctx, patch: ProfilePatch) -> Result<User> {
        let id = ctx.require_user()?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let before = locked(&tx, id).await?;
                    if before.disabled_at.is_some() {
                        return Err(ErrorCode::AccountDisabled.into());
                    }
                    let mut after = before.clone();
                    patch.apply(&mut after);
                    if after != before {
                        if tx.services.settings.limits {
                            tx.services.attempts.change(id.get(), tx.now)?;
                        }
                        after.updated_at = tx.now;
                        store(&tx, &before, &after).await?;
                        tx.log(Entry::new(Action::UserUpdated).user(id).from(&before).to(&after)).await?;
                    }
                    Ok(after)
                })
            })
            .await
    }
}
