//! Living histories, and finding the shortest one that goes wrong.

use domain::{ErrorCode, application::Provider};
use futures::future::join_all;
use uuid::Uuid;

use super::{
    cut::cut_off,
    desk::{self, Desk, Done},
    dice::Dice,
    history::{Act, Happening, Post, Step, Telling},
    member::Member,
    model::{Refused, agreement::Agreement},
    world::{Setting, World},
};

/// How often somebody tries again what a broken provider has spoiled.
const PATIENCE: usize = 4;
/// How many of the histories that fail are told.
const TOLD: usize = 3;
/// At the end everything is told that was lost.
const LAST: Step = Step { act: Act::Deliver(Post::Resent), cut: None, trouble: None };

/// Everything is told, and nothing goes wrong.
const PLAINLY: Telling = Telling { post: Post::InOrder, cut: None, trouble: None };

/// Does a step on both sides; an error is a sentence about how they differ.
async fn step<D: Desk>(world: &World<D>, member: &mut Member, step: Step) -> Result<(), String> {
    let wanted = member.model.act(step.act);
    // A bank is not cut off with us.
    let ours = !matches!(step.act, Act::Dispute { .. } | Act::Decide { .. });
    let cut = match step.cut.filter(|_| ours) {
        Some(_) => cut_off(step.cut, patiently(world, member, step)).await,
        None => None,
    };
    let done = match cut {
        Some(done) => done?,
        None => patiently(world, member, step).await?,
    };
    compare(member, step.act, wanted, done)
}

/// Does an act, again and again while the provider fails under it.
async fn patiently<D: Desk>(world: &World<D>, member: &Member, step: Step) -> Result<Done, String> {
    let about = match step.act {
        Act::Press { order } | Act::Tell { order } => member.order(order).map(|id| id.to_string()),
        Act::Deliver(_) => member.orders.last().map(ToString::to_string),
        Act::Refund { payment, .. } => {
            let order = member.model.payments.iter().nth_back(payment).and_then(|own| own.order);
            order.map(|order| member.orders[order].to_string())
        }
        _ => None,
    };
    if let Some((trouble, about)) = step.trouble.zip(about) {
        world.desk.disturb(&about, trouble);
    }
    let mut tries = 0;
    loop {
        match desk::act(world, member, step.act).await {
            Ok(done) => return Ok(done),
            Err(error) if !matches!(error.code(), ErrorCode::Internal | ErrorCode::ProviderUnavailable) => {
                return Ok(Done::Refused(format!("{error:?}")));
            }
            // One that renews by itself is in trouble for everybody.
            Err(_) if (step.trouble.is_some() || D::RENEWS) && tries < PATIENCE => {
                tries += 1;
                if D::RENEWS && tries == PATIENCE {
                    world.desk.calm();
                }
            }
            // A server that breaks is never right.
            Err(error) => return Err(format!("{:?} broke: {error:?}", step.act)),
        }
    }
}

/// Everything is told, and every model reads the books of a provider that renews by itself. Sentences say how they
/// differ.
async fn tell<D: Desk>(world: &World<D>, members: &mut [&mut Member], telling: Telling) -> Vec<Option<String>> {
    if let Err(wrong) = D::tell(world, telling).await {
        return members.iter().map(|_| Some(wrong.clone())).collect();
    }
    let (books, now) = (world.desk.books(world.coin), world.now());
    let follow = |member: &mut &mut Member| {
        let own = |(id, agreement): &(Uuid, Agreement)| {
            let order = member.orders.iter().position(|order| order.get() == *id)?;
            Some(Agreement { order, ..agreement.clone() })
        };
        let own: Vec<Agreement> = books.iter().filter_map(own).collect();
        member.model.pass(now);
        member.model.hear_all();
        member.model.follow(&own).err()
    };
    members.iter_mut().map(follow).collect()
}

fn compare(member: &mut Member, act: Act, wanted: Result<(), Refused>, done: Done) -> Result<(), String> {
    match (wanted, done) {
        (Err(Refused), Done::Refused(_)) | (Ok(()), Done::Carried) => {}
        (Ok(()), Done::Order(id)) => {
            if !member.orders.contains(&id) {
                member.orders.push(id);
            }
        }
        (Ok(()), Done::Told(subjects)) => {
            for subject in subjects {
                member.model.hear(subject);
            }
        }
        (wanted, done) => {
            return Err(format!("{act:?}: the model says {wanted:?}, the server {done:?}"));
        }
    }
    Ok(())
}

/// Lives one history alone, as it was written down. `Err` says where the server and the model part.
async fn live<D: Desk>(setting: Setting, history: &[Happening]) -> Result<(), String> {
    let world = World::<D>::open(setting).await;
    let mut member = world.member(0).await;
    let last = [Happening::Did(LAST), Happening::Told(PLAINLY)];
    for happening in history.iter().copied().chain(last.into_iter().take(if D::RENEWS { 2 } else { 1 })) {
        match happening {
            Happening::Did(act) => {
                step(&world, &mut member, act).await?;
                world.desk.calm();
                world.services.engine().tick().await.map_err(|error| format!("{error:?}"))?;
                member.model.pass(world.now());
            }
            Happening::Passed(passing, trouble) => {
                let troubles = trouble.map(|trouble| (member.email.clone(), trouble));
                world.pass(passing, troubles.as_slice()).await;
                member.model.pass(world.now());
                if passing.closes {
                    world.close_pages(passing.cut).await;
                    member.model.close_pages();
                }
                if passing.reconciles {
                    world.reconcile().await;
                    member.model.reconcile();
                    member.model.pass(world.now());
                }
            }
            Happening::Closed => {
                world.close_pages(None).await;
                member.model.close_pages();
            }
            Happening::Told(telling) => {
                if let Some(wrong) = tell(&world, &mut [&mut member], telling).await.remove(0) {
                    return Err(format!("after {happening:?}: {wrong}"));
                }
            }
        }
        if untold::<D>(happening) {
            continue;
        }
        let seen = world.views().await.remove(&member.membership);
        world.check(&mut member, seen).await.map_err(|wrong| format!("after {happening:?}: {wrong}"))?;
    }
    let wrong = audit(&world).await;
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// Whether something may have happened that nobody was told of.
fn untold<D: Desk>(happening: Happening) -> bool {
    D::RENEWS && !matches!(happening, Happening::Told(_))
}

/// What does not add up, in our books or in the provider's.
async fn audit<D: Desk>(world: &World<D>) -> Vec<String> {
    let mut wrong = service::testing::books::audit(&world.services).await.unwrap();
    wrong.extend(D::audit(world).await);
    wrong
}

/// A history that fails, without the steps that it does not need.
async fn shrink<D: Desk>(setting: Setting, mut history: Vec<Happening>) -> (Vec<Happening>, Option<String>) {
    let fails = async |history: &[Happening]| Box::pin(live::<D>(setting, history)).await.err();
    let Some(mut why) = fails(&history).await else { return (history, None) };
    let mut from = history.len();
    while from > 0 {
        from -= 1;
        let mut shorter = history.clone();
        shorter.remove(from);
        let told = |at: usize| matches!(history.get(at), Some(Happening::Told(_)));
        let revoked = |at: usize| history.get(at).is_some_and(is_revoked);
        let closed = matches!(history.get(from), Some(Happening::Closed));
        // What has happened has to be told.
        let needed = (told(from) && !(from > 0 && told(from - 1))) || (closed && from > 0 && revoked(from - 1));
        if !needed && let Some(still) = fails(&shorter).await {
            (history, why) = (shorter, still);
            from = from.min(history.len());
        } else if let Some(calmer) = calmer(&history, from)
            && let Some(still) = fails(&calmer).await
        {
            (history, why) = (calmer, still);
        }
    }
    (history, Some(why))
}

/// Whether access was taken away just now.
fn is_revoked(happening: &Happening) -> bool {
    matches!(happening, Happening::Did(Step { act: Act::Revoke, .. }))
}

/// The same with nothing that goes wrong at one place.
fn calmer(history: &[Happening], at: usize) -> Option<Vec<Happening>> {
    let mut calmer = history.to_vec();
    match &mut calmer[at] {
        Happening::Did(step) => (step.cut, step.trouble) = (None, None),
        Happening::Passed(passing, trouble) => {
            (passing.cut, passing.reconciles, *trouble) = (None, false, None);
        }
        Happening::Closed => {}
        Happening::Told(telling) => *telling = PLAINLY,
    }
    (format!("{calmer:?}") != format!("{history:?}")).then_some(calmer)
}

/// Lives `members` histories side by side that follow from `seed`.
///
/// # Panics
/// When the server and the model part, with the shortest history in which they do.
pub async fn histories<D: Desk>(seed: u64, members: usize, rounds: usize) {
    let mut dice = Dice::new(seed);
    let setting = Setting::of::<D>(&mut dice);
    let world = World::<D>::open(setting).await;
    let mut people = Vec::new();
    for index in 0..members as u64 {
        people.push((world.member(seed.wrapping_mul(1_000_003) + index).await, Vec::new()));
    }
    for round in 0..=rounds {
        let mut passed = None;
        let mut wrong: Vec<Option<String>> = if round % 3 == 2 && round < rounds {
            let passing = dice.passing(D::PROVIDER);
            passed = Some(passing);
            let mut troubles = Vec::new();
            for (member, trail) in &mut people {
                let trouble = member.dice.trouble(D::PROVIDER);
                troubles.extend(trouble.map(|trouble| (member.email.clone(), trouble)));
                trail.push(Happening::Passed(passing, trouble));
            }
            world.pass(passing, &troubles).await;
            vec![None; people.len()]
        } else {
            let steps = people.iter_mut().map(|(member, trail)| {
                if member.plans.is_empty() {
                    member.plans = member.dice.steps(&member.model);
                    member.plans.reverse();
                }
                let next = if round == rounds { Some(LAST) } else { member.plans.pop() };
                trail.extend(next.filter(|_| round < rounds).map(Happening::Did));
                let world = &world;
                async move {
                    match next {
                        Some(next) => step(world, member, next).await.err(),
                        None => None,
                    }
                }
            });
            join_all(steps).await
        };
        world.desk.calm();
        world.services.engine().tick().await.unwrap();
        let now = world.now();
        people.iter_mut().for_each(|(member, _)| member.model.pass(now));
        if let Some(passing) = passed.filter(|passing| passing.closes) {
            world.close_pages(passing.cut).await;
            people.iter_mut().for_each(|(member, _)| member.model.close_pages());
        }
        let revoked = people.iter().any(|(_, trail)| trail.last().is_some_and(is_revoked));
        if revoked && D::PROVIDER == Provider::Midtrans {
            world.close_pages(None).await;
            for (member, trail) in &mut people {
                member.model.close_pages();
                trail.push(Happening::Closed);
            }
        }
        if passed.is_some_and(|passing| passing.reconciles) {
            world.reconcile().await;
            for (member, _) in &mut people {
                member.model.reconcile();
                member.model.pass(now);
            }
        }
        if D::RENEWS {
            let telling = dice.telling();
            people.iter_mut().for_each(|(_, trail)| trail.push(Happening::Told(telling)));
            let mut members: Vec<_> = people.iter_mut().map(|(member, _)| member).collect();
            let told = tell(&world, &mut members, telling).await;
            wrong = wrong.into_iter().zip(told).map(|(did, told)| did.or(told)).collect();
        }
        let mut views = world.views().await;
        let checks = people.iter_mut().map(|(member, _)| {
            let seen = views.remove(&member.membership);
            world.check(member, seen)
        });
        let checked = join_all(checks).await;
        let parted = wrong.into_iter().zip(checked).map(|(did, seen)| did.or(seen.err()));
        let trails: Vec<_> = parted.zip(&people).filter_map(|(parted, own)| Some((own.1.clone(), parted?))).collect();
        if !trails.is_empty() {
            fail::<D>(seed, setting, trails).await;
        }
    }
    let wrong = audit(&world).await;
    if !wrong.is_empty() {
        let mut trails = Vec::new();
        for (_, trail) in people {
            if let Err(why) = live::<D>(setting, &trail).await {
                trails.push((trail, why));
            }
        }
        assert!(!trails.is_empty(), "seed {seed}, only all together: {wrong:?}");
        fail::<D>(seed, setting, trails).await;
    }
}

async fn fail<D: Desk>(seed: u64, setting: Setting, trails: Vec<(Vec<Happening>, String)>) -> ! {
    let mut told = String::new();
    for (trail, first) in trails.into_iter().take(TOLD) {
        let (history, why) = shrink::<D>(setting, trail).await;
        let why = why.unwrap_or_else(|| format!("alone it is right; among others: {first}"));
        for happening in history {
            told.push_str(&format!("{happening:?}\n"));
        }
        told.push_str(&format!("{why}\n\n"));
    }
    panic!("seed {seed}, {setting:?}:\n{told}");
}

/// The seeds to live: one that is asked for by `TURNPIKE_TEST_HISTORY`, or `count` from `first` on.
pub fn seeds(first: u64, count: u64) -> Vec<u64> {
    match std::env::var("TURNPIKE_TEST_HISTORY").ok().and_then(|text| text.parse().ok()) {
        Some(seed) => vec![seed],
        None => (first..first + count).collect(),
    }
}
