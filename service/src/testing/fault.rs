//! What goes wrong between us and a provider.

/// What becomes of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It never arrives, and nothing comes back.
    Timeout,
    /// The work is done, and the answer is lost.
    AnswerLost,
    /// Too many requests (429); nothing is done.
    Limited,
    /// 500; nothing is done.
    Internal,
    /// 503; nothing is done.
    Unavailable,
    /// 400, whenever it is asked; nothing is done.
    Refused,
}

impl Fault {
    /// Those that go by.
    pub const ALL: [Self; 5] = [Self::Timeout, Self::AnswerLost, Self::Limited, Self::Internal, Self::Unavailable];
}
