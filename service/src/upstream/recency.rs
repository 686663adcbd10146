//! How lately somebody must have signed in at a provider, and since when they are signed in here by what it says. A
//! provider may let a browser through without a question; a sign-in is as old as it says, and as old as the account
//! where it says nothing.

use chrono::TimeDelta;
use domain::{
    Timestamp,
    identity::user::User,
    route::{AccountPage, ReturnTo},
};
use serde::{Deserialize, Serialize};

use super::{Upstreams, depart::Kept};
use crate::{Ctx, Result, Services, clock::at, keys::foreign::SKEW};

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
    fn is_met(self, proved: Timestamp, departed: Timestamp, now: Timestamp) -> bool {
        let on_the_way = proved >= departed;
        match self {
            Self::Any => true,
            Self::Within(seconds) => on_the_way || now - proved <= TimeDelta::seconds(seconds.into()),
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
            // Somebody else is to sign in, at whatever time.
            ReturnTo::Invitation { .. } | ReturnTo::MailLink { .. } => Recency::Any,
            _ if ctx.session.is_some() => Recency::Now,
            _ => Recency::Any,
        }
    }
}

impl Upstreams<'_> {
    /// Since when a user is signed in whose provider says that they proved themselves at `said`. `None` where that is
    /// not recent enough: they prove themselves here, each of them at least by a link in a mail.
    ///
    /// # Errors
    /// The database's own.
    pub(super) async fn since(&self, kept: &Kept, said: Option<Timestamp>, user: &User) -> Result<Option<Timestamp>> {
        let (now, departed) = (self.0.now(), at(kept.departed_at));
        // Clocks differ: what is so close to the departure was after it.
        let said = said.map(|said| if said + SKEW < departed { said } else { said.max(departed).min(now) });
        // Where nobody knows when, it was not before there was an account: one that is made on this journey is fresh.
        let since = said.unwrap_or(user.created_at);
        if kept.recency.is_met(since, departed, now) {
            return Ok(Some(since));
        }
        // A second factor is asked for next, and proves more than this.
        Ok(self.0.factors().of(user.id).await?.any().then_some(since))
    }
}
