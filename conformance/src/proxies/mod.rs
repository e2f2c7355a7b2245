//! Our own client and server with real proxies between them, set up as they are met in practice.
#![expect(clippy::print_stdout, reason = "the result is for whoever started the program")]

mod exchange;
mod programs;
mod standing;

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use socketio_client::{AdaptiveStatus, Client, Config, Tier, Transport};
use tokio::{net::TcpListener, runtime::Builder};

use exchange::Numbers;
use programs::{Program, Proxy};
pub(crate) use standing::{StandingOptions, stand};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Numbered messages in each direction before and after the connection was idle
    #[arg(long, default_value_t = 1000)]
    messages: u64,
}

/// What a proxy does to the adaptive transport.
struct Scenario {
    name: &'static str,
    program: Program,
    /// What the connection is opened with.
    opens: Tier,
    /// Whether the proxy ends what is idle, so that the carrier changes while nothing is sent.
    ends_idle: bool,
    /// Whether the application expects events, which keeps the connection busy.
    expecting: bool,
}

const SCENARIOS: [Scenario; 7] = [
    Scenario {
        name: "nginx without the headers of the upgrade, with buffering",
        program: Program::Nginx { upgrade: false, read_timeout: 60 },
        opens: Tier::LongPoll,
        ends_idle: false,
        expecting: false,
    },
    Scenario {
        name: "nginx without the headers of the upgrade that ends what is silent for 2 s",
        program: Program::Nginx { upgrade: false, read_timeout: 2 },
        opens: Tier::LongPoll,
        ends_idle: true,
        expecting: false,
    },
    Scenario {
        name: "nginx that ends what is idle for 2 s",
        program: Program::Nginx { upgrade: true, read_timeout: 2 },
        opens: Tier::WebSocket,
        ends_idle: true,
        expecting: false,
    },
    Scenario {
        name: "nginx that ends what is idle for 2 s, while events are expected",
        program: Program::Nginx { upgrade: true, read_timeout: 2 },
        opens: Tier::WebSocket,
        ends_idle: false,
        expecting: true,
    },
    Scenario {
        name: "HAProxy that ends tunnels that are idle for 1 s",
        program: Program::HaProxy { tunnel_timeout: 1 },
        opens: Tier::WebSocket,
        ends_idle: true,
        expecting: false,
    },
    Scenario {
        name: "HAProxy as it is",
        program: Program::HaProxy { tunnel_timeout: 3600 },
        opens: Tier::WebSocket,
        ends_idle: false,
        expecting: false,
    },
    Scenario {
        name: "Squid, which passes no upgrade",
        program: Program::Squid,
        opens: Tier::LongPoll,
        ends_idle: false,
        expecting: false,
    },
];

pub(crate) fn run(options: &Options) -> Result<()> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(async {
        for scenario in &SCENARIOS {
            let run = tokio::time::timeout(DEADLINE, scenario.run(options.messages));
            let status = match run.await {
                Ok(result) => result.with_context(|| format!("failed: {}", scenario.name))?,
                Err(_) => bail!("{}: still not done after {} s", scenario.name, DEADLINE.as_secs()),
            };
            let tier = status.tier.map_or("nothing", Tier::name);
            println!("{}: {} switches, now on {tier}", scenario.name, status.switches);
        }
        Ok(())
    })
}

impl Scenario {
    async fn run(&self, messages: u64) -> Result<AdaptiveStatus> {
        let numbers = Numbers::default();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let server = listener.local_addr()?;
        let serving = tokio::spawn(engineio::serve(listener, numbers.server().service()));
        let proxy = Proxy::start(self.program, server).await?;
        let config = Config { transports: vec![Transport::Adaptive], ..Config::default() };
        let client = Client::new(&format!("http://{}", proxy.address), config)?;
        client.expect_events(self.expecting);
        let (socket, mut events) = client.namespace("/").stream()?;
        socket.connected().await?;
        let mut status = client.adaptive();
        status.wait_for(|status| status.tier == Some(self.opens)).await?;
        numbers.exchange(&socket, &mut events, messages).await?;
        let before = status.borrow_and_update().switches;
        if self.ends_idle {
            status.wait_for(|status| status.switches > before && status.tier.is_some()).await?;
        } else {
            let idle = status.wait_for(|status| status.switches > before);
            ensure!(tokio::time::timeout(IDLE, idle).await.is_err(), "the carrier changed without need");
        }
        if matches!(self.program, Program::Nginx { .. }) {
            let cuts = proxy.cuts()?;
            ensure!((cuts > 0) == self.ends_idle, "nginx has ended {cuts} connections");
        }
        numbers.exchange(&socket, &mut events, messages).await?;
        let last = status.borrow().clone();
        client.close().await;
        numbers.verify(2 * messages, &mut events).await?;
        serving.abort();
        Ok(last)
    }
}

/// How long a connection is left idle that nothing should end.
const IDLE: Duration = Duration::from_secs(5);

const DEADLINE: Duration = Duration::from_secs(60);
