//! A scanner of uploaded files: ClamAV's daemon, which reads a file over a socket and says what it is (security item 40).
use base::{Error, Kind, Result};
use futures::future::BoxFuture;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    time::{Duration, timeout},
};

/// What a scanner says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// The name of what was found.
    Infected(String),
}

/// Judges bytes; a scanner that does not answer is `Unavailable`, never "clean".
pub trait Scanner: Send + Sync {
    /// What the bytes are.
    fn scan<'a>(&'a self, bytes: &'a [u8]) -> BoxFuture<'a, Result<Verdict>>;
}

/// Where ClamAV's daemon listens: `unix:/run/clamav/clamd.ctl` or `tcp:127.0.0.1:3310`.
#[derive(Clone, Debug)]
pub struct ClamAv(String);

const PATIENCE: Duration = Duration::from_secs(30);
const CHUNK: usize = 64 * 1024;
const LONGEST_ANSWER: u64 = 4096;

impl ClamAv {
    /// The daemon at an address; nothing for an address of another form.
    pub fn at(address: &str) -> Option<Self> {
        let is_known = address.starts_with("unix:") || address.starts_with("tcp:");
        is_known.then(|| Self(address.to_owned()))
    }

    async fn ask(&self, bytes: &[u8]) -> std::io::Result<String> {
        match self.0.split_once(':') {
            Some(("unix", path)) => talk(UnixStream::connect(path).await?, bytes).await,
            Some((_, address)) => talk(TcpStream::connect(address).await?, bytes).await,
            None => Err(std::io::Error::other("no address")),
        }
    }
}

/// INSTREAM: chunks behind their lengths, an empty one at the end; one line comes back.
async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> std::io::Result<String> {
    stream.write_all(b"zINSTREAM\0").await?;
    for chunk in bytes.chunks(CHUNK) {
        stream.write_all(&u32::try_from(chunk.len()).unwrap_or(0).to_be_bytes()).await?;
        stream.write_all(chunk).await?;
    }
    stream.write_all(&0_u32.to_be_bytes()).await?;
    let mut answer = String::new();
    stream.take(LONGEST_ANSWER).read_to_string(&mut answer).await?;
    Ok(answer)
}

impl Scanner for ClamAv {
    fn scan<'a>(&'a self, bytes: &'a [u8]) -> BoxFuture<'a, Result<Verdict>> {
        Box::pin(async move {
            let absent = || Error::refused(Kind::Unavailable, "scanner_unavailable");
            let answer = timeout(PATIENCE, self.ask(bytes)).await.map_err(|_| absent())?;
            let answer = answer.map_err(|e| {
                tracing::warn!(error = %e, "the scanner does not answer");
                absent()
            })?;
            let said = answer.trim_matches(['\0', '\n', ' ']).trim_start_matches("stream: ");
            match said.strip_suffix(" FOUND") {
                Some(name) => Ok(Verdict::Infected(name.to_owned())),
                None if said == "OK" => Ok(Verdict::Clean),
                None => Err(absent()),
            }
        })
    }
}
