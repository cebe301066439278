//! A ticket stands in the addresses of a package's files: who opened which lecture, until when. It is all that a package
//! ever learns of the learner's session, and opens nothing else.
use base::{PersonId, Result, day};
use secrets::{base64url, from_base64url};
use site::Site;

/// Longer than anyone sits at one package; a reload of the page brings a new one.
pub(crate) const VALID_MS: i64 = 12 * 3_600_000;

/// Who opened what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The learner.
    pub learner: PersonId,
    /// The lecture.
    pub lecture: String,
    /// The learner's round of its course.
    pub round: i64,
}

impl Ticket {
    /// As addresses carry it.
    pub fn sealed(&self, site: &Site) -> String {
        let until = day::millis(site.now()) + VALID_MS;
        let text = format!("{} {} {} {until}", self.learner, self.lecture, self.round);
        format!("{}.{}", base64url(text.as_bytes()), mac(site, &text))
    }

    /// The ticket of an address; none where it was not issued here or is over.
    pub(crate) fn open(site: &Site, sealed: &str) -> Option<Self> {
        let (text, seal) = sealed.split_once('.')?;
        let text = String::from_utf8(from_base64url(text)?).ok()?;
        if !site.keys.mac_holds("packages.ticket", &[text.as_bytes()], seal) {
            return None;
        }
        let mut parts = text.split(' ');
        let ticket = Self {
            learner: parts.next()?.parse().ok()?,
            lecture: parts.next()?.to_owned(),
            round: parts.next()?.parse().ok()?,
        };
        let until: i64 = parts.next()?.parse().ok()?;
        (day::millis(site.now()) < until).then_some(ticket)
    }

    /// The lecture's package.
    pub(crate) async fn package(&self, site: &Site) -> Result<crate::Package> {
        let lecture = catalogue::lecture(&site.db, &self.lecture).await?;
        serde_json::from_str(&lecture.detail).map_err(|_| base::Error::not_found())
    }
}

fn mac(site: &Site, text: &str) -> String {
    site.keys.mac("packages.ticket", &[text.as_bytes()])
}
