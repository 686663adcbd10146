//! Path and query parameters. A malformed id is answered like one that does not exist.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use domain::{
    ErrorCode, Flaw, Problem,
    application::Provider,
    billing::plan::PlanKey,
    id::{
        AlertId, ApplicationId, ClientRowId, CouponId, InvitationId, InvoiceId, NotificationId, OrganizationId,
        PaymentId, PermissionId, PlanId, PriceId, RegistrationTokenId, RoleId, SignInMethodId, SubscriptionId, UserId,
        WebhookDeliveryId, WebhookEndpointId,
    },
    page::{Page, PageRequest},
};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::{IntoParams, openapi::path::ParameterIn};
use uuid::Uuid;

use super::error::Refusal;

/// A parameter of the path.
pub trait PathParam: Sized {
    /// Its name in the route.
    const NAME: &'static str;
    /// What answers when it is malformed.
    const MISSING: ErrorCode;

    fn parse(text: &str) -> Option<Self>;
}

macro_rules! ids {
    ($($type:ident $name:literal $missing:ident;)*) => {$(
        impl PathParam for $type {
            const NAME: &'static str = $name;
            const MISSING: ErrorCode = ErrorCode::$missing;

            fn parse(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}

ids! {
    ApplicationId "appId" ApplicationNotFound;
    ClientRowId "clientId" ApplicationNotFound;
    UserId "userId" UserNotFound;
    PlanId "planId" PlanNotFound;
    PriceId "priceId" PlanNotFound;
    RoleId "roleId" RoleNotFound;
    PermissionId "permissionId" PermissionNotFound;
    OrganizationId "organizationId" OrganizationNotFound;
    InvitationId "invitationId" OrganizationNotFound;
    SubscriptionId "subscriptionId" PlanNotFound;
    PaymentId "paymentId" PlanNotFound;
    InvoiceId "invoiceId" PlanNotFound;
    CouponId "couponId" PlanNotFound;
    AlertId "alertId" PlanNotFound;
    NotificationId "notificationId" PlanNotFound;
    RegistrationTokenId "tokenId" ApplicationNotFound;
    SignInMethodId "methodId" ApplicationNotFound;
    WebhookEndpointId "webhookId" ApplicationNotFound;
    WebhookDeliveryId "deliveryId" ApplicationNotFound;
}

/// A provider that has keys.
impl PathParam for Provider {
    const NAME: &'static str = "provider";
    const MISSING: ErrorCode = ErrorCode::PlanNotFound;

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text).ok().filter(|provider| matches!(provider, Self::Stripe | Self::Midtrans))
    }
}

impl PathParam for PlanKey {
    const NAME: &'static str = "plan_key";
    const MISSING: ErrorCode = ErrorCode::PlanNotFound;

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

/// Takes one parameter of the path.
pub struct Id<T>(pub T);

impl<T: PathParam, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        path_param(parts, state).await.map(Self)
    }
}

/// One parameter of the path, for extractors.
///
/// # Errors
/// The 404 of its resource.
pub async fn path_param<T: PathParam, S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<T, Refusal> {
    let missing = || Refusal::from(Problem::from(T::MISSING));
    let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| missing())?;
    params.iter().find(|(name, _)| *name == T::NAME).and_then(|(_, text)| T::parse(text)).ok_or_else(missing)
}

/// Takes the query string as `T`. A parameter that `T` does not describe is refused: with a typo in its name, a filter
/// would let everything through.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + IntoParams, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        let text = parts.uri.query().unwrap_or_default();
        if text.contains("%00") {
            return Err(Problem::new(ErrorCode::InvalidInput, "the query must not contain NUL").into());
        }
        refuse_unknown::<T>(text)?;
        serde_urlencoded::from_str(text)
            .map(Self)
            .map_err(|error| Problem::new(ErrorCode::InvalidInput, format!("the query: {error}")).into())
    }
}

fn refuse_unknown<T: IntoParams>(query: &str) -> Result<(), Problem> {
    let known = T::into_params(|| Some(ParameterIn::Query));
    let is_unknown = |name: &str| known.iter().all(|parameter| parameter.name != name);
    match url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| is_unknown(name)) {
        None => Ok(()),
        Some((name, _)) => Err(Problem::field(&name, "is not a parameter of this request")),
    }
}

/// `?cursor=&limit=` of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Where the page starts: `nextCursor` of the page before.
    cursor: Option<String>,
    /// How many entries at most, 1 to 100. Default 50.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

impl PageQuery {
    /// # Errors
    /// `APP_001` when `limit` lies outside 1 to 100, or the cursor is of no list.
    pub fn parse(&self) -> Result<PageRequest, Problem> {
        PageRequest::parse(self.cursor.as_deref(), self.limit.as_deref())
    }
}

/// `?cursor=&limit=&search=` of a list of people.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Where the page starts: `nextCursor` of the page before.
    cursor: Option<String>,
    /// How many entries at most, 1 to 100. Default 50.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// Part of the e-mail address or the name.
    #[param(max_length = 254)]
    search: Option<String>,
}

/// The longest text to search for, in characters.
const MAX_SEARCH: usize = 254;

impl SearchQuery {
    /// # Errors
    /// As [`PageQuery::parse`], or when the text to search for is too long.
    pub fn parse(&self) -> Result<(PageRequest, Option<&str>), Problem> {
        Ok((PageRequest::parse(self.cursor.as_deref(), self.limit.as_deref())?, sought(self.search.as_deref())?))
    }
}

/// The text to search for, as far as there is one.
///
/// # Errors
/// `APP_001` when it is too long.
pub fn sought(search: Option<&str>) -> Result<Option<&str>, Problem> {
    let search = search.map(str::trim).filter(|text| !text.is_empty());
    if search.is_some_and(|text| text.chars().count() > MAX_SEARCH) {
        return Err(Problem::field("search", Flaw::TooLong { max: MAX_SEARCH }));
    }
    Ok(search)
}

/// One page of a list that is held in memory.
///
/// # Errors
/// `APP_001` when the cursor is not of this list.
pub fn page_of<T>(items: Vec<T>, request: &PageRequest, id: impl Fn(&T) -> Uuid) -> Result<Page<T>, Problem> {
    let start = match request.after {
        None => 0,
        Some(after) => items
            .iter()
            .position(|item| id(item) == after)
            .map(|i| i + 1)
            .ok_or_else(|| Problem::field("cursor", "is not a cursor of this list"))?,
    };
    let wanted = usize::try_from(request.limit).unwrap_or(usize::MAX).saturating_add(1);
    let rows = items.into_iter().skip(start).take(wanted).collect();
    Ok(Page::cut(rows, request.limit, id))
}
