//! Plan selection, and the card of a plan, which the dashboard previews.

mod card;
mod cycle;
mod features;
mod prices;

pub use card::PlanCard;
pub use cycle::CycleSwitch;
pub use features::FeatureList;
#[cfg(feature = "ssr")]
pub(crate) use features::{humanise, scalar};
pub use prices::{Shown, cycles, saving, shown};

#[cfg(feature = "ssr")]
mod select;
#[cfg(feature = "ssr")]
pub use select::{Offer, SelectPage};
