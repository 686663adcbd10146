//! Whether the session is enough for the request, or somebody has to sign in.

use chrono::TimeDelta;
use domain::{identity::session::Session, oauth::prompt::Prompt};

use super::Authorize;
use crate::{Ctx, oauth::flow::Flow, upstream::Recency};

impl Authorize<'_> {
    /// Whether this session is not enough: too old for what the request wants, or another user's.
    pub(super) fn must_sign_in(&self, session: &Session, flow: &Flow) -> bool {
        let request = &flow.request;
        let age = self.0.now() - session.authenticated_at;
        let too_old = request.prompts.has(Prompt::Login)
            || request.max_age.is_some_and(|seconds| age > TimeDelta::seconds(seconds.into()));
        let another = request.prompts.has(Prompt::SelectAccount) || is_other_user(session, flow);
        (too_old && session.authenticated_at < flow.started_at())
            || (another && session.signed_in_at < flow.started_at())
    }

    /// How lately the user of a flow must have signed in, who does so now. Where their session would do for the request,
    /// a page on the way asks for a recent sign-in.
    pub(crate) fn recency(&self, ctx: &Ctx, flow: &str) -> Recency {
        let Some(flow) = Flow::unseal(self.0, flow) else { return Recency::Any };
        let would_do = ctx.session.as_ref().is_some_and(|session| !self.must_sign_in(session, &flow));
        match flow.request.max_age {
            _ if would_do || flow.request.prompts.has(Prompt::Login) => Recency::Now,
            Some(seconds) => Recency::Within(seconds),
            None => Recency::Any,
        }
    }
}

pub(super) fn is_other_user(session: &Session, flow: &Flow) -> bool {
    flow.request.expected_user.as_ref().is_some_and(|expected| *expected != session.user.id.to_string())
}
