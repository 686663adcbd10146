//! The table of steps: what is missing between the request and the code.

use domain::{
    ErrorCode,
    oauth::{
        authorize::AuthorizationResponse,
        error::{OAuthError, OAuthErrorCode},
    },
};

use super::{Authorize, Step, factor::Factor, plan::Selection, sign_in::is_other_user};
use crate::{
    Ctx, Result,
    directory::ClientEntry,
    oauth::{codes, flow::Flow},
};

impl Authorize<'_> {
    /// The next step. A pushed request that has its answer is spent.
    pub(super) async fn step(&self, ctx: &Ctx, client: &ClientEntry, flow: Flow) -> Result<Step> {
        let pushed = flow.pushed.clone();
        let step = self.missing(ctx, client, flow).await?;
        if let (Step::Redirect(_), Some(hash)) = (&step, pushed) {
            self.spend(&hash).await?;
        }
        Ok(step)
    }

    /// Session, access, second factor, consent, plan selection, code: the first that is missing is the step. Who may
    /// become a member by signing in becomes one after consent: whoever only follows a link is none for that.
    async fn missing(&self, ctx: &Ctx, client: &ClientEntry, flow: Flow) -> Result<Step> {
        let silent = flow.request.prompts.is_silent();
        let address = flow.request.return_address();
        let halt =
            |code, description: &'static str| Ok(self.refuse(address.clone(), &OAuthError::new(code, description)));

        let Some(session) = ctx.session.as_ref().filter(|session| !self.must_sign_in(session, &flow)) else {
            if silent {
                return halt(OAuthErrorCode::LoginRequired, "the user has to sign in");
            }
            return Ok(Step::SignIn { flow: flow.seal(self.0)? });
        };
        if is_other_user(session, &flow) {
            return halt(OAuthErrorCode::LoginRequired, "another user than the one who is wanted has signed in");
        }
        let (memberships, application) = (self.0.memberships(), client.client.application_id);
        let found = match memberships.admissible(&session.user, application).await {
            Ok(found) => found,
            Err(error) if error.code() == ErrorCode::NoAccess && silent => {
                return halt(OAuthErrorCode::AccessDenied, "the user has no access to this application");
            }
            Err(error) if error.code() == ErrorCode::NoAccess => {
                return Ok(Step::NoAccess { flow: flow.seal(self.0)? });
            }
            Err(error) => return Err(error),
        };
        match self.factor(session, client, &flow).await? {
            Factor::Proved => {}
            Factor::Wanted | Factor::Missing if silent => {
                return halt(OAuthErrorCode::LoginRequired, "the user has to prove a second factor");
            }
            Factor::Wanted => return Ok(Step::Factor { flow: flow.seal(self.0)? }),
            Factor::Missing => return Ok(Step::Enrol { flow: flow.seal(self.0)? }),
        }
        if self.must_consent(session, client, &flow).await? {
            if silent {
                return halt(OAuthErrorCode::ConsentRequired, "the user has to consent");
            }
            return Ok(Step::Consent { flow: flow.seal(self.0)? });
        }
        let membership = match found {
            Some(membership) => membership,
            None => memberships.admit(ctx, &session.user, application).await?,
        };
        match self.plan_selection(session, client, &membership, &flow).await? {
            Selection::Passed => {}
            Selection::Asked if silent => {
                return halt(OAuthErrorCode::InteractionRequired, "the user has to select a plan");
            }
            // Nobody asked for it, so that a silent request passes it over.
            Selection::Due if silent => {}
            Selection::Asked | Selection::Due => return Ok(Step::SelectPlan { flow: flow.seal(self.0)? }),
        }
        let code = codes::issue(self.0, client, session, flow.request)?;
        Ok(Step::Redirect(AuthorizationResponse::code(address, &self.0.settings.issuer, code)))
    }
}
