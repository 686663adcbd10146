//! Refresh tokens: the grant's id and the number of the rotation, authenticated. Nothing of them is stored; the
//! successor of a token is derived, so that a repeated request gets the very same one.

use domain::id::GrantId;
use uuid::Uuid;

use crate::{
    Services,
    crypto::{self, base64url, from_base64url},
};

const PREFIX: &str = "rt_";
const PURPOSE: &[u8] = b"refresh token";

/// The token of one generation of a grant.
pub(super) fn mint(services: &Services, grant: Uuid, generation: i64) -> String {
    let mut bytes = Vec::with_capacity(56);
    bytes.extend(grant.as_bytes());
    bytes.extend(generation.to_be_bytes());
    bytes.extend(services.vault.mac(&[PURPOSE, &bytes]));
    format!("{PREFIX}{}", base64url(bytes))
}

/// The grant and the generation of a token that this server made.
pub(super) fn open(services: &Services, token: &str) -> Option<(GrantId, i64)> {
    let bytes = from_base64url(token.strip_prefix(PREFIX)?)?;
    let (body, tag) = bytes.split_at_checked(24)?;
    if !crypto::equal(tag, &services.vault.mac(&[PURPOSE, body])) {
        return None;
    }
    let (grant, generation) = body.split_at(16);
    let generation = i64::from_be_bytes(generation.try_into().ok()?);
    Some((Uuid::from_slice(grant).ok()?.into(), generation))
}

/// When which generations were first used, as the column `rotations` keeps it: `generation:ms`, the newest last.
pub(super) struct Rotations(Vec<(i64, i64)>);

/// Nobody honest repeats a request after so many further rotations.
const REMEMBERED: usize = 16;

impl Rotations {
    pub fn parse(text: &str) -> Self {
        let pair = |item: &str| {
            let (generation, at) = item.split_once(':')?;
            Some((generation.parse().ok()?, at.parse().ok()?))
        };
        Self(text.split(' ').filter_map(pair).collect())
    }

    /// When `generation` was first used, in milliseconds since the epoch; `None` when that is long ago.
    pub fn first_use(&self, generation: i64) -> Option<i64> {
        self.0.iter().find(|(known, _)| *known == generation).map(|(_, at)| *at)
    }

    /// With the use of `generation` at `now`, and without what lies `leeway` and more before it.
    pub fn after(mut self, generation: i64, now: i64, leeway: i64) -> String {
        self.0.retain(|(_, at)| now - at <= leeway);
        self.0.push((generation, now));
        let surplus = self.0.len().saturating_sub(REMEMBERED);
        let items: Vec<_> = self.0[surplus..].iter().map(|(generation, at)| format!("{generation}:{at}")).collect();
        items.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotations_are_remembered_for_the_leeway() {
        let text = Rotations::parse("").after(0, 1000, 10);
        let text = Rotations::parse(&text).after(1, 1005, 10);
        assert_eq!(text, "0:1000 1:1005");
        assert_eq!(Rotations::parse(&text).first_use(0), Some(1000));
        let text = Rotations::parse(&text).after(2, 1011, 10);
        assert_eq!(text, "1:1005 2:1011");
        assert_eq!(Rotations::parse(&text).first_use(0), None);
        let many = (0..100).fold(String::new(), |text, n| Rotations::parse(&text).after(n, 0, 10));
        assert_eq!(many.split(' ').count(), REMEMBERED);
    }
}
