//! What is still coming of a body that was refused for its size: read and thrown away, within bounds, before the answer
//! goes out. Whoever writes all before reading (most HTTP libraries) would find a closed connection and no answer.
use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, Bytes, HttpBody},
    extract::Request,
};
use futures::{Stream, StreamExt};
use tokio::sync::oneshot;

/// The most that is thrown away, in bytes: twice the largest form, above what is sent by mistake. Whoever sends more is cut
/// off, as nobody should fill the line for nothing.
const MOST: usize = 64 * 1024 * 1024;
/// As long as an open request has after a stop, so that a client that trickles holds no stop up.
const LONGEST: Duration = Duration::from_secs(10);

/// A body on loan: a reader that refuses it drops it, and what was not read goes back.
struct Lent(Option<(BodyDataStream, oneshot::Sender<BodyDataStream>)>);

impl Stream for Lent {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some((body, _)) = self.0.as_mut() else { return Poll::Ready(None) };
        Pin::new(body).poll_next(context)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some((body, back)) = self.0.take() {
            // Nobody waits for it where the request itself was dropped.
            let _ = back.send(body);
        }
    }
}

/// The rest of a request's body, once its reader has let go of it.
pub(crate) struct Rest(Option<oneshot::Receiver<BodyDataStream>>);

/// Lends a request's body to its reader; a request without one costs nothing.
pub(crate) fn lend(request: Request) -> (Request, Rest) {
    if request.body().is_end_stream() {
        return (request, Rest(None));
    }
    let (back, rest) = oneshot::channel();
    let lent = |body: Body| Body::from_stream(Lent(Some((body.into_data_stream(), back))));
    (request.map(lent), Rest(Some(rest)))
}

impl Rest {
    /// Reads the rest and keeps none of it. What is beyond the bounds is left, and the connection closes with the answer.
    pub(crate) async fn discard(self) {
        let Some(mut body) = self.0.and_then(|mut rest| rest.try_recv().ok()) else { return };
        let reading = async {
            let mut left = MOST;
            while let Some(Ok(chunk)) = body.next().await {
                let Some(less) = left.checked_sub(chunk.len()) else { return };
                left = less;
            }
        };
        let _ = tokio::time::timeout(LONGEST, reading).await;
    }
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use axum::body::to_bytes;
    use futures::stream;

    use super::*;

    static CHUNK: [u8; 1024 * 1024] = [0; 1024 * 1024];

    /// So many chunks, and how many were asked for.
    fn sent(chunks: usize) -> (Request, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let one = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok::<_, Infallible>(Bytes::from_static(&CHUNK))
        };
        (Request::new(Body::from_stream(stream::repeat_with(one).take(chunks))), asked)
    }

    #[tokio::test]
    async fn what_a_refusing_reader_left_is_read_to_its_end_or_as_far_as_the_bound() {
        let refused = 4;
        for (chunks, read) in [(12, 12), (1000, refused + MOST / CHUNK.len() + 1)] {
            let (request, asked) = sent(chunks);
            let (request, rest) = lend(request);
            assert!(to_bytes(request.into_body(), (refused - 1) * CHUNK.len()).await.is_err());
            assert_eq!(asked.load(Ordering::SeqCst), refused);
            rest.discard().await;
            assert_eq!(asked.load(Ordering::SeqCst), read);
        }
    }

    #[tokio::test]
    async fn a_body_on_loan_reads_as_it_was_sent() {
        let (request, rest) = lend(sent(2).0);
        assert_eq!(to_bytes(request.into_body(), usize::MAX).await.unwrap().len(), 2 * CHUNK.len());
        rest.discard().await;
        let (request, rest) = lend(Request::new(Body::empty()));
        assert!(rest.0.is_none() && request.body().is_end_stream());
    }
}
