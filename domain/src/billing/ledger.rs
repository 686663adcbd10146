//! The append-only ledger: who changed what, when, from what to what, and why. Of somebody who is erased it keeps no
//! values but those of money.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Timestamp,
    id::{ApiKeyId, ApplicationId, ClientRowId, LedgerId, UserId},
};

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// Nobody: a visitor without a session.
    Anonymous,
    /// A signed-in user, an admin too.
    User(UserId),
    /// An admin API key; it has superadmin rights.
    ApiKey(ApiKeyId),
    /// An OAuth client of an application.
    Client(ClientRowId),
    /// The command line, a catalog file included.
    Operator,
    /// The clock: expiry and other timed changes.
    System,
}

impl Actor {
    /// What it is, as rows and logs name it.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::User(_) => "user",
            Self::ApiKey(_) => "api_key",
            Self::Client(_) => "client",
            Self::Operator => "operator",
            Self::System => "system",
        }
    }

    /// Which one of its kind.
    pub const fn id(self) -> Option<Uuid> {
        match self {
            Self::User(id) => Some(id.get()),
            Self::ApiKey(id) => Some(id.get()),
            Self::Client(id) => Some(id.get()),
            Self::Anonymous | Self::Operator | Self::System => None,
        }
    }
}

macro_rules! actions {
    ($($name:ident $text:literal;)*) => {
        /// What was done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Action {
            $(#[serde(rename = $text)] $name,)*
        }

        impl Action {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|action| action.as_str() == text)
            }
        }
    };
}

actions! {
    ApplicationCreated "application.created";
    ApplicationUpdated "application.updated";
    ApplicationDeleted "application.deleted";
    ClientCreated "client.created";
    ClientUpdated "client.updated";
    ClientDeleted "client.deleted";
    SecretRotated "client.secret_rotated";
    UserCreated "user.created";
    UserUpdated "user.updated";
    UserDeleted "user.deleted";
    UserSignedOut "user.signed_out";
    PasswordSet "user.password_set";
    PasswordResetSent "user.password_reset_sent";
    FactorAdded "user.factor_added";
    FactorRemoved "user.factor_removed";
    FactorsReset "user.factors_reset";
    RecoveryCodesMade "user.recovery_codes_made";
    RecoveryCodeUsed "user.recovery_code_used";
    MembershipCreated "membership.created";
    MembershipUpdated "membership.updated";
    PlanChosen "membership.plan_chosen";
    OrganizationCreated "organization.created";
    OrganizationUpdated "organization.updated";
    OrganizationDeleted "organization.deleted";
    OrganizationMemberAdded "organization.member_added";
    OrganizationMemberUpdated "organization.member_updated";
    OrganizationMemberRemoved "organization.member_removed";
    InvitationCreated "invitation.created";
    InvitationRevoked "invitation.revoked";
    RoleCreated "role.created";
    RoleUpdated "role.updated";
    RoleDeleted "role.deleted";
    PlanCreated "plan.created";
    PlanUpdated "plan.updated";
    PlanDeleted "plan.deleted";
    PriceCreated "price.created";
    PriceDeleted "price.deleted";
    PlanSelected "plan.selected";
    SubscriptionCreated "subscription.created";
    SubscriptionUpdated "subscription.updated";
    SubscriptionCanceled "subscription.canceled";
    SubscriptionExpired "subscription.expired";
    SubscriptionScheduled "subscription.scheduled";
    SubscriptionUnscheduled "subscription.unscheduled";
    SubscriptionRenewed "subscription.renewed";
    SubscriptionPastDue "subscription.past_due";
    SubscriptionRecovered "subscription.recovered";
    SubscriptionPaused "subscription.paused";
    SubscriptionResumed "subscription.resumed";
    TrialExtended "subscription.trial_extended";
    OrderCreated "order.created";
    OrderUpdated "order.updated";
    OrderPending "order.pending";
    OrderPaid "order.paid";
    OrderPaidLate "order.paid_late";
    OrderFailed "order.failed";
    OrderExpired "order.expired";
    OrderCanceled "order.canceled";
    InvoiceCreated "invoice.created";
    InvoiceAttempted "invoice.attempted";
    InvoiceAttemptFailed "invoice.attempt_failed";
    InvoicePaid "invoice.paid";
    InvoiceVoided "invoice.voided";
    InvoiceGivenUp "invoice.given_up";
    InvoiceReminded "invoice.reminded";
    InvoiceMoved "invoice.moved";
    InvoiceReleased "invoice.released";
    PaymentCreated "payment.created";
    PaymentUpdated "payment.updated";
    PaymentAttached "payment.attached";
    PaymentForgotten "payment.forgotten";
    PaymentSettled "payment.settled";
    PaymentFailed "payment.failed";
    PaymentExpired "payment.expired";
    PaymentRefunded "payment.refunded";
    PaymentDisputed "payment.disputed";
    PaymentDisputeWon "payment.dispute_won";
    PaymentChargedBack "payment.charged_back";
    MethodSaved "payment_method.saved";
    MethodRemoved "payment_method.removed";
    CouponCreated "coupon.created";
    CouponUpdated "coupon.updated";
    CouponRedeemed "coupon.redeemed";
    CouponReleased "coupon.released";
    CreditAdded "credit.added";
    CreditUsed "credit.used";
    AlertRaised "alert.raised";
    AlertResolved "alert.resolved";
    ClockAdvanced "clock.advanced";
    PaymentKeysSet "payment_keys.set";
    DriftRepaired "drift.repaired";
    ClaimsUpdated "claims.updated";
    FeatureOverridden "feature.overridden";
    ApiKeyCreated "api_key.created";
    ApiKeyRevoked "api_key.revoked";
    ConsentRevoked "consent.revoked";
    GrantsRevoked "grants.revoked";
    DeviceAllowed "device.allowed";
    RegistrationTokenCreated "registration_token.created";
    RegistrationTokenDeleted "registration_token.deleted";
    SignInMethodCreated "sign_in_method.created";
    SignInMethodUpdated "sign_in_method.updated";
    SignInMethodDeleted "sign_in_method.deleted";
    IdentityLinked "identity.linked";
    IdentityUnlinked "identity.unlinked";
    WebhookCreated "webhook.created";
    WebhookUpdated "webhook.updated";
    WebhookDeleted "webhook.deleted";
    WebhookSecretRotated "webhook.secret_rotated";
    KeyRotated "key.rotated";
}

/// One entry of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub id: LedgerId,
    /// When it took effect: for a timed change, the moment that it was due.
    pub at: Timestamp,
    pub actor: Actor,
    pub action: Action,
    pub application_id: Option<ApplicationId>,
    pub user_id: Option<UserId>,
    pub from: Option<Value>,
    pub to: Option<Value>,
    pub reason: Option<String>,
    pub idempotency_key: Option<String>,
    pub request_id: Option<String>,
}
