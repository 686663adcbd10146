//! One connection, kept or made again for every request.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

pub struct Conn { pub addr: String, pub s: Option<TcpStream>, pub buf: Vec<u8>, pub close: bool }
pub struct Resp { pub status: u16, pub headers: Vec<(String, String)>, pub body: Vec<u8> }
impl Conn {
    pub fn exchange(&mut self, wire: &[u8]) -> std::io::Result<Resp> {
        let reused = self.s.is_some();
        match self.try_exchange(wire) {
            Err(_) if reused => { self.s = None; self.try_exchange(wire) } // an idle connection the server closed
            r => r,
        }
    }
    fn try_exchange(&mut self, wire: &[u8]) -> std::io::Result<Resp> {
        if self.s.is_none() {
            let s = TcpStream::connect(&self.addr)?;
            s.set_nodelay(true)?;
            s.set_read_timeout(Some(Duration::from_secs(20)))?;
            self.s = Some(s);
            self.buf.clear();
        }
        let r = (|| {
            let s = self.s.as_mut().unwrap();
            s.write_all(wire)?;
            let eof = || std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "eof");
            let mut tmp = [0u8; 16384];
            let hend = loop {
                if let Some(i) = self.buf.windows(4).position(|w| w == b"\r\n\r\n") { break i + 4; }
                let n = s.read(&mut tmp)?; if n == 0 { return Err(eof()); }
                self.buf.extend_from_slice(&tmp[..n]);
            };
            let head = String::from_utf8_lossy(&self.buf[..hend]).into_owned();
            let mut lines = head.split("\r\n");
            let status: u16 = lines.next().and_then(|l| l.get(9..12)).and_then(|x| x.parse().ok()).unwrap_or(0);
            let mut headers = vec![]; let (mut cl, mut chunked, mut close) = (None, false, false);
            for l in lines {
                if let Some((k, v)) = l.split_once(':') {
                    let (k, v) = (k.to_ascii_lowercase(), v.trim());
                    match k.as_str() {
                        "content-length" => cl = v.parse::<usize>().ok(),
                        "transfer-encoding" => chunked = v.eq_ignore_ascii_case("chunked"),
                        "connection" => close = v.eq_ignore_ascii_case("close"),
                        _ => {}
                    }
                    headers.push((k, v.to_string()));
                }
            }
            self.buf.drain(..hend);
            let mut body = vec![];
            if chunked {
                loop {
                    let e = loop {
                        if let Some(i) = self.buf.windows(2).position(|w| w == b"\r\n") { break i; }
                        let n = s.read(&mut tmp)?; if n == 0 { return Err(eof()); }
                        self.buf.extend_from_slice(&tmp[..n]);
                    };
                    let len = usize::from_str_radix(std::str::from_utf8(&self.buf[..e]).unwrap_or("0").split(';').next().unwrap().trim(), 16).unwrap_or(0);
                    while self.buf.len() < e + 2 + len + 2 {
                        let n = s.read(&mut tmp)?; if n == 0 { return Err(eof()); }
                        self.buf.extend_from_slice(&tmp[..n]);
                    }
                    body.extend_from_slice(&self.buf[e + 2..e + 2 + len]);
                    self.buf.drain(..e + 2 + len + 2);
                    if len == 0 { break; }
                }
            } else if let Some(n) = cl {
                while self.buf.len() < n { let k = s.read(&mut tmp)?; if k == 0 { return Err(eof()); } self.buf.extend_from_slice(&tmp[..k]); }
                body.extend(self.buf.drain(..n));
            } else if close { // body runs to the end of the connection
                loop { let k = s.read(&mut tmp)?; if k == 0 { break; } body.extend_from_slice(&tmp[..k]); }
            }
            Ok((Resp { status, headers, body }, close))
        })();
        match r {
            Ok((resp, close)) => { if close || self.close { self.s = None; } Ok(resp) }
            Err(e) => { self.s = None; Err(e) }
        }
    }
}
pub fn local(u: &str) -> String { // http://host:port/x -> /x
    match u.find("://") { Some(i) => match u[i + 3..].find('/') { Some(j) => u[i + 3 + j..].into(), None => "/".into() }, None => u.into() }
}
