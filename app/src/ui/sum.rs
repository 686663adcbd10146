//! The lines of a sum.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// One line of a sum, already in the visitor's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SumLine {
    pub label: String,
    pub amount: String,
}

/// The lines, as rows of a `<dl>`.
#[component]
pub fn SumLines(lines: Vec<SumLine>) -> impl IntoView {
    lines
        .into_iter()
        .map(|line| {
            view! {
                <div class="flex items-baseline justify-between gap-4">
                    <dt class="min-w-0">{line.label}</dt>
                    <dd class="shrink-0 whitespace-nowrap tabular-nums">{line.amount}</dd>
                </div>
            }
        })
        .collect::<Vec<_>>()
}
