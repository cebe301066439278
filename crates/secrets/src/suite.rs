//! The suites a document's signature is made in: ECDSA on P-256 with SHA-256, or the national SM2 with SM3
//! (GM/T 0003, 0004, 0009). A suite is chosen when the authority is made; its keys say which it is.
use base::{Error, Random, Result, random};
use p256::{
    ecdsa::{DerSignature, SigningKey as EcdsaKey, signature::Keypair, signature::Signer},
    pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding},
};
use sm3::{Digest, Sm3};
use x509_cert::{
    der::{self, asn1::BitString},
    spki::{
        AlgorithmIdentifierOwned, DynSignatureAlgorithmIdentifier, SignatureAlgorithmIdentifier,
        SignatureBitStringEncoding, SubjectPublicKeyInfoOwned,
    },
};

use crate::der as own;

/// A signature algorithm with its hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Suite {
    /// ECDSA on P-256 with SHA-256: what readers abroad check.
    #[default]
    P256Sha256,
    /// SM2 with SM3.
    Sm2Sm3,
}

/// `1.2.156.10197.1.401`
const SM3_OID: &[u8] = &[0x06, 8, 0x2A, 0x81, 0x1C, 0xCF, 0x55, 1, 0x83, 0x11];
/// `1.2.156.10197.1.501`
const SM2_WITH_SM3_OID: &[u8] = &[0x06, 8, 0x2A, 0x81, 0x1C, 0xCF, 0x55, 1, 0x83, 0x75];
const SHA_256_OID: &[u8] = &[0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
const ECDSA_WITH_SHA_256_OID: &[u8] = &[0x06, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2];
/// The identity that GM/T 0009 gives whoever has none of their own.
const IDENTITY: &str = "1234567812345678";

impl Suite {
    /// Reads `p256` or `sm2`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "p256" => Some(Self::P256Sha256),
            "sm2" => Some(Self::Sm2Sm3),
            _ => None,
        }
    }

    /// The hash of the parts, one after the other.
    pub fn digest(self, parts: &[&[u8]]) -> [u8; 32] {
        match self {
            Self::P256Sha256 => crate::sha256(parts),
            Self::Sm2Sm3 => {
                let mut hash = Sm3::new();
                for part in parts {
                    hash.update(part);
                }
                hash.finalize().into()
            }
        }
    }

    /// The hash's object identifier, DER.
    pub(crate) fn hash_oid(self) -> &'static [u8] {
        match self {
            Self::P256Sha256 => SHA_256_OID,
            Self::Sm2Sm3 => SM3_OID,
        }
    }

    /// The signature's object identifier, DER.
    pub(crate) fn signature_oid(self) -> &'static [u8] {
        match self {
            Self::P256Sha256 => ECDSA_WITH_SHA_256_OID,
            Self::Sm2Sm3 => SM2_WITH_SM3_OID,
        }
    }

    /// A new key.
    pub(crate) fn draw(self, source: &dyn Random) -> Result<SuiteKey> {
        // One draw in 2^32 lies outside of the curve's order.
        for _ in 0..8 {
            let bytes = random::bytes::<32>(source);
            let key = match self {
                Self::P256Sha256 => EcdsaKey::from_slice(&bytes).ok().map(SuiteKey::P256),
                Self::Sm2Sm3 => Sm2Key::of(&bytes).map(SuiteKey::Sm2),
            };
            if let Some(key) = key {
                return Ok(key);
            }
        }
        Err(Error::internal("no key could be drawn"))
    }
}

/// A key of one of the suites.
pub(crate) enum SuiteKey {
    P256(EcdsaKey),
    Sm2(Sm2Key),
}

impl SuiteKey {
    pub(crate) fn suite(&self) -> Suite {
        match self {
            Self::P256(_) => Suite::P256Sha256,
            Self::Sm2(_) => Suite::Sm2Sm3,
        }
    }

    /// Reads PKCS#8, of whichever suite it is.
    pub(crate) fn from_pem(text: &str) -> Result<Self> {
        if let Ok(key) = EcdsaKey::from_pkcs8_pem(text) {
            return Ok(Self::P256(key));
        }
        let secret = sm2::SecretKey::from_pkcs8_pem(text).map_err(Error::internal)?;
        let key = sm2::dsa::SigningKey::new(IDENTITY, &secret).map_err(Error::internal)?;
        Ok(Self::Sm2(Sm2Key(key)))
    }

    /// As PKCS#8.
    pub(crate) fn to_pem(&self) -> Result<String> {
        let pem = match self {
            Self::P256(key) => key.to_pkcs8_pem(LineEnding::LF).map_err(Error::internal)?,
            Self::Sm2(key) => {
                let secret = sm2::SecretKey::from(*key.0.as_nonzero_scalar());
                secret.to_pkcs8_pem(LineEnding::LF).map_err(Error::internal)?
            }
        };
        Ok(pem.to_string())
    }

    /// The public key as certificates hold it.
    pub(crate) fn public(&self) -> Result<SubjectPublicKeyInfoOwned> {
        let public = match self {
            Self::P256(key) => SubjectPublicKeyInfoOwned::from_key(key.verifying_key()),
            Self::Sm2(key) => SubjectPublicKeyInfoOwned::from_key(key.0.verifying_key()),
        };
        public.map_err(Error::internal)
    }

    /// Signs a message; DER, the same one for the same message.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::P256(key) => {
                let signature: DerSignature = key.try_sign(message).map_err(Error::internal)?;
                Ok(signature.as_bytes().to_vec())
            }
            Self::Sm2(key) => {
                let signature: Sm2Signature = key.try_sign(message).map_err(Error::internal)?;
                Ok(signature.0)
            }
        }
    }
}

/// An SM2 key whose signatures are in DER, as certificates and CMS want them.
pub(crate) struct Sm2Key(sm2::dsa::SigningKey);

impl Sm2Key {
    fn of(bytes: &[u8; 32]) -> Option<Self> {
        sm2::dsa::SigningKey::from_slice(IDENTITY, bytes).ok().map(Self)
    }
}

/// SEQUENCE { r INTEGER, s INTEGER } (GM/T 0009, 7.3).
pub(crate) struct Sm2Signature(Vec<u8>);

impl Sm2Signature {
    fn of(raw: &[u8]) -> Self {
        let (r, s) = raw.split_at_checked(32).unwrap_or_default();
        Self(own::sequence(&[&own::integer(r), &own::integer(s)]))
    }
}

impl Signer<Sm2Signature> for Sm2Key {
    fn try_sign(&self, message: &[u8]) -> Result<Sm2Signature, p256::ecdsa::Error> {
        let signature: sm2::dsa::Signature = self.0.try_sign(message)?;
        Ok(Sm2Signature::of(&signature.to_bytes()))
    }
}

impl SignatureBitStringEncoding for Sm2Signature {
    fn to_bitstring(&self) -> der::Result<BitString> {
        BitString::from_bytes(&self.0)
    }
}

impl Keypair for Sm2Key {
    type VerifyingKey = sm2::dsa::VerifyingKey;

    fn verifying_key(&self) -> Self::VerifyingKey {
        self.0.verifying_key().clone()
    }
}

impl DynSignatureAlgorithmIdentifier for Sm2Key {
    fn signature_algorithm_identifier(&self) -> x509_cert::spki::Result<AlgorithmIdentifierOwned> {
        let oid = sm2::dsa::SigningKey::SIGNATURE_ALGORITHM_IDENTIFIER.oid;
        Ok(AlgorithmIdentifierOwned { oid, parameters: None })
    }
}

#[cfg(test)]
mod tests {
    use sm2::dsa::{Signature, VerifyingKey, signature::Verifier};

    use super::*;

    /// GM/T 0004-2012, appendix A.
    #[test]
    fn sm3_hashes_the_standards_messages() {
        let hex = |parts: &[&[u8]]| crate::hex(&Suite::Sm2Sm3.digest(parts));
        let short = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
        assert_eq!(hex(&[b"abc"]), short);
        assert_eq!(hex(&[b"a", b"bc"]), short);
        let long = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732";
        assert_eq!(hex(&[&b"abcd".repeat(16)]), long);
    }

    /// GM/T 0003.5-2012, appendix A.2: key, message and signature.
    #[test]
    fn sm2_takes_the_standards_signature() {
        let bytes = |text: &str| crate::from_hex(text).unwrap();
        let secret = bytes("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8");
        let public = bytes(
            "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
             ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13",
        );
        let key = Sm2Key::of(&secret.try_into().unwrap()).unwrap();
        assert_eq!(key.0.verifying_key().to_sec1_bytes().to_vec(), public);
        let signature = bytes(
            "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3\
             b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa",
        );
        let standard = VerifyingKey::from_sec1_bytes(IDENTITY, &public).unwrap();
        let signature = Signature::from_slice(&signature).unwrap();
        assert!(standard.verify(b"message digest", &signature).is_ok());
        assert!(standard.verify(b"message digesT", &signature).is_err());
    }

    #[test]
    fn a_key_of_each_suite_signs_and_comes_back_from_its_file() {
        for suite in [Suite::P256Sha256, Suite::Sm2Sm3] {
            let key = suite.draw(&base::SystemRandom).unwrap();
            let again = SuiteKey::from_pem(&key.to_pem().unwrap()).unwrap();
            assert_eq!(again.suite(), suite);
            assert_eq!(
                key.sign(b"x").unwrap(),
                again.sign(b"x").unwrap(),
                "the same message, the same bytes"
            );
        }
    }
}
