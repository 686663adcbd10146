//! A closed-loop HTTP/1.1 load driver, with no dependencies:
//!     rustc -O --edition 2021 main.rs -o load
//!
//! It plays a *scenario* (a small text file) from N connections, each on its own thread, for
//! S seconds, R times, and reports the median run: scenario iterations/s, requests/s, latency of
//! requests and of whole iterations, errors, and — read from /proc — what the server itself used:
//! CPU microseconds per iteration, RSS and peak RSS. CPU per iteration is the figure to compare on
//! a shared machine: it moves far less than req/s when something else is running. `server_wait` is
//! the share of time the server was ready but had no core: near 0 means that req/s can be trusted.
//!
//! The language of scenarios stands at the head of `scenario.rs`.

mod conn;
mod hash;
mod machine;
mod play;
mod rng;
mod scenario;

use std::collections::HashMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use conn::Conn;
use machine::{calib, machine, mem_kb, sched_us, wait_us};
use play::Play;
use rng::Rng;
use scenario::{parse, subst};

fn q(v: &[u32], p: f64) -> f64 { if v.is_empty() { 0.0 } else { v[((v.len() as f64 * p) as usize).min(v.len() - 1)] as f64 / 1000.0 } }
fn med(mut v: Vec<f64>) -> f64 { v.sort_by(|a, b| a.partial_cmp(b).unwrap()); v[v.len() / 2] }

fn main() {
    let mut a = std::env::args().skip(1);
    let (mut cold, mut path) = (None::<String>, "/.well-known/openid-configuration".to_string());
    let (mut addr, mut pids, mut secs, mut conns, mut runs, mut files, mut close, mut label, mut trace, mut sets) = ("127.0.0.1:9100".to_string(), vec![], 3.0, 16usize, 5usize, vec![], false, String::new(), false, vec![]);
    while let Some(x) = a.next() {
        let mut n = || a.next().expect("value");
        match x.as_str() {
            "--addr" => addr = n(), "--pid" => pids = n().split(',').filter_map(|p| p.parse().ok()).collect(),
            "--secs" => secs = n().parse().unwrap(), "--conns" => conns = n().parse().unwrap(), "--runs" => runs = n().parse().unwrap(),
            "--label" => label = n(), "--cold" => cold = Some(n()), "--path" => path = n(), "--close" => close = true, "--trace" => trace = true,
            "--set" => { let kv = n(); let (k, v) = kv.split_once('=').unwrap(); sets.push((k.to_string(), v.to_string())); }
            _ => files.push(x),
        }
    }
    if let Some(cmd) = cold {
        // start-up: from exec to the first 200 on --path, and what the process holds then
        let mut ms = vec![]; let mut rss = vec![];
        for _ in 0..runs {
            let t = Instant::now();
            let mut c = std::process::Command::new("sh").arg("-c").arg(format!("exec {cmd}")).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().expect("spawn");
            let req = format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
            loop {
                if let Ok(mut s) = TcpStream::connect(&addr) {
                    let _ = s.set_read_timeout(Some(Duration::from_secs(10)));
                    let mut b = [0u8; 64];
                    if s.write_all(req.as_bytes()).is_ok() { if let Ok(n) = s.read(&mut b) { if n > 12 && &b[9..12] == b"200" { break; } } }
                }
                if t.elapsed().as_secs() > 120 { eprintln!("never ready"); break; }
                std::thread::sleep(Duration::from_millis(1));
            }
            ms.push(t.elapsed().as_secs_f64() * 1000.0);
            std::thread::sleep(Duration::from_millis(300));
            rss.push(mem_kb(&[c.id()], "VmRSS") as f64 / 1024.0);
            let _ = std::process::Command::new("kill").arg(c.id().to_string()).status();
            for _ in 0..50 { if let Ok(Some(_)) = c.try_wait() { break; } std::thread::sleep(Duration::from_millis(20)); }
            let _ = c.kill(); let _ = c.wait();
        }
        println!("{{\"label\":\"{label}\",\"scenario\":\"cold_start\",\"runs\":{runs},\"ready_ms\":{:.1},\"idle_rss_mb\":{:.1}}}", med(ms), med(rss));
        return;
    }
    assert!(addr.starts_with("127.") || addr.starts_with("localhost") || addr.starts_with("[::1]"), "loopback only");
    for f in &files {
        let sc = Arc::new(parse(&fs::read_to_string(f).unwrap_or_else(|e| panic!("{f}: {e}"))));
        let name = f.rsplit('/').next().unwrap().trim_end_matches(".txt").to_string();
        let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
        let mk = |i: u64| -> Play {
            let mut vars: HashMap<String, String> = HashMap::new();
            for (k, v) in sc.vars.iter().chain(sets.iter()) { let v = subst(v, &vars); vars.insert(k.clone(), v); }
            vars.insert("conn".into(), i.to_string());
            Play { conn: Conn { addr: addr.clone(), s: None, buf: vec![], close }, host: addr.clone(), vars, jar: vec![], rng: Rng(seed ^ (i << 40)), lat: vec![], trace, bytes: 0 }
        };
        if trace {
            let mut p = mk(0);
            let r = p.run(&sc.setup).and_then(|_| p.run(&sc.main));
            println!("{name}: {:?} ({} requests, {} body bytes)", r, p.lat.len(), p.bytes);
            continue;
        }
        let mut rows = vec![]; let mut cal: Vec<Vec<f64>> = vec![];
        for run in 0..runs + 1 { // run 0 is the warm-up
            cal.push(calib());
            let dur = if run == 0 { (secs / 3.0f64).max(0.5) } else { secs };
            let stop = Arc::new(AtomicBool::new(false));
            let start = Arc::new(Barrier::new(conns + 1));
            let errs = Arc::new(AtomicU64::new(0));
            let hs: Vec<_> = (0..conns).map(|i| {
                let (sc, stop, start, errs) = (sc.clone(), stop.clone(), start.clone(), errs.clone());
                let mut p = mk((run as u64) << 16 | i as u64);
                std::thread::spawn(move || {
                    let mut first = None;
                    if let Err(e) = p.run(&sc.setup) { errs.fetch_add(1, Ordering::Relaxed); first = Some(e); }
                    p.lat.clear(); p.bytes = 0;
                    start.wait();
                    let mut it = vec![];
                    if first.is_none() {
                        while !stop.load(Ordering::Relaxed) {
                            let t = Instant::now();
                            match p.run(&sc.main) {
                                Ok(()) => it.push(t.elapsed().as_micros() as u32),
                                Err(e) => { errs.fetch_add(1, Ordering::Relaxed); if first.is_none() { first = Some(e); } std::thread::sleep(Duration::from_millis(2)); }
                            }
                        }
                    }
                    (it, p.lat, first, p.bytes)
                })
            }).collect();
            start.wait();
            let (t0, c0, m0, w0) = (Instant::now(), sched_us(&pids), machine(), wait_us(&pids));
            std::thread::sleep(Duration::from_secs_f64(dur));
            let (dt, c1, m1, w1) = (t0.elapsed().as_secs_f64(), sched_us(&pids), machine(), wait_us(&pids));
            stop.store(true, Ordering::Relaxed);
            let (mut it, mut rq, mut by) = (vec![], vec![], 0);
            let mut first = None;
            for h in hs { let (a, b, e, n) = h.join().unwrap(); it.extend(a); rq.extend(b); by += n; if first.is_none() { first = e; } }
            it.sort_unstable(); rq.sort_unstable();
            let e = errs.load(Ordering::Relaxed);
            if let Some(x) = first { eprintln!("{name} run {run}: {e} error(s), the first: {x}"); }
            if run == 0 { continue; }
            let n = it.len() as f64;
            rows.push([n / dt, rq.len() as f64 / dt, q(&rq, 0.5), q(&rq, 0.99), q(&it, 0.5), q(&it, 0.99), (c1 - c0) as f64 / n.max(1.0), (c1 - c0) as f64 / dt / 1e6,
                (m1.0 - m0.0) as f64 / (m1.1 - m0.1).max(1) as f64, e as f64, by as f64 / (rq.len() as f64).max(1.0), (w1.saturating_sub(w0)) as f64 / dt / 1e6]);
        }
        let c = |i: usize| med(rows.iter().map(|r| r[i]).collect());
        let mx = |i: usize| rows.iter().map(|r| r[i]).fold(0.0, f64::max);
        let mn = |i: usize| rows.iter().map(|r| r[i]).fold(f64::MAX, f64::min);
        println!("{{\"label\":\"{label}\",\"scenario\":\"{name}\",\"conns\":{conns},\"secs\":{secs},\"runs\":{runs},\"iter_s\":{:.1},\"iter_s_min\":{:.1},\"iter_s_max\":{:.1},\"req_s\":{:.1},\"req_p50_ms\":{:.3},\"req_p99_ms\":{:.3},\"iter_p50_ms\":{:.3},\"iter_p99_ms\":{:.3},\"server_cpu_us_per_iter\":{:.1},\"server_cpu_us_per_iter_min\":{:.1},\"server_cores\":{:.2},\"machine_busy\":{:.2},\"server_wait\":{:.2},\"calib_mbs\":{:?},\"errors\":{},\"body_bytes\":{:.0},\"rss_mb\":{:.1},\"peak_rss_mb\":{:.1}}}",
            c(0), mn(0), mx(0), c(1), c(2), c(3), c(4), c(5), c(6), mn(6), c(7), c(8), c(11), (0..cal[0].len()).map(|k| med(cal.iter().map(|v| v[k]).collect()).round()).collect::<Vec<_>>(), rows.iter().map(|r| r[9]).sum::<f64>(), c(10), mem_kb(&pids, "VmRSS") as f64 / 1024.0, mem_kb(&pids, "VmHWM") as f64 / 1024.0);
    }
}
