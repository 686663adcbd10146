//! The parameter `prompt` (OpenID Connect Core, 3.1.2.1), with our own value `select_plan`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What the client wants the user to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Nothing: the answer comes at once, or an error does.
    None,
    Login,
    Consent,
    SelectAccount,
    /// Shows plan selection again.
    SelectPlan,
}

impl Prompt {
    pub const ALL: [Self; 5] = [Self::None, Self::Login, Self::Consent, Self::SelectAccount, Self::SelectPlan];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
            Self::SelectPlan => "select_plan",
        }
    }
}

/// The values of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prompts(BTreeSet<Prompt>);

impl Prompts {
    /// Reads a space-separated list.
    ///
    /// # Errors
    /// A sentence for an unknown value, or for `none` together with another.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut prompts = BTreeSet::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let known = Prompt::ALL.into_iter().find(|prompt| prompt.as_str() == word);
            prompts.insert(known.ok_or("prompt has a value that is not supported")?);
        }
        if prompts.len() > 1 && prompts.contains(&Prompt::None) {
            return Err("prompt=none cannot be combined with another value");
        }
        Ok(Self(prompts))
    }

    pub fn has(&self, prompt: Prompt) -> bool {
        self.0.contains(&prompt)
    }

    /// Whether no page may be shown.
    pub fn is_silent(&self) -> bool {
        self.has(Prompt::None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_stands_alone() {
        assert!(Prompts::parse("none").unwrap().is_silent());
        assert!(Prompts::parse("none login").is_err());
        assert!(Prompts::parse("login consent").unwrap().has(Prompt::Consent));
        assert!(Prompts::parse("create").is_err());
        assert_eq!(Prompts::parse("").unwrap(), Prompts::default());
    }
}
