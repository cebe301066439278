//! What browser and authenticator send (W3C Web Authentication, level 2), read in the one form that is accepted here: no
//! attestation, the person verified by the device, keys of ES256, EdDSA or RS256. No parser of CBOR: the browser hands the
//! public key over in DER, and the authenticator's bytes must hold the same key.
use base::{Error, Kind, Result, day};
use ring::signature::{self, UnparsedPublicKey};
use serde::Deserialize;
use site::Site;

/// COSE's numbers of the algorithms.
const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;
pub(crate) const ALGORITHMS: [i64; 3] = [ES256, EDDSA, RS256];

const VALID_MS: i64 = 5 * 60_000;
/// User present, user verified, attested credential data included.
const PRESENT_AND_VERIFIED: u8 = 0b0000_0101;
const ATTESTED: u8 = 0b0100_0000;

/// What a challenge is for; one made for another purpose or session is not accepted.
pub(crate) enum For<'a> {
    Creation(&'a str),
    SignIn,
}

impl For<'_> {
    fn parts(&self) -> (&'static str, &str, &'static str) {
        match self {
            Self::Creation(session) => ("create", session, "webauthn.create"),
            Self::SignIn => ("get", "", "webauthn.get"),
        }
    }
}

fn refused() -> Error {
    Error::refused(Kind::Unauthenticated, "passkey_wrong")
}

/// The name that passkeys are bound to; a site that is reached by a bare address has none.
pub(crate) fn relying_party(site: &Site) -> Result<String> {
    let unavailable = || Error::conflict("passkeys_unavailable");
    let url = url::Url::parse(&site.settings.public_url).map_err(|_| unavailable())?;
    url.domain().map(str::to_owned).ok_or_else(unavailable)
}

/// A challenge: random, of five minutes, MACed for its purpose. Nothing is stored until it is spent.
pub(crate) fn challenge(site: &Site, what: &For<'_>) -> String {
    let salt = base::random::bytes::<24>(&*site.random);
    let until = (day::millis(site.now()) + VALID_MS).to_be_bytes();
    let body = [&salt[..], &until].concat();
    let (purpose, session, _) = what.parts();
    let mac = site.keys.mac("passkey", &[purpose.as_bytes(), session.as_bytes(), &body]);
    secrets::base64url(&[&body[..], mac.as_bytes()].concat())
}

#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    is_cross_origin: bool,
}

/// Reads what the browser says about the ceremony; gives the challenge, which the caller spends.
pub(crate) fn client_data(site: &Site, what: &For<'_>, bytes: &[u8]) -> Result<String> {
    let said: ClientData = serde_json::from_slice(bytes).map_err(|_| refused())?;
    let (purpose, session, kind) = what.parts();
    let sent = secrets::from_base64url(&said.challenge).ok_or_else(refused)?;
    let (body, mac) = sent.split_at_checked(32).ok_or_else(refused)?;
    let until = body.last_chunk::<8>().map_or(0, |b| i64::from_be_bytes(*b));
    let mac = std::str::from_utf8(mac).map_err(|_| refused())?;
    let parts = [purpose.as_bytes(), session.as_bytes(), body];
    let is_ours = site.keys.mac_holds("passkey", &parts, mac) && until > day::millis(site.now());
    let is_here = said.kind == kind && said.origin == site.settings.public_url && !said.is_cross_origin;
    if is_ours && is_here { Ok(said.challenge) } else { Err(refused()) }
}

/// What the authenticator says: its counter, and for a new key everything behind it.
pub(crate) struct Authenticator<'a> {
    pub sign_count: i64,
    attested: Option<&'a [u8]>,
}

impl<'a> Authenticator<'a> {
    /// Reads the bytes; they must be for this site, with the person present and verified.
    pub(crate) fn read(site: &Site, bytes: &'a [u8]) -> Result<Self> {
        let (party, rest) = bytes.split_first_chunk::<32>().ok_or_else(refused)?;
        let (flags, rest) = rest.split_first().ok_or_else(refused)?;
        let (count, rest) = rest.split_first_chunk::<4>().ok_or_else(refused)?;
        let is_ours = *party == secrets::sha256(&[relying_party(site)?.as_bytes()]);
        if !is_ours || flags & PRESENT_AND_VERIFIED != PRESENT_AND_VERIFIED {
            return Err(refused());
        }
        let attested = (flags & ATTESTED != 0).then_some(rest);
        Ok(Self { sign_count: i64::from(u32::from_be_bytes(*count)), attested })
    }

    /// Whether a new key has this id and is the public key that the browser handed over.
    pub(crate) fn holds(&self, id: &[u8], key: &[u8]) -> bool {
        let Some((_, rest)) = self.attested.and_then(|a| a.split_at_checked(16)) else { return false };
        let Some((length, rest)) = rest.split_first_chunk::<2>() else { return false };
        let length = usize::from(u16::from_be_bytes(*length));
        let Some((own, cose)) = rest.split_at_checked(length) else { return false };
        own == id
            && !id.is_empty()
            && numbers(key).is_some_and(|parts| parts.iter().all(|p| contains(cose, p)))
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|w| w == part)
}

/// The numbers of a public key in DER (SubjectPublicKeyInfo) that COSE writes as well.
fn numbers(key: &[u8]) -> Option<Vec<&[u8]>> {
    match key.len() {
        // Ed25519: 12 bytes of header.
        44 => Some(vec![key.get(12..)?]),
        // P-256: 26 bytes of header, 0x04, x, y.
        91 => Some(vec![key.get(27..59)?, key.get(59..91)?]),
        // RSA: the modulus lies within; 64 bytes from its middle are enough to know it.
        294.. => Some(vec![key.get(100..164)?]),
        _ => None,
    }
}

/// The key inside of the DER, as the verifier takes it; nothing for a key of another algorithm.
fn bare(algorithm: i64, key: &[u8]) -> Option<&[u8]> {
    match algorithm {
        EDDSA if key.len() == 44 => key.get(12..),
        ES256 if key.len() == 91 => key.get(26..),
        // RSA: 24 bytes of header before the PKCS#1 key, for keys of 2048 bits and more.
        RS256 if key.len() >= 294 => key.get(24..),
        _ => None,
    }
}

/// Whether a public key is one of the accepted forms.
pub(crate) fn is_accepted(algorithm: i64, key: &[u8]) -> bool {
    bare(algorithm, key).is_some()
}

/// Whether the signature is the key's over the authenticator's bytes and the hash of the browser's.
pub(crate) fn is_signed(
    (algorithm, key): (i64, &[u8]),
    (authenticator, client): (&[u8], &[u8]),
    signed: &[u8],
) -> bool {
    let Some(bare) = bare(algorithm, key) else { return false };
    let verifier: &dyn signature::VerificationAlgorithm = match algorithm {
        ES256 => &signature::ECDSA_P256_SHA256_ASN1,
        EDDSA => &signature::ED25519,
        _ => &signature::RSA_PKCS1_2048_8192_SHA256,
    };
    let message = [authenticator, &secrets::sha256(&[client])].concat();
    UnparsedPublicKey::new(verifier, bare).verify(&message, signed).is_ok()
}
