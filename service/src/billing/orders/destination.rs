//! Where somebody goes on after checkout.

use serde::{Deserialize, Serialize};

use crate::oauth::WaitingFlow;

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Destination {
    /// On with the authorization that asked for a plan.
    Flow(Box<WaitingFlow>),
    /// On to the device that waits to be allowed; its code, sealed.
    Device { sealed: String },
    /// Back to the application, at addresses that it has registered.
    Application { success_url: String, cancel_url: String },
    /// Back to the customer portal.
    Portal,
    /// Nowhere: the order's own page says that it is paid.
    Here,
}
