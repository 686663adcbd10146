//! The stand-ins for payment providers as a program, for tests that are not written in Rust. It prints a line
//! `NAME=value` for each address and key that it takes, then `READY`, and serves until it is ended.

use std::{net::SocketAddr, sync::Arc};

use service::{
    clock::ManualClock,
    testing::{TestServices, http::HttpServer, midtrans, stripe},
};

const MIDTRANS_KEY: &str = "SB-Mid-server-TOq1a2AVuiyhhOjvfs3U";

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let _midtrans = serve_midtrans().await?;
    let _stripe = serve_stripe().await?;
    println!("READY");
    tokio::signal::ctrl_c().await
}

async fn serve_midtrans() -> std::io::Result<HttpServer> {
    let clock = ManualClock::new(TestServices::epoch());
    let fake = midtrans::FakeMidtrans::new(Arc::new(clock.clone()), MIDTRANS_KEY);
    let (served, address) = (fake.clone(), SocketAddr::from(([127, 0, 0, 1], 0)));
    let server = HttpServer::listen(address, move |request| midtrans::control(&served, &clock, &request)).await?;
    fake.pages_at(&server.url());
    println!("MIDTRANS_URL={}\nMIDTRANS_KEY={MIDTRANS_KEY}", server.url());
    Ok(server)
}

async fn serve_stripe() -> std::io::Result<HttpServer> {
    let clock = ManualClock::new(TestServices::epoch());
    let fake = stripe::FakeStripe::new(Arc::new(clock.clone()));
    let (served, address) = (fake.clone(), SocketAddr::from(([127, 0, 0, 1], 0)));
    let server = HttpServer::listen(address, move |request| stripe::control(&served, &clock, &request)).await?;
    fake.pages_at(&server.url());
    let (key, secret) = (stripe::TEST_KEY, stripe::WEBHOOK_SECRET);
    println!("STRIPE_URL={}\nSTRIPE_KEY={key}\nSTRIPE_WEBHOOK_SECRET={secret}", server.url());
    Ok(server)
}
