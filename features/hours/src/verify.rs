//! Recomputes every chain of the ledger in bounded memory: finds a changed, removed, inserted, reordered or cut-off
//! entry. Entries and heads are read side by side in the order of people; while one page is hashed on every core, the
//! next one comes.
use std::{collections::VecDeque, fmt};

use base::{Error, Result};
use site::Site;

use crate::{
    checkpoint,
    entry::Entry,
    parallel,
    store::{self, CheckedHead, Head, Row},
};

/// Where a chain breaks; a checkpoint has no person and is named by its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Whose chain.
    pub person: String,
    /// The first broken entry's place.
    pub seq: i64,
    /// What is wrong with it.
    pub what: &'static str,
}

impl Break {
    /// An entry that is not what it says.
    pub(crate) fn at(entry: &Entry, what: &'static str) -> Self {
        Self { person: entry.person.to_string(), seq: entry.seq, what }
    }

    /// A checkpoint that does not hold.
    pub(crate) fn checkpoint(no: i64, what: &'static str) -> Self {
        Self { person: String::new(), seq: no, what }
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.person.is_empty() {
            write!(f, "checkpoint {}: {}", self.seq, self.what)
        } else {
            write!(f, "hour ledger: person {} entry {}: {}", self.person, self.seq, self.what)
        }
    }
}

/// Walks all chains with their heads, then all checkpoints; `Ok(Ok(n))` counts the entries.
pub async fn verify(site: &Site) -> Result<Result<i64, Break>> {
    let counted = match chains(site).await? {
        Ok(counted) => counted,
        Err(broken) => return Ok(Err(broken)),
    };
    Ok(checkpoint::verify(site).await?.map(|_| counted))
}

/// A chain up to its last entry so far.
#[derive(Clone, Debug, Default)]
struct Chain {
    person: String,
    end: Head,
}

/// No id comes after it.
const AFTER_ALL: &str = "~";

async fn chains(site: &Site) -> Result<Result<i64, Break>> {
    let (mut open, mut heads, mut counted) = (Chain::default(), Heads::default(), 0);
    let mut page = store::chain_after(&site.db, ("", 0)).await?;
    while let Some(last) = page.last() {
        let (person, seq) = (last.person_id.clone(), last.seq);
        counted += i64::try_from(page.len()).map_err(Error::internal)?;
        let checking = tokio::task::spawn_blocking(move || follow(open, &page));
        let (next, checked) = tokio::join!(store::chain_after(&site.db, (&person, seq)), checking);
        let ended = match checked.map_err(Error::internal)?? {
            Ok((still_open, ended)) => {
                open = still_open;
                ended
            }
            Err(broken) => return Ok(Err(broken)),
        };
        if let Some(broken) = heads.compare(site, ended, &person).await? {
            return Ok(Err(broken));
        }
        page = next?;
    }
    let ended = if open.person.is_empty() { VecDeque::new() } else { VecDeque::from([open]) };
    Ok(heads.compare(site, ended, AFTER_ALL).await?.map_or(Ok(counted), Err))
}

/// The chain that a page leaves open, and those that ended on it.
type Followed = (Chain, VecDeque<Chain>);

/// Follows the chains of a page from the one that was open before it.
fn follow(mut open: Chain, page: &[Row]) -> Result<Result<Followed, Break>> {
    let sound = parallel::by_parts(page, |part| part.iter().map(Row::is_as_hashed).collect::<Vec<bool>>())?;
    let mut ended = VecDeque::new();
    for (entry, is_sound) in page.iter().zip(sound.into_iter().flatten()) {
        if entry.person_id != open.person {
            let next = Chain { person: entry.person_id.clone(), end: Head::default() };
            let before = std::mem::replace(&mut open, next);
            ended.extend(Some(before).filter(|chain| !chain.person.is_empty()));
        }
        let what = match () {
            () if entry.seq != open.end.seq + 1 => Some("an entry is missing before it"),
            () if entry.prev_hash != open.end.hash => Some("it does not follow the entry before it"),
            () if !is_sound => Some("its content was changed"),
            () => None,
        };
        if let Some(what) = what {
            return Ok(Err(Break { person: open.person, seq: entry.seq, what }));
        }
        open.end = Head { seq: entry.seq, hash: entry.hash.clone() };
    }
    Ok(Ok((open, ended)))
}

/// The heads, read along with the chains.
#[derive(Default)]
struct Heads {
    /// The last person whose head was compared.
    after: String,
}

impl Heads {
    /// Compares the heads up to a person with the chains that ended since the last call; both come in order.
    async fn compare(
        &mut self,
        site: &Site,
        mut ended: VecDeque<Chain>,
        before: &str,
    ) -> Result<Option<Break>> {
        loop {
            let heads = store::heads_between(site, (&self.after, before)).await?;
            let Some(last) = heads.last() else { break };
            self.after.clone_from(&last.person);
            for head in heads {
                if ended.front().is_some_and(|chain| chain.person < head.person) {
                    return Ok(ended.pop_front().map(|c| headless(c.person)));
                }
                let is_of = |chain: &Chain| chain.person == head.person;
                let chain = if ended.front().is_some_and(is_of) { ended.pop_front() } else { None };
                if differs(&head, &chain.unwrap_or_default().end).is_some()
                    && let Some(broken) = still_differs(site, &head.person).await?
                {
                    return Ok(Some(broken));
                }
            }
        }
        Ok(ended.pop_front().map(|c| headless(c.person)))
    }
}

fn headless(person: String) -> Break {
    Break { person, seq: 1, what: "its head is missing" }
}

/// Looks again at one moment: a credit may have been written between the chain and its head.
async fn still_differs(site: &Site, person: &str) -> Result<Option<Break>> {
    let Some((head, tail)) = store::end_of(site, person).await? else {
        return Ok(Some(headless(person.to_owned())));
    };
    Ok(differs(&head, &tail))
}

/// A head that is another than the chain's end; one without entries holds as it was made.
fn differs(h: &CheckedHead, tail: &Head) -> Option<Break> {
    let is_fresh = h.head == Head::default() && *tail == Head::default();
    let is_wrong = !is_fresh && (!h.holds || *tail != h.head);
    let what = "the last entries are missing";
    is_wrong.then(|| Break { person: h.person.clone(), seq: tail.seq + 1, what })
}
