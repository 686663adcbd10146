//! Sign-in and what surrounds it.

mod consent;
mod password;
mod register;
mod setup;
mod sign_in;
mod sign_out;

pub use consent::ConsentPage;
pub use register::RegisterPage;
pub use setup::SetupPage;
pub use sign_in::SignInPage;
pub use sign_out::SignOutPage;
