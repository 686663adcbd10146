//! What happens to one member: steps.

use service::testing::fault::Fault;

/// A card, or an account that is charged like one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Card {
    Good,
    Declined,
    /// Asks for 3-D Secure, which is then passed or not.
    Secure(bool),
    /// Asks for 3-D Secure, and its owner goes away.
    Left,
    /// Pays once and fails at every renewal.
    FailsLater,
    /// Pays, and its owner's bank asks for the money back.
    Disputed,
    /// A wallet, which pays, and has money for what follows or not.
    Wallet {
        full: bool,
    },
}

impl Card {
    /// Whether it pays what its owner pays.
    pub const fn pays(self) -> bool {
        !matches!(self, Self::Declined | Self::Secure(false) | Self::Left)
    }
}

/// How the notifications that wait for a member arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Post {
    InOrder,
    Backwards,
    Twice,
    /// The oldest arrives, the others wait.
    Oldest,
    /// The newest overtakes the others.
    Newest,
    /// What has arrived arrives again.
    Again,
    Lost,
    /// Somebody presses the button in the provider's dashboard: everything is told once more.
    Resent,
}

/// One thing that is done. What refers to something counts from the newest; it may refer to nothing, or be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Chooses a price, or the free plan.
    Order {
        price: Option<usize>,
        coupon: Option<usize>,
    },
    /// Presses the button: the provider's page opens.
    Press {
        order: usize,
    },
    Enter {
        order: usize,
        card: Card,
    },
    /// Chooses a bank transfer.
    Transfer {
        order: usize,
    },
    /// The transfer arrives, perhaps late.
    Arrive {
        order: usize,
    },
    /// The customer returns: we ask the provider.
    Tell {
        order: usize,
    },
    Deliver(Post),
    /// Opens the page of what is owed.
    PayInvoice,
    Cancel,
    CancelNow,
    Undo,
    Pause,
    Resume,
    ExtendTrial {
        days: i64,
    },
    /// Gives back `percent` of what is left of a payment.
    Refund {
        payment: usize,
        percent: i64,
    },
    /// The owner's bank asks for a payment.
    Dispute {
        payment: usize,
    },
    /// The bank decides.
    Decide {
        payment: usize,
        won: bool,
    },
    Credit {
        coins: i64,
    },
    RemoveMethod,
    /// Access is taken away.
    Revoke,
    /// Access is given again.
    Admit,
    /// All the cards that Stripe keeps of the member work from now on, or fail.
    CardsWork(bool),
}

/// So many calls to the provider go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub fault: Fault,
    pub times: usize,
}

/// A step, whether it is cut off before the `n`-th moment at which it asks for the time, and tried again, and whether
/// the provider fails under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub act: Act,
    pub cut: Option<u32>,
    pub trouble: Option<Trouble>,
}

/// By how much the clock moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Minutes(i64),
    Hours(i64),
    Days(i64),
    Months(u32),
}

/// How time passes for everybody.
#[derive(Clone, Copy, Debug)]
pub struct Passing {
    pub by: Move,
    /// The engine is cut off, as a step is.
    pub cut: Option<u32>,
    /// The provider is told afterwards which pages are to close, where it does not renew by itself.
    pub closes: bool,
    /// The reconciler looks afterwards.
    pub reconciles: bool,
}

/// How everything is told that a provider has to tell, and what is wanted of it.
#[derive(Clone, Copy, Debug)]
pub struct Telling {
    pub post: Post,
    pub cut: Option<u32>,
    pub trouble: Option<Trouble>,
}

/// What happened to a member, in order.
#[derive(Clone, Copy, Debug)]
pub enum Happening {
    Did(Step),
    /// Charges of this member may go wrong meanwhile.
    Passed(Passing, Option<Trouble>),
    /// Somebody's access was taken away, and a provider that does not renew by itself was told at once which pages are
    /// to close and which methods to let go: nobody comes back and pays with one of these before.
    Closed,
    Told(Telling),
}
