//! Addresses of the dashboard.

use leptos::prelude::*;
use leptos_router::{SsrMode, components::Route, path};

/// Everything below `/dashboard`.
#[component(transparent)]
pub fn AdminRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! { <Route path=path!("/dashboard") view=|| view! { <main><h1>"Dashboard"</h1></main> } ssr=SsrMode::Async/> }
        .into_inner()
}
