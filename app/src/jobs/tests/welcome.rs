//! Mails to users who were created.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::world::World;
use crate::jobs::{Error, JobId, JobOptions, JobStatus, Mode, WelcomeMails};
use crate::notify::{Mail, Notifier};
use crate::store::Commit;

const TEMPLATE: &str = "Subject: Hello {name.given}\n\nYour name is {username}.\n";

const CSV: &str = "username,email,given name\nold,new@example.com,\nada,ada@example.com,Ada\nbob,,Bob\n\
                   bad,not an address,\neve,refused@example.com,Eve\n";

fn welcoming() -> JobOptions {
    JobOptions { welcome_mail: Some(TEMPLATE.to_owned()), mode: Mode::Upsert, ..JobOptions::default() }
}

/// A mail server on this machine, which refuses one address; gives receivers with what they were sent.
struct Server(UnboundedReceiver<(String, String)>);

impl Server {
    async fn start(world: &World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (sender, receiver) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(talk(socket, sender.clone()));
            }
        });
        let mail = Mail::new(&url, "Tool <tool@example.com>", Some("operator@example.com")).unwrap();
        world.jobs.notify_with(Notifier::new(None, Some(mail)));
        Self(receiver)
    }

    /// What users were sent since this was last asked for.
    fn mails(&mut self) -> Vec<(String, String)> {
        let all = std::iter::from_fn(|| self.0.try_recv().ok());
        all.filter(|(to, _)| to != "operator@example.com").collect()
    }
}

async fn talk(socket: TcpStream, mails: UnboundedSender<(String, String)>) {
    let (read, mut write) = socket.into_split();
    let mut lines = BufReader::new(read).lines();
    let (mut to, mut text, mut is_text) = (String::new(), String::new(), false);
    let mut reply = "220 here\r\n";
    loop {
        write.write_all(reply.as_bytes()).await.unwrap();
        reply = loop {
            let Ok(Some(line)) = lines.next_line().await else { return };
            match line.as_str() {
                "." if is_text => {
                    is_text = false;
                    mails.send((std::mem::take(&mut to), std::mem::take(&mut text))).unwrap();
                    break "250 taken\r\n";
                }
                line if is_text => text.extend([line, "\n"]),
                "DATA" => {
                    is_text = true;
                    break "354 go on\r\n";
                }
                line => match line.strip_prefix("RCPT TO:<").and_then(|rest| rest.split('>').next()) {
                    Some("refused@example.com") => break "550 nobody here\r\n",
                    Some(address) => {
                        address.clone_into(&mut to);
                        break "250 fine\r\n";
                    }
                    None => break "250 fine\r\n",
                },
            }
        };
    }
}

/// The job as a kill leaves it when mails up to this row were about to be sent.
async fn killed(world: &World, id: JobId, welcomed_through: u64) {
    let store = &world.jobs.inner.store;
    let mut record = store.job(id).await.unwrap().unwrap();
    (record.status, record.finished_at) = (JobStatus::Running, None);
    record.welcomed_through = welcomed_through;
    store.commit(&mut record, Commit::default()).await.unwrap();
}

#[tokio::test]
async fn created_users_are_written_to_once_and_nobody_else() {
    let world = World::new().await;
    let mut server = Server::start(&world).await;
    world.import("username,email\nold,old@example.com\n").await;
    assert_eq!(server.mails(), [], "nobody is without being asked for");
    let dry = world.job(Some(CSV), &JobOptions { dry_run: true, ..welcoming() }).await.unwrap();
    assert_eq!((dry.counts.created, dry.welcome_mails, server.mails()), (3, None, vec![]));
    let job = world.job(Some(CSV), &welcoming()).await.unwrap();
    let counts = (job.counts.created, job.counts.updated, job.counts.failed);
    assert_eq!(counts, (3, 1, 1), "a mail that cannot be sent fails no row");
    let counted = WelcomeMails { sent: 1, failed: 1, not_tried: 0, without_address: 1 };
    assert_eq!(job.welcome_mails, Some(counted));
    let mails = server.mails();
    let [(to, text)] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!(to, "ada@example.com");
    assert!(text.contains("MIME-Version: 1.0\n") && text.contains("Message-ID: <"), "{text}");
    assert!(text.contains("Subject: Hello Ada\n") && text.contains("\n\nYour name is ada.\n"), "{text}");
    let [warning] = &job.warnings[..] else { panic!("{:?}", job.warnings) };
    assert_eq!(warning.code, "welcome_failed");
    assert!(warning.message.starts_with("1 of the welcome mails could not be sent"), "{}", warning.message);
    let again = world.job(Some(CSV), &welcoming()).await.unwrap();
    assert_eq!((again.counts.unchanged, server.mails()), (4, vec![]));
}

#[tokio::test]
async fn after_a_kill_nobody_gets_a_second_mail_and_the_rest_get_theirs() {
    let world = World::new().await;
    let mut server = Server::start(&world).await;
    let job =
        world.job(Some("username,email\nada,ada@example.com\nbob,bob@example.com\n"), &welcoming()).await;
    let id = job.unwrap().id;
    assert_eq!(server.mails().len(), 2);
    for (through, expected) in
        [(2, &[][..]), (1, &["bob@example.com"]), (0, &["ada@example.com", "bob@example.com"])]
    {
        killed(&world, id, through).await;
        world.jobs.resume(id).await.unwrap();
        assert_eq!(world.jobs.wait(id).await.unwrap().status, JobStatus::Completed);
        let mut to: Vec<_> = server.mails().into_iter().map(|(to, _)| to).collect();
        to.sort_unstable();
        assert_eq!(to, expected);
    }
}

#[tokio::test]
async fn a_mail_that_cannot_be_sent_makes_no_job() {
    let world = World::new().await;
    let refused = async |options: JobOptions| match world.create(CSV, &options).await {
        Err(Error::Options(message)) => message,
        other => panic!("{other:?}"),
    };
    assert!(refused(welcoming()).await.contains("PINGONE_IMPORT_SMTP_URL"));
    let template = |text: &str| JobOptions { welcome_mail: Some(text.to_owned()), ..JobOptions::default() };
    assert!(refused(template("Hello")).await.contains("Subject:"));
    assert!(refused(template("Subject: Hello\n\n{password}\n")).await.contains("{password} is no attribute"));
}
