//! Plays a scenario from one connection.

use std::collections::HashMap;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::conn::{local, Conn};
use crate::hash::{b64url, hex, hmac, sha256};
use crate::rng::Rng;
use crate::scenario::{subst, unpct, Step, Take};

pub struct Play { pub conn: Conn, pub host: String, pub vars: HashMap<String, String>, pub jar: Vec<(String, String)>, pub rng: Rng, pub lat: Vec<u32>, pub trace: bool, pub bytes: u64 }
impl Play {
    pub fn run(&mut self, steps: &[Step]) -> Result<(), String> {
        for st in steps {
            match st {
                Step::Fresh => self.jar.clear(),
                Step::Rnd(n) => { let x = format!("{:016x}", self.rng.next()); self.vars.insert(n.clone(), x); }
                Step::Pkce => {
                    let mut b = [0u8; 32]; for i in 0..4 { b[i * 8..i * 8 + 8].copy_from_slice(&self.rng.next().to_le_bytes()); }
                    let v = b64url(&b); let c = b64url(&sha256(v.as_bytes()));
                    self.vars.insert("verifier".into(), v); self.vars.insert("challenge".into(), c);
                }
                Step::Req(r) => {
                    let path = subst(&r.path, &self.vars);
                    let mut w = format!("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: load\r\nAccept: text/html,application/json\r\n", r.method, path, self.host);
                    for (k, v) in &r.headers { w += &format!("{k}: {}\r\n", subst(v, &self.vars)); }
                    if !self.jar.is_empty() {
                        w += "Cookie: ";
                        for (i, (k, v)) in self.jar.iter().enumerate() { if i > 0 { w += "; "; } w += k; w.push('='); w += v; }
                        w += "\r\n";
                    }
                    if self.conn.close { w += "Connection: close\r\n"; }
                    if let Some((ct, b)) = &r.body {
                        let b = subst(b, &self.vars);
                        if let Some(sec) = &r.stripe {
                            let t = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
                            w += &format!("Stripe-Signature: t={t},v1={}\r\n", hex(&hmac(subst(sec, &self.vars).as_bytes(), format!("{t}.{b}").as_bytes())));
                        }
                        w += &format!("Content-Type: {ct}\r\nContent-Length: {}\r\n\r\n{b}", b.len());
                    } else if r.method != "GET" { w += "Content-Length: 0\r\n\r\n"; } else { w += "\r\n"; }
                    let t = Instant::now();
                    let resp = self.conn.exchange(w.as_bytes()).map_err(|e| format!("{} {path}: {e}", r.method))?;
                    self.lat.push(t.elapsed().as_micros().min(u32::MAX as u128) as u32);
                    self.bytes += resp.body.len() as u64;
                    if self.trace { eprintln!(">>> {w}\n<<< {} {:?}\n{}\n", resp.status, resp.headers, String::from_utf8_lossy(&resp.body[..resp.body.len().min(1500)])); }
                    for (k, v) in &resp.headers {
                        if k == "set-cookie" {
                            let mut p = v.split(';');
                            if let Some((n, x)) = p.next().and_then(|x| x.split_once('=')) {
                                let (n, x) = (n.trim(), x.trim());
                                self.jar.retain(|c| c.0 != n);
                                let lv = v.to_ascii_lowercase();
                                if !x.is_empty() && !lv.contains("max-age=0") && !lv.contains("01 jan 1970") { self.jar.push((n.into(), x.into())); }
                            }
                        }
                    }
                    if !r.expect.is_empty() && !r.expect.contains(&resp.status) {
                        return Err(format!("{} {path}: status {} ({})", r.method, resp.status, String::from_utf8_lossy(&resp.body[..resp.body.len().min(300)])));
                    }
                    for (n, t) in &r.takes {
                        let h = |n: &str| resp.headers.iter().find(|x| x.0 == n).map(|x| x.1.clone());
                        let body = || String::from_utf8_lossy(&resp.body).into_owned();
                        let v = match t {
                            Take::Header(k) => h(k).map(|u| local(&u)),
                            Take::Query(k, q) => h(k).and_then(|u| u.split_once('?').and_then(|(_, s)| s.split('#').next().unwrap().split('&').find_map(|p| p.split_once('=').filter(|(a, _)| a == q).map(|(_, b)| unpct(b))))),
                            Take::Json(k) => { let b = body(); b.find(&format!("\"{k}\"")).and_then(|i| { let r = &b[i + k.len() + 2..]; let r = &r[r.find('"')? + 1..]; Some(r[..r.find('"')?].to_string()) }) }
                            Take::Between(a, z) => { let b = body(); b.find(a.as_str()).and_then(|i| { let r = &b[i + a.len()..]; Some(r[..r.find(z.as_str())?].replace("&amp;", "&")) }) }
                        };
                        match v { Some(v) => { self.vars.insert(n.clone(), v); } None => return Err(format!("{} {path}: nothing to take for {n} (status {})", r.method, resp.status)) }
                    }
                }
            }
        }
        Ok(())
    }
}
