//! A mail server by SMTP, with TLS from the start or after STARTTLS; without TLS on this machine alone.
use std::time::Duration;

use base::{Error, Instant, Kind, Result};
use futures::future::BoxFuture;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};

use super::{Letter, MailTransport};

/// How the way to the server is kept safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// TLS from the first byte.
    Tls,
    /// TLS by STARTTLS, without which nothing is sent.
    StartTls,
    /// None: for a server on this machine.
    None,
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is kept safe.
    pub safety: Safety,
    /// A name and a password, where it asks for them.
    pub account: Option<(String, String)>,
    /// A certificate authority beside the usual ones, PEM.
    pub authority: Option<Vec<u8>>,
    /// Whom letters come from, such as `培训平台 <noreply@example.cn>`.
    pub from: String,
}

/// Hands letters to a server.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// The transport to a server; an address or a certificate that is none is said here.
    pub fn new(server: &Server) -> Result<Self> {
        let from = server.from.parse().map_err(|e| Error::internal(format!("mail.from: {e}")))?;
        let tls = match server.safety {
            Safety::None => Tls::None,
            Safety::Tls => Tls::Wrapper(parameters(server)?),
            Safety::StartTls => Tls::Required(parameters(server)?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port)
            .timeout(Some(Duration::from_secs(20)))
            .tls(tls);
        if let Some((name, password)) = &server.account {
            builder = builder.credentials(Credentials::new(name.clone(), password.clone()));
        }
        Ok(Self { transport: builder.build(), from })
    }
}

fn parameters(server: &Server) -> Result<TlsParameters> {
    let mut builder = TlsParameters::builder(server.host.clone());
    if let Some(pem) = &server.authority {
        let certificate = Certificate::from_pem(pem).map_err(Error::internal)?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build_rustls().map_err(Error::internal)
}

impl MailTransport for Smtp {
    fn send(&self, _at: Instant, letter: Letter) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let to: Mailbox = letter.to.parse().map_err(|_| Error::invalid("to", "wrong_value"))?;
            let message = Message::builder()
                .from(self.from.clone())
                .to(to)
                .subject(letter.subject)
                .header(ContentType::TEXT_PLAIN)
                .body(letter.text)
                .map_err(Error::internal)?;
            self.transport.send(message).await.map_err(|e| {
                tracing::warn!(error = %e, "the mail server took no letter");
                Error::refused(Kind::Unavailable, "mail_refused")
            })?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::TcpListener,
    };

    use super::*;

    /// A server that takes one letter; gives what was said to it.
    async fn take_one(listener: TcpListener) -> String {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let (mut said, mut in_data) = (String::new(), false);
        write.write_all(b"220 here\r\n").await.unwrap();
        while let Some(line) = lines.next_line().await.unwrap() {
            said.push_str(&line);
            said.push('\n');
            let answer = match (in_data, line.as_str()) {
                (true, ".") => "250 taken\r\n",
                (true, _) => continue,
                (false, "DATA") => "354 go on\r\n",
                (false, "QUIT") => "221 bye\r\n",
                (false, _) => "250 ok\r\n",
            };
            in_data = line == "DATA" || (in_data && line != ".");
            write.write_all(answer.as_bytes()).await.unwrap();
            if line == "." || line == "QUIT" {
                break;
            }
        }
        said
    }

    fn server(port: u16, safety: Safety) -> Server {
        Server {
            host: "127.0.0.1".into(),
            port,
            safety,
            account: None,
            authority: None,
            from: "培训平台 <noreply@example.cn>".into(),
        }
    }

    fn letter() -> Letter {
        Letter {
            to: "teacher@example.cn".into(),
            purpose: "notice".into(),
            subject: "关于年度培训的通知".into(),
            text: "请于 12 月 31 日前完成。\n.\n".into(),
        }
    }

    #[tokio::test]
    async fn a_letter_reaches_the_server_with_its_subject_encoded() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = tokio::spawn(take_one(listener));
        let smtp = Smtp::new(&server(port, Safety::None)).unwrap();
        smtp.send(Instant::UNIX_EPOCH, letter()).await.unwrap();
        let said = taken.await.unwrap();
        assert!(said.contains("MAIL FROM:<noreply@example.cn>"), "{said}");
        assert!(said.contains("RCPT TO:<teacher@example.cn>"), "{said}");
        assert!(said.contains("Subject: =?utf-8?") && said.contains("charset=utf-8"), "{said}");
    }

    #[tokio::test]
    async fn without_tls_nothing_is_sent_where_it_is_asked_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = tokio::spawn(take_one(listener));
        let smtp = Smtp::new(&server(port, Safety::StartTls)).unwrap();
        assert_eq!(smtp.send(Instant::UNIX_EPOCH, letter()).await.unwrap_err().code(), "mail_refused");
        taken.abort();
    }
}
