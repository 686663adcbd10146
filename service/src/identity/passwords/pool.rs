//! Threads that hash, and the queue before them. A thread starts when it is first needed, keeps its memory from one
//! hash to the next, and gives it back after a while without work.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use argon2::Block;
use tokio::sync::oneshot;

use super::queue::Queue;
use crate::identity::attempts::Network;

/// How many passwords may wait for each thread: at 12 ms each, a wait of less than a second.
const WAITING: usize = 64;
/// How long a thread without work keeps its memory.
const KEEP: Duration = Duration::from_secs(30);

type Job = Box<dyn FnOnce(&mut Vec<Block>) + Send>;

pub(super) struct Pool {
    threads: usize,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    work: Condvar,
}

struct State {
    jobs: Queue<Network, Job>,
    running: usize,
    idle: usize,
    closed: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    pub(super) fn new(threads: usize) -> Self {
        let threads = threads.max(1);
        let state = State { jobs: Queue::new(WAITING * threads), running: 0, idle: 0, closed: false };
        Self { threads, shared: Arc::new(Shared { state: Mutex::new(state), work: Condvar::new() }) }
    }

    /// Runs `work`, for which somebody asks from `network`, on a thread of the pool; `None` when the queue has no room
    /// for it, or no more.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        network: Network,
        work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |memory| {
            // Work that nobody waits for any more is left undone.
            if !reply.is_closed() {
                let _ = reply.send(work(memory));
            }
        });
        if !self.submit(network, job) {
            return None;
        }
        answer.await.ok()
    }

    fn submit(&self, network: Network, job: Job) -> bool {
        let mut state = self.shared.state();
        if !state.jobs.push(network.site(), job) {
            return false;
        }
        if state.idle < state.jobs.len() && state.running < self.threads {
            let shared = self.shared.clone();
            let started = std::thread::Builder::new().name("passwords".into()).spawn(move || serve(&shared));
            match started {
                Ok(_) => state.running += 1,
                Err(error) if state.running == 0 => {
                    tracing::error!(error = &error as &dyn std::error::Error, "no thread for passwords");
                    state.jobs.clear();
                    return false;
                }
                Err(_) => {}
            }
        }
        self.shared.work.notify_one();
        true
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.work.notify_all();
    }
}

fn serve(shared: &Shared) {
    let mut memory = Vec::new();
    let mut state = shared.state();
    loop {
        if let Some(job) = state.jobs.pop() {
            drop(state);
            // The one who waits for work that panics learns that no answer will come.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&mut memory)));
            state = shared.state();
            continue;
        }
        if state.closed {
            return;
        }
        state.idle += 1;
        let (woken, waited) = shared.work.wait_timeout(state, KEEP).unwrap_or_else(PoisonError::into_inner);
        state = woken;
        state.idle -= 1;
        if waited.timed_out() {
            memory = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_and_survives_a_panic() {
        let pool = Pool::new(2);
        assert_eq!(pool.run(Network::Unknown, |_| 7).await, Some(7));
        assert_eq!(pool.run(Network::Unknown, |_| -> u8 { panic!("for the test") }).await, None);
        assert_eq!(pool.run(Network::Unknown, |_| 8).await, Some(8));
    }

    #[tokio::test]
    async fn refuses_what_the_queue_does_not_take() {
        let pool = Pool::new(1);
        let (open, gate) = std::sync::mpsc::channel::<()>();
        let (begun, started) = oneshot::channel();
        assert!(pool.submit(
            Network::Unknown,
            Box::new(move |_| {
                let _ = begun.send(());
                let _ = gate.recv();
            })
        ));
        started.await.unwrap();
        for _ in 0..WAITING {
            assert!(pool.submit(Network::Unknown, Box::new(|_| {})));
        }
        assert!(!pool.submit(Network::Unknown, Box::new(|_| {})));
        drop(open);
    }
}
