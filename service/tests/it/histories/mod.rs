//! Random histories of members against a model that is written without any of the engine's code: the same
//! entitlements, the same money, books that add up, whatever happens and wherever it is cut off.
//!
//! A failure prints its seed and the shortest history that fails; `TURNPIKE_TEST_HISTORY=SEED` lives that one again.

mod catalogue;
mod cut;
mod desk;
mod desks;
mod dice;
mod history;
mod live;
mod member;
mod model;
mod view;
mod world;

use desks::{midtrans::Midtrans, sandbox::Sandbox, stripe::Stripe};

/// How many histories one seed makes.
const MEMBERS: usize = 50;
/// How many steps each has.
const ROUNDS: usize = 14;

/// How many seeds a test lives: `TURNPIKE_TEST_SEEDS` of them; `make histories` lives 25, which makes 10,000 histories
/// with each provider. Every run of the tests lives the first few.
fn seeds() -> u64 {
    let asked = std::env::var("TURNPIKE_TEST_SEEDS").ok().and_then(|text| text.parse().ok());
    let few = if std::env::var_os("TURNPIKE_TEST_DATABASE_URL").is_some() { 1 } else { 2 };
    asked.unwrap_or(few)
}

async fn part<D: desk::Desk>(part: u64) {
    for seed in live::seeds(part * 1000, seeds()) {
        live::histories::<D>(seed, MEMBERS, ROUNDS).await;
    }
}

macro_rules! parts {
    ($desk:ident: $($name:ident $part:literal)*) => {
        $(#[tokio::test]
        async fn $name() {
            part::<$desk>($part).await;
        })*
    };
}

mod at_the_sandbox {
    use super::*;

    parts!(Sandbox: part_1 1 part_2 2 part_3 3 part_4 4 part_5 5 part_6 6 part_7 7 part_8 8);
}

mod at_midtrans {
    use super::*;

    parts!(Midtrans: part_1 101 part_2 102 part_3 103 part_4 104 part_5 105 part_6 106 part_7 107 part_8 108);
}

mod at_stripe {
    use super::*;

    parts!(Stripe: part_1 201 part_2 202 part_3 203 part_4 204 part_5 205 part_6 206 part_7 207 part_8 208);
}
