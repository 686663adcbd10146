//! Identifiers: UUIDv7 in their usual form, one type per kind, so that a user's id never passes for a plan's.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The identifier as the database and the wire carry it.
            pub const fn get(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )*};
}

ids! {
    /// One product; the platform API's `project_id`.
    ApplicationId;
    /// The row of an OAuth client (its public name is [`crate::oauth::client::ClientId`]).
    ClientRowId;
    /// A person; the `sub` of every token.
    UserId;
    /// A signed-in browser; the `sid` of tokens.
    SessionId;
    /// A user's access to one application.
    MembershipId;
    RoleId;
    /// A company or a team; `org_id` of tokens.
    OrganizationId;
    InvitationId;
    PermissionId;
    PlanId;
    PriceId;
    SubscriptionId;
    /// What somebody set out to pay for; Midtrans knows it as `order_id`.
    OrderId;
    InvoiceId;
    /// One attempt to collect money, successful or not.
    PaymentId;
    /// Money that went back, whole or in part.
    RefundId;
    CouponId;
    /// An entry of a credit balance.
    CreditId;
    /// A card or wallet that can be charged again.
    PaymentMethodId;
    /// Something about money that a person must look at.
    AlertId;
    /// Work that is done outside a request.
    JobId;
    /// A provider's notification, as it was received.
    NotificationId;
    /// One authorization that a user gave a client; its refresh tokens form one family.
    GrantId;
    /// A passkey of a user.
    PasskeyId;
    /// An admin API key.
    ApiKeyId;
    /// An initial access token, with which clients register.
    RegistrationTokenId;
    /// A way to sign in that an application offers.
    SignInMethodId;
    /// A provider's account that is linked to a user.
    IdentityId;
    /// An entry of the ledger.
    LedgerId;
    /// An address of an application's own that is told of events.
    WebhookEndpointId;
    /// One event on its way to one such address.
    WebhookDeliveryId;
}
