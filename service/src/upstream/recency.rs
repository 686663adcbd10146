//! How lately somebody must have signed in at a provider, and since when they are signed in here by what it says. A
//! provider may let a browser through without a question; a sign-in is as old as it says, and of unknown age where it
//! says nothing.

use chrono::TimeDelta;
use domain::{
    Timestamp,
    identity::user::User,
    route::{AccountPage, ReturnTo},
};
use serde::{Deserialize, Serialize};

use super::{Upstreams, depart::Kept, id_token::SKEW};
use crate::{Ctx, Result, Services, clock::at};

/// How lately somebody must have proved themselves at the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Recency {
    #[default]
    Any,
    /// So many seconds ago at most.
    Within(u32),
    /// On this journey.
    Now,
}

impl Recency {
    /// As an authorization request says it (OpenID Connect Core, 3.1.2.1): with `max_age` the provider also has to say
    /// when that was.
    pub fn parameters(self) -> Vec<(&'static str, String)> {
        match self {
            Self::Any => Vec::new(),
            Self::Within(seconds) => vec![("max_age", seconds.to_string())],
            Self::Now => vec![("prompt", "login".to_owned()), ("max_age", "0".to_owned())],
        }
    }

    /// Whether it is enough who proved themselves at `proved`, having set out at `departed`.
    fn is_met(self, proved: Option<Timestamp>, departed: Timestamp, now: Timestamp) -> bool {
        let on_the_way = proved.is_some_and(|proved| proved >= departed);
        match self {
            Self::Any => true,
            Self::Within(seconds) => {
                on_the_way || proved.is_some_and(|proved| now - proved <= TimeDelta::seconds(seconds.into()))
            }
            Self::Now => on_the_way,
        }
    }
}

impl Services {
    /// How lately who goes on to `to` must have signed in. Whoever has a session and is still to sign in comes from where
    /// a recent sign-in is asked for.
    pub(super) fn recency(&self, ctx: &Ctx, to: &ReturnTo) -> Recency {
        match to {
            ReturnTo::Flow(flow) => self.authorize().recency(ctx, flow),
            ReturnTo::Account(AccountPage::Security | AccountPage::Identities | AccountPage::Email)
            | ReturnTo::Link { .. } => Recency::Now,
            _ if ctx.session.is_some() => Recency::Now,
            _ => Recency::Any,
        }
    }
}

impl Upstreams<'_> {
    /// Since when a user is signed in whose provider says that they proved themselves at `said`. `None` where that is
    /// not recent enough and they can prove themselves here; whoever cannot is taken at the provider's word.
    ///
    /// # Errors
    /// The database's own.
    pub(super) async fn since(&self, kept: &Kept, said: Option<Timestamp>, user: &User) -> Result<Option<Timestamp>> {
        let (now, departed) = (self.0.now(), at(kept.departed_at));
        // Clocks differ: what is so close to the departure was after it.
        let said = said.map(|said| if said + SKEW < departed { said } else { said.max(departed).min(now) });
        let met = kept.recency.is_met(said, departed, now);
        let factors = self.0.factors();
        if factors.of(user.id).await?.any() {
            // It is asked for next, and proves more than this.
            return Ok(Some(said.unwrap_or(user.created_at)));
        }
        let has_password = factors.password_set_at(user.id).await?.is_some();
        Ok(match (met, has_password) {
            // Nobody knows when; not before there was an account.
            (true, true) => Some(said.unwrap_or(user.created_at)),
            (true, false) => Some(said.unwrap_or(now)),
            (false, true) => None,
            (false, false) => Some(now),
        })
    }
}
