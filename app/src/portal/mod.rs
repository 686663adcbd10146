//! The customer portal: what somebody has, what it costs, and everything that they can change about it.

mod api;
mod change;
mod preview;

pub use api::preview_change;
pub use change::ChangePlan;
pub use preview::{Preview, PreviewBody};

#[cfg(feature = "ssr")]
mod cancel;
#[cfg(feature = "ssr")]
mod change_page;
#[cfg(feature = "ssr")]
mod current;
#[cfg(feature = "ssr")]
mod difference;
#[cfg(feature = "ssr")]
mod done;
#[cfg(feature = "ssr")]
mod history;
#[cfg(feature = "ssr")]
mod invoice;
#[cfg(feature = "ssr")]
mod method;
#[cfg(feature = "ssr")]
mod offers;
#[cfg(feature = "ssr")]
mod overview;
#[cfg(feature = "ssr")]
mod terms;

#[cfg(feature = "ssr")]
pub use self::{
    cancel::Cancellation,
    change_page::ChangePage,
    current::{Held, Next, Pending},
    done::Done,
    history::{Entry, Mark},
    invoice::{Dues, InvoicePage, InvoiceView},
    method::{Another, Wallet},
    offers::{Offer, Way},
    overview::{Overview, OverviewPage, Owed},
    terms::Change,
};
