//! Real sockets on this machine play the receiver of the webhook and the mail server.

use jiff::Timestamp;
use pingone::Secret;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::{Mail, Notifier, SIGNATURE, Webhook, from_variables, verify};
use crate::jobs::{Counts, JobId, JobStatus, JobView, Kind, Mode};

const SECRET: &str = "a secret of some length";

fn job() -> JobView {
    JobView {
        id: JobId::new(),
        kind: Kind::Import,
        mode: Mode::Create,
        status: JobStatus::Completed,
        dry_run: false,
        file: "users.csv".to_owned(),
        population: None,
        environment: "e".to_owned(),
        simulator: true,
        total: 3,
        counts: Counts { processed: 3, created: 2, failed: 1, ..Counts::default() },
        rate: 0.0,
        remaining_seconds: None,
        seconds: 1.5,
        last_seq: 7,
        created_at: Timestamp::now(),
        started_at: None,
        finished_at: None,
        error: None,
        retry_of: None,
        confirmation: None,
        output: None,
        has_passwords: false,
        welcome_mails: None,
        warnings: Vec::new(),
    }
}

/// Reads one request and answers it; gives its head and body.
async fn answer(listener: &TcpListener, status: &str) -> (String, String) {
    let (mut socket, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    let head = loop {
        socket.read_buf(&mut request).await.unwrap();
        if let Some(end) = request.windows(4).position(|it| it == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = String::from_utf8_lossy(&request[..head]).to_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
    while request.len() < head + length.unwrap_or(0) {
        socket.read_buf(&mut request).await.unwrap();
    }
    let reply = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    socket.write_all(reply.as_bytes()).await.unwrap();
    (text, String::from_utf8(request[head..].to_vec()).unwrap())
}

#[tokio::test]
async fn a_webhook_is_signed_and_repeated_until_it_is_taken() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap()).parse().unwrap();
    let notifier = Notifier::new(Some(Webhook::new(url, Secret::from(SECRET.to_owned())).unwrap()), None);
    let job = job();
    let received = async {
        answer(&listener, "503 Later").await;
        answer(&listener, "204 Fine").await
    };
    let (_, (head, body)) = tokio::join!(notifier.tell(&job), received);
    let header = head.lines().find_map(|line| line.strip_prefix(SIGNATURE)?.strip_prefix(": ")).unwrap();
    let now = Timestamp::now().as_second();
    assert!(verify(SECRET, header, &body, now, 300), "{header}");
    assert!(!verify("another secret!!", header, &body, now, 300));
    assert!(!verify(SECRET, header, &body.replace("\"failed\":1", "\"failed\":0"), now, 300));
    assert!(!verify(SECRET, header, &body, now + 1_000, 300), "too old");
    for broken in ["", "t=1", "v1=00", "t=x,v1=00", "t=1,v1=0", "t=1,v1=zz", "t=1,v1=é"] {
        assert!(!verify(SECRET, broken, &body, 1, 300), "{broken}");
    }
    let told: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&told["event"], &told["job"]["failed"]), (&"job.finished".into(), &1.into()));
}

/// As much of a mail server as a mail needs.
async fn take_mail(listener: &TcpListener) -> String {
    let (socket, _): (TcpStream, _) = listener.accept().await.unwrap();
    let (read, mut write) = socket.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 here\r\n").await.unwrap();
    let (mut said, mut is_data) = (String::new(), false);
    while let Some(line) = lines.next_line().await.unwrap() {
        said.push_str(&line);
        said.push('\n');
        let reply = match line.as_str() {
            "." => {
                is_data = false;
                "250 taken\r\n"
            }
            _ if is_data => continue,
            "DATA" => {
                is_data = true;
                "354 go on\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 fine\r\n",
        };
        write.write_all(reply.as_bytes()).await.unwrap();
        if reply.starts_with("250 taken") {
            break;
        }
    }
    said
}

#[tokio::test]
async fn a_mail_goes_to_the_operator_with_counts_and_no_rows() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let mail = Mail::new(&url, "Tool <tool@example.com>", Some("ada@example.com, bob@example.com")).unwrap();
    let (_, said) =
        tokio::join!(async { Notifier::new(None, Some(mail)).tell(&job()).await }, take_mail(&listener));
    for expected in [
        "RCPT TO:<ada@example.com>",
        "RCPT TO:<bob@example.com>",
        "Subject: Job completed: 3 of 3 rows, 1 failed",
        "created 2",
    ] {
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn what_cannot_work_is_refused() {
    let hook = |url: &str, secret: &str| Webhook::new(url.parse().unwrap(), Secret::from(secret.to_owned()));
    assert!(hook("http://example.com/hook", SECRET).is_err(), "not encrypted");
    assert!(hook("https://example.com/hook", "short").is_err());
    assert!(hook("https://example.com/hook", SECRET).is_ok());
    assert!(Mail::new("smtps://mail.example.com", "nobody", Some("ada@example.com")).is_err());
    assert!(Mail::new("nonsense", "a@example.com", Some("ada@example.com")).is_err());
    let half: &[(&str, &str)] = &[("PINGONE_IMPORT_WEBHOOK_URL", "https://example.com")];
    assert!(from_variables(&half).is_err());
    let nothing: &[(&str, &str)] = &[];
    assert!(from_variables(&nothing).unwrap().is_silent());
    let mut mail = vec![
        ("PINGONE_IMPORT_SMTP_URL", "smtp://mail.example.com"),
        ("PINGONE_IMPORT_MAIL_FROM", "tool@example.com"),
    ];
    let only_users = from_variables(&mail.as_slice()).unwrap();
    assert!(only_users.is_silent() && only_users.mail().is_some(), "mail to users needs no operator");
    mail.push(("PINGONE_IMPORT_MAIL_TO", "operator@example.com"));
    assert!(!from_variables(&mail.as_slice()).unwrap().is_silent());
    assert!(from_variables(&&mail[1..]).is_err() && from_variables(&&mail[2..]).is_err());
}
