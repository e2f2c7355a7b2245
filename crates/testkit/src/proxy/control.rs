use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{self, AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};

use super::{Faults, Kind, Proxy};

/// What a line of the control protocol asks for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Command {
    /// Replaces all rules.
    Set(Box<Faults>),
    /// Ends all connections of this kind.
    Cut(Kind),
    /// Asks for the numbers.
    Stats,
}

/// Lets other processes rule a proxy: one JSON value a line, each answered by one line, to the end of `input`.
///
/// | line | answer |
/// | --- | --- |
/// | `{"set":{"upgrade":"mute"}}` | `{"ok":true}`; the value is [`Faults`], and replaces all rules |
/// | `{"cut":"websocket"}`, `{"cut":"http"}` | `{"ok":true}` |
/// | `"stats"` | `{"ok":true,"stats":{…}}`, see [`Stats`](super::Stats) |
/// | anything else | `{"ok":false,"error":"…"}` |
///
/// # Errors
/// Reading or writing failed.
pub async fn control(
    proxy: &Proxy,
    input: impl AsyncRead + Unpin,
    mut output: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    let mut lines = BufReader::new(input).lines();
    while let Some(line) = lines.next_line().await? {
        let answer = obey(proxy, &line);
        output.write_all(format!("{answer}\n").as_bytes()).await?;
        output.flush().await?;
    }
    Ok(())
}

fn obey(proxy: &Proxy, line: &str) -> Value {
    match serde_json::from_str(line) {
        Ok(Command::Set(faults)) => proxy.set(*faults),
        Ok(Command::Cut(kind)) => proxy.cut(kind),
        Ok(Command::Stats) => return json!({ "ok": true, "stats": proxy.stats() }),
        Err(error) => return json!({ "ok": false, "error": error.to_string() }),
    }
    json!({ "ok": true })
}
