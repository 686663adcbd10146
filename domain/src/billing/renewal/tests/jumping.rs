//! A clock that jumps ends where one that ticks ends.

use proptest::prelude::*;

use super::*;

fn act() -> impl Strategy<Value = Act> {
    prop::sample::select(vec![
        Act::Cancel,
        Act::Undo,
        Act::Downgrade,
        Act::ToYearly,
        Act::ToFree,
        Act::Pause,
        Act::Resume,
        Act::PayLink,
        Act::PayLink,
        Act::SaveMethod,
        Act::RemoveMethod,
    ])
}

const HOURS: i64 = 24 * 200;

fn world() -> impl Strategy<Value = World> {
    let collection = prop::sample::select(vec![Collection::Method, Collection::Link, Collection::Provider]);
    (collection, 0..3_u8, any::<bool>(), 0_u8..10, 0_i64..3000).prop_map(
        |(collection, start, failing, grace, credit)| {
            let mut world = match start {
                0 => World::active(collection),
                start => World::trial(collection, start == 1),
            };
            world.balance = Balance::default().append(usd(credit).into()).unwrap();
            World { failing, grace_days: grace, ..world }
        },
    )
}

fn played(mut world: World, acts: &[(i64, Act)], mut stops: Vec<i64>) -> World {
    stops.push(HOURS);
    let mut acts = acts.iter().peekable();
    for stop in stops {
        while let Some((at, act)) = acts.next_if(|(at, _)| *at <= stop) {
            world.act(hour(*at), *act);
        }
        world.run(hour(stop));
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_clock_that_jumps_ends_where_one_that_ticks_ends(
        world in world(),
        mut acts in prop::collection::vec((0..HOURS, act()), 0..14),
        mut jumps in prop::collection::vec(0..HOURS, 0..6),
    ) {
        acts.sort_by_key(|(at, _)| *at);
        jumps.sort_unstable();
        let ticked = played(world.clone(), &acts, (0..HOURS).step_by(7).collect());
        let jumped = played(world, &acts, jumps);
        prop_assert_eq!(&ticked, &jumped);

        let mut periods: Vec<_> = ticked.paid.iter().map(|(start, _)| *start).collect();
        periods.sort_unstable();
        periods.dedup();
        prop_assert_eq!(periods.len(), ticked.paid.len(), "a period was charged twice");
        prop_assert!(ticked.log.len() < 200);
        prop_assert_eq!(ticked.subscription.clone().settle(hour(HOURS)), ticked.subscription);
    }
}
