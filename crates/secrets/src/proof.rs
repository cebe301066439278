//! Data integrity proofs of W3C Verifiable Credentials: `eddsa-jcs-2022` with the installation's Ed25519 key, which is
//! named as a `did:key`.
use base::{Error, Result};
use serde_json::{Value, json};

use crate::{Keyring, jcs, sha256};

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Multibase base58btc: `z` and the digits.
pub fn base58btc(bytes: &[u8]) -> String {
    let mut digits: Vec<u8> = vec![];
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = u8::try_from(carry % 58).unwrap_or(0);
            carry /= 58;
        }
        while carry > 0 {
            digits.push(u8::try_from(carry % 58).unwrap_or(0));
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|b| **b == 0).map(|_| 0);
    let all = zeros.chain(digits.into_iter().rev());
    let text: String = all.map(|d| ALPHABET.get(usize::from(d)).map_or('1', |c| char::from(*c))).collect();
    format!("z{text}")
}

impl Keyring {
    /// The certificate key as a `did:key`.
    pub fn did(&self) -> String {
        // 0xed01: an Ed25519 public key, as multicodec writes it.
        format!("did:key:{}", base58btc(&[&[0xED, 0x01][..], &self.public_key()].concat()))
    }

    /// The document with its proof.
    pub fn prove(&self, mut document: Value, created: &str) -> Result<Value> {
        let did = self.did();
        let key = did.strip_prefix("did:key:").unwrap_or("");
        let mut proof = json!({
            "type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "created": created,
            "verificationMethod": format!("{did}#{key}"), "proofPurpose": "assertionMethod",
            "@context": document.get("@context"),
        });
        let hash =
            [&proof, &document].map(|part| jcs::canonical(part).map(|text| sha256(&[text.as_bytes()])));
        let [of_proof, of_document] = hash;
        let signature = self.sign(&[of_proof?, of_document?].concat()).value;
        let bytes = crate::from_base64url(&signature)
            .ok_or_else(|| Error::internal("a signature that does not read"))?;
        if let (Some(proof), Some(members)) = (proof.as_object_mut(), document.as_object_mut()) {
            proof.insert("proofValue".to_owned(), json!(base58btc(&bytes)));
            members.insert("proof".to_owned(), Value::Object(proof.clone()));
        }
        Ok(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base58_is_bitcoins() {
        assert_eq!(base58btc(b"Hello World!"), "z2NEpo7TZRRrLZSi2U");
        assert_eq!(base58btc(&[0, 0, 0x28, 0x7f, 0xb4, 0xcd]), "z11233QC4");
    }
}
