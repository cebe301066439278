//! A detached CMS signature as PAdES-B-B wants it (ETSI EN 319 142-1): content type, message digest and
//! signing-certificate-v2 are signed; the signing time stands in the PDF's dictionary, not here.
use base::{Error, Result};
use x509_cert::{
    Certificate,
    der::{Decode, Encode},
};

use crate::{
    Suite,
    der::{element, octets, sequence, set},
};

/// A key that seals documents, wherever it lives: in a file, or in a device behind PKCS#11.
pub trait SealKey: Send + Sync {
    /// The signer's certificate and the chain above it, DER.
    fn certificates(&self) -> &[Vec<u8>];

    /// The algorithms it signs with.
    fn suite(&self) -> Suite;

    /// The suite's signature over the message, DER.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>>;
}

const SIGNED_DATA: &[u8] = &[0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2];
const DATA: &[u8] = &[0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1];
const CONTENT_TYPE: &[u8] = &[0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 3];
const MESSAGE_DIGEST: &[u8] = &[0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 4];
const SIGNING_CERTIFICATE_V2: &[u8] = &[0x06, 11, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, 47];
const ONE: &[u8] = &[0x02, 1, 1];

/// The signature over content of that hash in the key's suite, with the certificates, DER.
pub fn detached_signature(key: &dyn SealKey, digest: &[u8; 32]) -> Result<Vec<u8>> {
    let own = key.certificates().first().ok_or_else(|| Error::internal("no certificate to sign with"))?;
    let suite = key.suite();
    let attributes = signed_attributes(suite, own, digest);
    let signature = key.sign(&set(attributes.clone()))?;
    let hash = sequence(&[suite.hash_oid()]);
    let signer = sequence(&[
        ONE,
        &issuer_and_serial(own)?,
        &hash,
        &implicit(0xA0, &set(attributes)),
        &sequence(&[suite.signature_oid()]),
        &octets(&signature),
    ]);
    let mut certificates = key.certificates().to_vec();
    certificates.sort();
    let signed = sequence(&[
        ONE,
        &set(vec![hash.clone()]),
        &sequence(&[DATA]),
        &element(0xA0, &certificates.concat()),
        &set(vec![signer]),
    ]);
    Ok(sequence(&[SIGNED_DATA, &element(0xA0, &signed)]))
}

fn signed_attributes(suite: Suite, own: &[u8], digest: &[u8; 32]) -> Vec<Vec<u8>> {
    let attribute = |oid: &[u8], value: Vec<u8>| sequence(&[oid, &set(vec![value])]);
    // SigningCertificateV2: one ESSCertIDv2; the hash is named unless it is the default, SHA-256.
    let own_hash = octets(&suite.digest(&[own]));
    let algorithm = match suite {
        Suite::P256Sha256 => vec![],
        Suite::Sm2Sm3 => sequence(&[suite.hash_oid()]),
    };
    let named = sequence(&[&sequence(&[&sequence(&[&algorithm, &own_hash])])]);
    vec![
        attribute(CONTENT_TYPE, DATA.to_vec()),
        attribute(MESSAGE_DIGEST, octets(digest)),
        attribute(SIGNING_CERTIFICATE_V2, named),
    ]
}

fn issuer_and_serial(certificate: &[u8]) -> Result<Vec<u8>> {
    let read = Certificate::from_der(certificate).map_err(Error::internal)?;
    let issuer = read.tbs_certificate().issuer().to_der().map_err(Error::internal)?;
    let serial = read.tbs_certificate().serial_number().to_der().map_err(Error::internal)?;
    Ok(sequence(&[&issuer, &serial]))
}

/// The same content under another tag.
fn implicit(tag: u8, der: &[u8]) -> Vec<u8> {
    let mut out = der.to_vec();
    if let Some(first) = out.first_mut() {
        *first = tag;
    }
    out
}
