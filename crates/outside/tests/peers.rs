//! Calls to other platforms: which addresses, how long, how many; and a scanner's answers.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
use std::time::Duration;

use outside::{
    Reach,
    http::{Call, Client, Method},
    scanner::{ClamAv, Scanner, Verdict},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

fn client(reach: Reach, millis: u64) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::patient(reach, Duration::from_millis(millis)).unwrap()
}

async fn code(client: &Client, url: String) -> String {
    let call = Call { method: Method::GET, url, headers: vec![], body: vec![] };
    match client.send(call).await {
        Ok(answer) => answer.status.to_string(),
        Err(e) => e.code().to_owned(),
    }
}

#[tokio::test]
async fn item_47_a_private_address_is_called_neither_by_number_nor_by_name() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let careful = client(Reach::Public(vec![]), 2_000);
    for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"] {
        assert_eq!(code(&careful, format!("http://{host}:{port}/")).await, "peer_address_refused", "{host}");
    }
    assert_eq!(code(&careful, format!("http://localhost:{port}/")).await, "peer_unavailable");
    let nobody = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(nobody.is_err(), "nothing was connected");
}

#[tokio::test]
async fn item_47_a_redirect_is_an_answer_and_not_a_way() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await.unwrap();
        let answer = b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
    });
    assert_eq!(code(&client(Reach::Anywhere, 2_000), url).await, "302");
}

#[tokio::test]
async fn item_48_a_platform_that_only_lets_wait_is_not_waited_for_again_and_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let client = client(Reach::Anywhere, 50);
    for _ in 0..3 {
        assert_eq!(code(&client, url.clone()).await, "peer_unavailable");
    }
    assert_eq!(code(&client, url.clone()).await, "peer_avoided");
    let other = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let other = format!("http://{}/", other.local_addr().unwrap());
    assert_eq!(code(&client, other).await, "peer_unavailable", "another platform is called");
}

async fn said(answer: &'static [u8]) -> Result<Verdict, String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp:{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut command = [0; 10];
        stream.read_exact(&mut command).await.unwrap();
        let mut read = vec![];
        loop {
            let length = stream.read_u32().await.unwrap();
            if length == 0 {
                break;
            }
            let mut chunk = vec![0; usize::try_from(length).unwrap()];
            stream.read_exact(&mut chunk).await.unwrap();
            read.extend(chunk);
        }
        stream.write_all(answer).await.unwrap();
        (command.to_vec(), read)
    });
    let bytes = vec![7; 200_000];
    let verdict = ClamAv::at(&address).unwrap().scan(&bytes).await;
    let (command, read) = served.await.unwrap();
    assert!(command == b"zINSTREAM\0" && read == bytes);
    verdict.map_err(|e| e.code().to_owned())
}

#[tokio::test]
async fn item_40_a_scanner_says_clean_or_what_it_found_and_silence_is_neither() {
    assert_eq!(said(b"stream: OK\0").await.unwrap(), Verdict::Clean);
    let found = Verdict::Infected("Eicar-Test-Signature".into());
    assert_eq!(said(b"stream: Eicar-Test-Signature FOUND\0").await.unwrap(), found);
    assert_eq!(said(b"INSTREAM size limit exceeded. ERROR\0").await.unwrap_err(), "scanner_unavailable");
    let nobody = ClamAv::at("unix:/nowhere/clamd.ctl").unwrap();
    assert_eq!(nobody.scan(b"x").await.unwrap_err().code(), "scanner_unavailable");
    assert!(ClamAv::at("clamd").is_none());
}
