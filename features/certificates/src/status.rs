//! Status lists of revocation (W3C BitstringStatusList): each certificate has a random place, so that a place says
//! nothing of the others.
use std::io::Write;

use base::{Error, Result};
use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};
use site::Site;

use crate::store;

/// Places of one list: the least that the standard allows, so that a place hides among many.
pub(crate) const LIST: i64 = 131_072;
/// So many lists, enough for decades of a province.
const LISTS: i64 = 1024;

/// A random place; the column is unique, and a certificate that draws a taken one is drawn again.
pub(crate) fn draw_slot(site: &Site) -> i64 {
    i64::try_from(site.random.below((LISTS * LIST).unsigned_abs())).unwrap_or(0)
}

/// The address of a list.
pub(crate) fn address(site: &Site, list: i64) -> String {
    format!("{}/credentials/status/{list}", site.settings.public_url)
}

/// A list as a credential of its own, signed; it says when it was made.
pub(crate) async fn list(site: &Site, list: i64) -> Result<Value> {
    if !(0..LISTS).contains(&list) {
        return Err(Error::not_found());
    }
    let first = list * LIST;
    let revoked = store::revoked_slots(&site.db, first, first + LIST).await?;
    let mut bits = vec![0_u8; usize::try_from(LIST / 8).unwrap_or(0)];
    for place in revoked.iter().filter_map(|slot| usize::try_from(slot - first).ok()) {
        if let Some(byte) = bits.get_mut(place / 8) {
            *byte |= 0x80 >> (place % 8);
        }
    }
    let now = base::day::rfc3339(site.now());
    let address = address(site, list);
    let document = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": address, "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": site.keys.did(), "validFrom": now,
        "credentialSubject": {
            "id": format!("{address}#list"), "type": "BitstringStatusList", "statusPurpose": "revocation",
            "encodedList": format!("u{}", secrets::base64url(&packed(&bits)?)),
        },
    });
    site.keys.prove(document, &now)
}

fn packed(bits: &[u8]) -> Result<Vec<u8>> {
    let mut writer = GzBuilder::new().mtime(0).write(vec![], Compression::default());
    writer.write_all(bits).map_err(Error::internal)?;
    writer.finish().map_err(Error::internal)
}
