//! What the two states of a Midtrans transaction say of its money.

use domain::{Money, billing::payment::Fact};

/// What became of the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing yet: nobody has paid, or what was paid is still questioned.
    Waiting,
    /// It is there.
    Paid,
    /// An attempt failed.
    Failed,
    /// Nobody paid in time, or it was called off before.
    Expired,
    /// Called off: what a card had paid goes back whole.
    Voided,
    /// Given back, whole or in part.
    Refunded,
    /// The owner's bank asks part of it back; a person has to look at it.
    Disputed,
    /// The owner's bank has taken it back.
    ChargedBack,
}

/// What fraud detection says; columns of [`TABLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fraud {
    Accept,
    Challenge,
    Deny,
    /// Nothing: some ways of paying have no fraud detection.
    Unsaid,
}

impl Fraud {
    /// A word that is not known counts as a question.
    pub(super) fn parse(text: Option<&str>) -> Self {
        match text.map(str::to_ascii_lowercase).as_deref() {
            None | Some("") => Self::Unsaid,
            Some("accept") => Self::Accept,
            Some("deny") => Self::Deny,
            Some(_) => Self::Challenge,
        }
    }
}

use Meaning::{ChargedBack, Disputed, Expired, Failed, Paid, Refunded, Voided, Waiting};

/// Every `transaction_status` with every `fraud_status`: accept, challenge, deny, none. Money counts as there in three
/// cells only, and only with the status code 200 ([`meaning`]).
#[rustfmt::skip]
pub(super) const TABLE: [(&str, [Meaning; 4]); 12] = [
    //                      accept       challenge    deny         none
    ("authorize",          [Waiting,     Waiting,     Failed,      Waiting]),
    ("capture",            [Paid,        Waiting,     Failed,      Waiting]),
    ("settlement",         [Paid,        Waiting,     Failed,      Paid]),
    ("pending",            [Waiting,     Waiting,     Waiting,     Waiting]),
    ("deny",               [Failed,      Failed,      Failed,      Failed]),
    ("cancel",             [Voided,      Expired,     Expired,     Expired]),
    ("expire",             [Expired,     Expired,     Expired,     Expired]),
    ("failure",            [Failed,      Failed,      Failed,      Failed]),
    ("refund",             [Refunded,    Refunded,    Refunded,    Refunded]),
    ("partial_refund",     [Refunded,    Refunded,    Refunded,    Refunded]),
    ("chargeback",         [ChargedBack, ChargedBack, ChargedBack, ChargedBack]),
    ("partial_chargeback", [Disputed,    Disputed,    Disputed,    Disputed]),
];

/// The cell of a transaction; `None` for a status that Midtrans did not have when this was written.
pub(super) fn meaning(status_code: &str, status: &str, fraud: Fraud) -> Option<Meaning> {
    let row = TABLE.iter().find(|(name, _)| status.eq_ignore_ascii_case(name))?;
    let meaning = row.1[fraud as usize];
    let says_paid = matches!(meaning, Paid | Refunded | Disputed | ChargedBack);
    Some(if says_paid && status_code != "200" { Waiting } else { meaning })
}

/// The money of a transaction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sums {
    pub gross: Money,
    /// What went back so far, where it is said.
    pub refunded: Option<Money>,
    /// Whether a bank had approved the card: then money had moved.
    pub was_approved: bool,
}

/// The facts of a meaning.
pub(super) fn facts(meaning: Meaning, sums: Sums) -> Vec<Fact> {
    let succeeded = Fact::Succeeded { amount: sums.gross };
    match meaning {
        Waiting => vec![Fact::Pending],
        Paid => vec![succeeded],
        Failed => vec![Fact::Failed],
        Expired => vec![Fact::Expired],
        Voided if sums.was_approved => vec![Fact::Refunded { total: sums.gross }],
        Voided => vec![Fact::Expired],
        Refunded => match sums.refunded {
            Some(total) => vec![succeeded, Fact::Refunded { total }],
            None => vec![succeeded],
        },
        Disputed => vec![succeeded, Fact::Disputed],
        ChargedBack => vec![succeeded, Fact::DisputeLost],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAUDS: [(Option<&str>, Fraud); 4] = [
        (Some("accept"), Fraud::Accept),
        (Some("challenge"), Fraud::Challenge),
        (Some("deny"), Fraud::Deny),
        (None, Fraud::Unsaid),
    ];

    /// What each combination must say with status code 200: a letter per fraud status, in the order of [`FRAUDS`].
    /// w waiting, p paid, f failed, e expired, v voided, r refunded, d disputed, c charged back.
    const EXPECTED: [(&str, &str); 12] = [
        ("authorize", "wwfw"),
        ("capture", "pwfw"),
        ("settlement", "pwfp"),
        ("pending", "wwww"),
        ("deny", "ffff"),
        ("cancel", "veee"),
        ("expire", "eeee"),
        ("failure", "ffff"),
        ("refund", "rrrr"),
        ("partial_refund", "rrrr"),
        ("chargeback", "cccc"),
        ("partial_chargeback", "dddd"),
    ];

    fn rupiah(amount: &str) -> Money {
        Money::from_decimal(amount, "idr".parse().unwrap()).unwrap()
    }

    fn sums() -> Sums {
        Sums { gross: rupiah("99000.00"), refunded: Some(rupiah("9000.00")), was_approved: true }
    }

    fn succeeds(facts: &[Fact]) -> bool {
        facts.iter().any(|fact| matches!(fact, Fact::Succeeded { .. }))
    }

    #[test]
    fn every_combination_says_what_it_must() {
        for (status, letters) in EXPECTED {
            for ((text, fraud), letter) in FRAUDS.into_iter().zip(letters.chars()) {
                assert_eq!(Fraud::parse(text), fraud);
                let expected = match letter {
                    'w' => Waiting,
                    'p' => Paid,
                    'f' => Failed,
                    'e' => Expired,
                    'v' => Voided,
                    'r' => Refunded,
                    'd' => Disputed,
                    _ => ChargedBack,
                };
                assert_eq!(meaning("200", status, fraud), Some(expected), "{status} {text:?}");
            }
        }
    }

    #[test]
    fn nothing_is_granted_but_on_200() {
        for (status, _) in TABLE {
            for (_, fraud) in FRAUDS {
                for code in ["201", "202", "407", "404", "", "0200"] {
                    let facts = facts(meaning(code, status, fraud).unwrap(), sums());
                    assert!(!succeeds(&facts), "{code} {status} {fraud:?}");
                }
            }
        }
    }

    #[test]
    fn money_is_there_by_settlement_or_an_accepted_capture() {
        let paid: Vec<_> = TABLE
            .iter()
            .flat_map(|(status, _)| FRAUDS.map(|(_, fraud)| (*status, fraud)))
            .filter(|(status, fraud)| meaning("200", status, *fraud) == Some(Paid))
            .collect();
        let expected = [("capture", Fraud::Accept), ("settlement", Fraud::Accept), ("settlement", Fraud::Unsaid)];
        assert_eq!(paid, expected);
    }

    #[test]
    fn what_is_not_known_grants_nothing() {
        assert_eq!(meaning("200", "teleported", Fraud::Accept), None);
        assert_eq!(Fraud::parse(Some("maybe")), Fraud::Challenge);
        assert_eq!(meaning("200", "SETTLEMENT", Fraud::parse(Some("ACCEPT"))), Some(Paid));
    }

    #[test]
    fn a_card_that_is_called_off_goes_back_whole() {
        assert_eq!(facts(Voided, sums()), [Fact::Refunded { total: sums().gross }]);
        assert_eq!(facts(Voided, Sums { was_approved: false, ..sums() }), [Fact::Expired]);
    }
}
