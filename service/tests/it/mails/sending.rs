//! How a mail leaves: as a file, or by a mail server.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use domain::{Secret, identity::email::Email};
use service::{
    Ctx, Settings,
    mail::{SmtpUrl, Transport},
    testing::TestServices,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use super::{advance, files, member, order, queued, shop, transfer};
use crate::shop::operator;

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_becomes_one_file() {
    let shop = shop().await;
    let member = member(&shop, None).await;
    transfer(&shop, order(&shop, member).await).await;
    let other = shop.test.another_node().await;
    let mails = (shop.services().mails(), other.mails());
    let (one, two) = tokio::join!(mails.0.work(), mails.1.work());
    assert_eq!(one.unwrap() + two.unwrap(), 1, "two nodes, one mail");
    assert_eq!(shop.services().mails().work().await.unwrap(), 0);
    let files = files(&shop);
    assert_eq!(files.len(), 1);
    let text = std::fs::read_to_string(&files[0]).unwrap();
    for part in ["To: payer@example.com", "Message-ID: <", "multipart/alternative", "Auto-Submitted: auto-generated"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(shop.services().mails().latest(&operator()).await.unwrap()[0].sent_at.is_some());
    let user = Ctx { actor: domain::billing::ledger::Actor::User(member), ..Ctx::anonymous() };
    assert!(shop.services().mails().latest(&user).await.is_err(), "mails are for superadmins");
    shop.test.clock.advance(TimeDelta::days(31));
    shop.services().purge().await.unwrap();
    assert_eq!(queued(&shop).await.len(), 0);
}

/// What a mail server was told, session by session; it answers every RCPT with the first of `answers` that is left, or
/// takes it.
#[derive(Default)]
struct Server {
    answers: Vec<&'static str>,
    letters: Vec<String>,
}

async fn serve(listener: TcpListener, server: Arc<Mutex<Server>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let server = server.clone();
        tokio::spawn(async move {
            let mut stream = BufReader::new(stream);
            stream.write_all(b"220 test ESMTP\r\n").await.unwrap();
            let (mut line, mut letter, mut in_data) = (String::new(), String::new(), false);
            while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
                let answer = if in_data && line == ".\r\n" {
                    in_data = false;
                    server.lock().unwrap().letters.push(std::mem::take(&mut letter));
                    "250 taken"
                } else if in_data {
                    letter.push_str(&line);
                    line.clear();
                    continue;
                } else {
                    match line.split([' ', ':', '\r']).next().unwrap_or_default() {
                        "EHLO" => "250 test",
                        "RCPT" => server.lock().unwrap().answers.pop().unwrap_or("250 OK"),
                        "DATA" => {
                            in_data = true;
                            "354 go on"
                        }
                        "QUIT" => "221 bye",
                        _ => "250 OK",
                    }
                };
                stream.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
                line.clear();
            }
        });
    }
}

/// A node that mails by SMTP to a server of the test.
async fn smtp_node(test: &TestServices, answers: Vec<&'static str>) -> (service::Services, Arc<Mutex<Server>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Secret::new(format!("smtp://{}", listener.local_addr().unwrap()));
    let server = Arc::new(Mutex::new(Server { answers, letters: Vec::new() }));
    tokio::spawn(serve(listener, server.clone()));
    let mut settings = Settings::new("http://127.0.0.1:8080");
    settings.mail.transport = Transport::Smtp(SmtpUrl::parse(&url).unwrap());
    settings.mail.from = Email::parse("billing@id.example").unwrap();
    (test.node_with(settings).await, server)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_is_busy_is_asked_again() {
    let shop = shop().await;
    let member = member(&shop, None).await;
    transfer(&shop, order(&shop, member).await).await;
    let (node, server) = smtp_node(&shop.test, vec!["450 busy", "451 busy"]).await;
    assert_eq!(node.mails().work().await.unwrap(), 1);
    assert_eq!(node.mails().work().await.unwrap(), 0, "not at once");
    for _ in 0..2 {
        assert!(server.lock().unwrap().letters.is_empty());
        shop.test.clock.advance(TimeDelta::minutes(2));
        assert_eq!(node.mails().work().await.unwrap(), 1);
    }
    let letters = std::mem::take(&mut server.lock().unwrap().letters);
    assert_eq!(letters.len(), 1);
    for part in ["<billing@id.example>", "To: payer@example.com", "Subject: ", "text/plain", "text/html"] {
        assert!(letters[0].contains(part), "{part}: {}", letters[0]);
    }
    shop.test.clock.advance(TimeDelta::days(1));
    assert_eq!(node.mails().work().await.unwrap(), 0, "sent once");
    assert!(queued(&shop).await.is_empty(), "what went out is not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_final_and_three_days_are_enough() {
    let shop = shop().await;
    let member = member(&shop, None).await;
    transfer(&shop, order(&shop, member).await).await;
    let (node, server) = smtp_node(&shop.test, vec!["550 no such user"]).await;
    assert_eq!(node.mails().work().await.unwrap(), 1);
    shop.test.clock.advance(TimeDelta::days(1));
    assert_eq!(node.mails().work().await.unwrap(), 0);

    advance(&shop, "1mo").await;
    server.lock().unwrap().answers = vec!["450 busy"; 1000];
    let mut rounds = 0;
    while !queued(&shop).await.is_empty() {
        shop.test.clock.advance(TimeDelta::hours(3));
        node.mails().work().await.unwrap();
        rounds += 1;
        assert!(rounds <= 24, "given up after three days");
    }
    assert!(rounds >= 20, "not before: {rounds}");
    assert!(server.lock().unwrap().letters.is_empty());
}
