//! Jobs that go round the applications, or their clients. Each is worked for in a task of its own, so that nobody waits
//! for what another one's provider or server takes its time for.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Display,
    hash::Hash,
    sync::Arc,
    time::Duration,
};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use tokio::{
    sync::Semaphore,
    task::{AbortHandle, JoinSet},
};
use uuid::Uuid;

use crate::{Error, Result, Services};

/// A job that is done for each of many by itself.
pub(crate) trait Round: Clone + Send + Sync + 'static {
    /// For whom: an application's id, or a client's.
    type For: Copy + Display + Hash + Ord + Send + Sync;

    /// How often the server looks for what waits.
    const EVERY: Duration;

    /// For how many it works at once.
    const AT_ONCE: usize = 256;

    /// Those for whom something waits.
    fn waiting(&self) -> impl Future<Output = Result<BTreeSet<Self::For>>> + Send;

    /// Does what waits for one of them, as much as one look takes, and says whether there may be more.
    fn work(&self, one: Self::For) -> impl Future<Output = Result<bool>> + Send;
}

/// Goes round for as long as the server runs. Nobody is worked for twice at once, and no look waits for one that takes
/// its time.
pub(crate) async fn forever<R: Round>(round: R) {
    let mut tasks = JoinSet::new();
    let mut busy = HashMap::<R::For, AbortHandle>::new();
    let free = Arc::new(Semaphore::new(R::AT_ONCE));
    loop {
        tokio::time::sleep(R::EVERY).await;
        while let Some(ended) = tasks.try_join_next() {
            if let Err(error) = ended {
                tracing::error!(error = &error as &dyn std::error::Error, "a job broke off");
            }
        }
        busy.retain(|_, task| !task.is_finished());
        match round.waiting().await {
            Ok(waiting) => {
                for one in waiting {
                    busy.entry(one).or_insert_with(|| tasks.spawn(work(round.clone(), one, free.clone())));
                }
            }
            Err(error) => warn::<R::For>(&error, None),
        }
    }
}

async fn work<R: Round>(round: R, one: R::For, free: Arc<Semaphore>) {
    let _turn = free.acquire().await;
    loop {
        match round.work(one).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return warn(&error, Some(one)),
        }
    }
}

fn warn<I: Display>(error: &Error, one: Option<I>) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(of = one.map(tracing::field::display), error, "a job could not be done");
}

/// Those that have a row whose moment has come.
pub(crate) async fn due<E: EntityTrait, I: From<Uuid> + Ord>(
    services: &Services,
    of: E::Column,
    next_at: E::Column,
) -> Result<BTreeSet<I>> {
    let ids: Vec<Uuid> = E::find()
        .select_only()
        .distinct()
        .column(of)
        .filter(next_at.lte(services.now().timestamp_millis()))
        .into_tuple()
        .all(services.db.read())
        .await?;
    Ok(ids.into_iter().map(Into::into).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use domain::id::ApplicationId;
    use tokio::sync::mpsc::{Sender, channel};

    use super::*;

    /// Two applications: the provider of the first is silent for ever, the second's always has more.
    #[derive(Clone)]
    struct Uneven {
        ids: [ApplicationId; 2],
        silent: Arc<Mutex<usize>>,
        told: Sender<()>,
    }

    impl Round for Uneven {
        type For = ApplicationId;

        const EVERY: Duration = Duration::from_millis(1);

        async fn waiting(&self) -> Result<BTreeSet<ApplicationId>> {
            Ok(self.ids.into())
        }

        async fn work(&self, application: ApplicationId) -> Result<bool> {
            if application == self.ids[0] {
                *self.silent.lock().unwrap() += 1;
                std::future::pending::<()>().await;
            }
            self.told.send(()).await.map_err(Error::internal)?;
            Ok(false)
        }
    }

    #[tokio::test]
    async fn one_that_waits_for_its_provider_holds_up_no_other() {
        let (told, mut heard) = channel(1);
        let ids = [1, 2].map(|id| Uuid::from_u128(id).into());
        let round = Uneven { ids, silent: Arc::default(), told };
        let silent = Arc::clone(&round.silent);
        let rounds = tokio::spawn(forever(round));
        for _ in 0..5 {
            heard.recv().await.unwrap();
        }
        rounds.abort();
        assert_eq!(*silent.lock().unwrap(), 1, "and is asked once at a time");
    }
}
