//! Who collects for an application, and whether real money moves.

use domain::{application::Provider, billing::payment::Mode};

use super::{keys::Keys, objects::Account};
use crate::directory::ApplicationEntry;

impl ApplicationEntry {
    /// Who collects now; `None` where nobody does, or its keys are missing.
    pub fn account(&self) -> Option<Account> {
        let provider = self.application.settings.provider;
        Some(Account { application: self.application.id, provider, mode: self.mode_at(provider)? })
    }

    /// Whether real money moves at a provider; `None` without keys for it.
    pub fn mode_at(&self, provider: Provider) -> Option<Mode> {
        match provider {
            Provider::None => None,
            Provider::Sandbox => Some(Mode::Test),
            provider => self.keys_of(provider).map(Keys::mode),
        }
    }

    /// Payments are collected where no real money moves: in the sandbox, or with a test key.
    pub fn is_test(&self) -> bool {
        self.account().is_some_and(|own| own.mode == Mode::Test)
    }

    /// Whether a payment buys something: what was begun in test does not where real money is collected by now.
    pub fn honours(&self, mode: Mode) -> bool {
        mode == Mode::Live || self.account().is_none_or(|own| own.mode == Mode::Test)
    }
}
