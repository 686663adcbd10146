//! Applications bill by themselves: where the provider of one is silent, nobody else's waits for it.

use futures::{StreamExt as _, stream};

use domain::id::ApplicationId;

/// How many applications are billed at once.
const AT_ONCE: usize = 16;

/// Does the same in every one of these applications, several at once. Returns what came of it, as it came.
pub(super) async fn application<F: Future>(
    ids: impl IntoIterator<Item = ApplicationId>,
    act: impl FnMut(ApplicationId) -> F,
) -> Vec<F::Output> {
    stream::iter(ids).map(act).buffer_unordered(AT_ONCE).collect().await
}
