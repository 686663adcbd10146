//! Stripe's published test cards, by number and by ready-made name, and what banks say to them.

use super::refusal::Refusal;

/// What happens when the bank is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behaviour {
    Succeeds,
    /// Code and decline code.
    Declines(&'static str, Option<&'static str>),
    /// Can be kept, but not charged.
    FailsWhenCharged,
    /// Its owner is asked once, when it is kept or first used.
    AuthenticatesOnce,
    /// Its owner is asked each time.
    AuthenticatesAlways,
    /// Its owner is asked, and then the bank declines.
    AuthenticatesThenDeclines,
    /// Pays, and is disputed at once.
    Disputes,
}

use Behaviour as B;

struct Card {
    number: &'static str,
    token: &'static str,
    brand: &'static str,
    behaviour: Behaviour,
}

const fn card(number: &'static str, token: &'static str, behaviour: Behaviour) -> Card {
    Card { number, token, brand: "visa", behaviour }
}

const CARDS: &[Card] = &[
    card("4242424242424242", "pm_card_visa", B::Succeeds),
    Card { brand: "mastercard", ..card("5555555555554444", "pm_card_mastercard", B::Succeeds) },
    card("4000000000000002", "pm_card_visa_chargeDeclined", B::Declines("card_declined", Some("generic_decline"))),
    card(
        "4000000000009995",
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        B::Declines("card_declined", Some("insufficient_funds")),
    ),
    card("4000000000000069", "pm_card_chargeDeclinedExpiredCard", B::Declines("expired_card", None)),
    card("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", B::Declines("incorrect_cvc", None)),
    card("4000000000000119", "pm_card_chargeDeclinedProcessingError", B::Declines("processing_error", None)),
    card("4000000000000341", "pm_card_chargeCustomerFail", B::FailsWhenCharged),
    card("4000002500003155", "pm_card_authenticationRequiredOnSetup", B::AuthenticatesOnce),
    card("4000002760003184", "pm_card_authenticationRequired", B::AuthenticatesAlways),
    card("4000000000003220", "pm_card_threeDSecure2Required", B::AuthenticatesOnce),
    card(
        "4000008400001629",
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        B::AuthenticatesThenDeclines,
    ),
    card("4000000000000259", "pm_card_createDispute", B::Disputes),
];

/// The number behind a ready-made payment method.
pub(super) fn number_of(token: &str) -> Option<&'static str> {
    CARDS.iter().find(|card| card.token == token).map(|card| card.number)
}

/// A number's brand and what its bank does; unknown numbers are declined as Stripe's test mode declines real cards.
pub(super) fn of(number: &str) -> (&'static str, Behaviour) {
    let found = CARDS.iter().find(|card| card.number == number);
    found.map_or(("visa", B::Declines("card_declined", Some("test_mode_live_card"))), |card| {
        (card.brand, card.behaviour)
    })
}

/// The bank's answer to one charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Approved { disputed: bool },
    Authenticate,
    Declined { code: &'static str, decline_code: Option<&'static str> },
}

/// How a charge goes. `kept`: its owner agreed before to be charged without being there. `authenticated`: its owner was
/// asked just now and said yes.
pub(super) fn charge(number: &str, off_session: bool, kept: bool, authenticated: bool) -> Verdict {
    const DECLINED: Verdict = Verdict::Declined { code: "card_declined", decline_code: Some("generic_decline") };
    const ABSENT: Verdict =
        Verdict::Declined { code: "authentication_required", decline_code: Some("authentication_required") };
    let ask = |otherwise| match (authenticated, off_session) {
        (true, _) => otherwise,
        (false, true) => ABSENT,
        (false, false) => Verdict::Authenticate,
    };
    match of(number).1 {
        B::Succeeds => Verdict::Approved { disputed: false },
        B::Disputes => Verdict::Approved { disputed: true },
        B::Declines(code, decline_code) => Verdict::Declined { code, decline_code },
        B::FailsWhenCharged => DECLINED,
        B::AuthenticatesOnce if off_session && kept => Verdict::Approved { disputed: false },
        B::AuthenticatesOnce | B::AuthenticatesAlways => ask(Verdict::Approved { disputed: false }),
        B::AuthenticatesThenDeclines => ask(DECLINED),
    }
}

/// Whether a card can be kept, without any charge.
pub(super) fn keep(number: &str, authenticated: bool) -> Verdict {
    match of(number).1 {
        B::Declines(code, decline_code) => Verdict::Declined { code, decline_code },
        B::AuthenticatesOnce | B::AuthenticatesAlways | B::AuthenticatesThenDeclines if !authenticated => {
            Verdict::Authenticate
        }
        _ => Verdict::Approved { disputed: false },
    }
}

/// The error that a decline becomes.
pub(super) fn declined(code: &str, decline_code: Option<&str>) -> Refusal {
    let message = match (code, decline_code) {
        ("authentication_required", _) => "Your card was declined. This transaction requires authentication.",
        (_, Some("insufficient_funds")) => "Your card has insufficient funds.",
        ("expired_card", _) => "Your card has expired.",
        ("incorrect_cvc", _) => "Your card's security code is incorrect.",
        ("processing_error", _) => "An error occurred while processing your card. Try again in a little bit.",
        _ => "Your card was declined.",
    };
    Refusal::card(code, decline_code, message)
}

/// The error of an owner whom the bank did not recognise.
pub(super) fn unrecognised() -> Refusal {
    let code = "payment_intent_authentication_failure";
    Refusal::invalid("The provided payment method has failed authentication.").code(code)
}
