//! `turnpike health`: asks a running server whether it can do its work, for supervisors and containers.

use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, bail};
use domain::route;

use super::print;
use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(5);

pub fn run(config: &Config) -> anyhow::Result<()> {
    let address = reachable(config.listen.0);
    let unreachable = || format!("nothing answers at {address}");
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).with_context(unreachable)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = format!("GET {} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n", route::READY);
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer).with_context(unreachable)?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.split(' ').nth(1).unwrap_or_default();
    if status != "200" {
        bail!("the server at {address} is not ready: status {status}");
    }
    print(&["ok".into()])
}

/// Where a server that listens on all addresses can be asked.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
