//! Signed statements (Data 2.6): a JSON web signature, RS256, RS384 or RS512, of the statement before it was attached.
//! A certificate in its header must have made it.
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaParameters,
    UnparsedPublicKey,
};

use crate::{json, same::same};

/// Whether the bytes are a well-formed signature of the statement; else what is wrong.
pub fn check(statement: &json::Json<'_>, signature: &[u8]) -> Result<(), String> {
    let compact = std::str::from_utf8(signature).map_err(|_| "the signature is no text")?.trim();
    let mut parts = compact.split('.');
    let (Some(header), Some(payload), Some(mac), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("the signature is no compact JSON web signature".into());
    };
    let header_text = text(header, "header")?;
    let head = json::parse(&header_text).map_err(|e| format!("the signature's header: {e}"))?;
    let algorithm = algorithm(head.text_of("alg"))?;
    let payload_text = text(payload, "payload")?;
    let signed = json::parse(&payload_text).map_err(|e| format!("the signature's payload: {e}"))?;
    if signed.members().is_empty() || !same(&signed, statement) {
        return Err("the signed statement is not the statement that was sent".into());
    }
    let Some(certificate) = head.get("x5c") else { return Ok(()) };
    let certificate = certificate.items().first().and_then(json::Json::as_text).unwrap_or_default();
    let certificate = STANDARD.decode(certificate).map_err(|_| "x5c holds no certificate in base64")?;
    let key = rsa_key(&certificate).ok_or("x5c holds no certificate of an RSA key")?;
    let message = format!("{header}.{payload}");
    let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| "the signature is no base64")?;
    UnparsedPublicKey::new(algorithm, key)
        .verify(message.as_bytes(), &mac)
        .map_err(|_| "the signature was not made by the certificate's key".into())
}

fn text(part: &str, what: &str) -> Result<String, String> {
    let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('='));
    let bytes = bytes.map_err(|_| format!("the signature's {what} is no base64"))?;
    String::from_utf8(bytes).map_err(|_| format!("the signature's {what} is no text"))
}

fn algorithm(name: Option<&str>) -> Result<&'static RsaParameters, String> {
    match name {
        Some("RS256") => Ok(&RSA_PKCS1_2048_8192_SHA256),
        Some("RS384") => Ok(&RSA_PKCS1_2048_8192_SHA384),
        Some("RS512") => Ok(&RSA_PKCS1_2048_8192_SHA512),
        _ => Err("a signature's algorithm is RS256, RS384 or RS512".into()),
    }
}

/// The RSA key of an X.509 certificate: the bit string of its subjectPublicKeyInfo (RFC 5280 4.1).
fn rsa_key(certificate: &[u8]) -> Option<Vec<u8>> {
    const VERSION: u8 = 0xa0;
    const SEQUENCE: u8 = 0x30;
    const BIT_STRING: u8 = 0x03;
    /// 1.2.840.113549.1.1.1, rsaEncryption.
    const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    let (_, outer, _) = element(certificate)?;
    let (_, mut fields, _) = element(outer)?;
    if fields.first() == Some(&VERSION) {
        fields = element(fields)?.2;
    }
    // serialNumber, signature, issuer, validity, subject
    for _ in 0..5 {
        fields = element(fields)?.2;
    }
    let (SEQUENCE, info, _) = element(fields)? else { return None };
    let (SEQUENCE, kind, rest) = element(info)? else { return None };
    let (BIT_STRING, bits, _) = element(rest)? else { return None };
    if !kind.starts_with(RSA) {
        return None;
    }
    bits.strip_prefix(&[0]).map(<[u8]>::to_vec)
}

/// The first DER element: its tag, its content, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, length) = (*der.first()?, usize::from(*der.get(1)?));
    let (length, from) = if length < 0x80 {
        (length, 2)
    } else {
        let count = length & 0x7f;
        let digits = der.get(2..2 + count).filter(|_| (1..=4).contains(&count))?;
        (digits.iter().fold(0, |sum, b| sum << 8 | usize::from(*b)), 2 + count)
    };
    Some((tag, der.get(from..from.checked_add(length)?)?, der.get(from + length..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::{
        rand::SystemRandom,
        signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaKeyPair},
    };

    const STATEMENT: &str = r#"{"id":"fd41c918-b88b-4b20-a0a5-a4c32391aaa0","actor":{"mbox":"mailto:a@b.cn"},"verb":{"id":"http://v"},"object":{"id":"http://o"},"result":{"duration":"P1DT12H36M0.12S"}}"#;

    /// A key of 2048 bits with its certificate, made for these tests.
    fn keys() -> (RsaKeyPair, String) {
        let key = include_bytes!("../tests/cases/signer.pk8");
        let certificate = STANDARD.encode(include_bytes!("../tests/cases/signer.der"));
        (RsaKeyPair::from_pkcs8(key).unwrap(), certificate)
    }

    fn signed(header: &str, payload: &str, algorithm: &'static dyn ring::signature::RsaEncoding) -> Vec<u8> {
        let (key, _) = keys();
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let mut mac = vec![0; key.public().modulus_len()];
        key.sign(algorithm, &SystemRandom::new(), message.as_bytes(), &mut mac).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac)).into_bytes()
    }

    fn verdict(sent: &str, jws: &[u8]) -> Result<(), String> {
        check(&json::parse(sent).unwrap(), jws)
    }

    #[test]
    fn three_algorithms_are_taken_with_and_without_a_certificate() {
        let certificate = keys().1;
        for (name, algorithm) in [
            ("RS256", &RSA_PKCS1_SHA256 as &'static dyn ring::signature::RsaEncoding),
            ("RS384", &RSA_PKCS1_SHA384),
            ("RS512", &RSA_PKCS1_SHA512),
        ] {
            let bare = signed(&format!(r#"{{"alg":"{name}"}}"#), STATEMENT, algorithm);
            assert_eq!(verdict(STATEMENT, &bare), Ok(()));
            let header = format!(r#"{{"alg":"{name}","x5c":["{certificate}"]}}"#);
            assert_eq!(verdict(STATEMENT, &signed(&header, STATEMENT, algorithm)), Ok(()));
        }
        let finer = STATEMENT.replace("0.12S", "0.1237S");
        let jws = signed(r#"{"alg":"RS256"}"#, STATEMENT, &RSA_PKCS1_SHA256);
        assert_eq!(verdict(&finer, &jws), Ok(()), "durations are compared to a hundredth of a second");
    }

    #[test]
    fn malformed_signatures_are_refused() {
        let good = signed(r#"{"alg":"RS256"}"#, STATEMENT, &RSA_PKCS1_SHA256);
        let other = STATEMENT.replace("http://o", "http://p");
        assert!(verdict(&other, &good).is_err(), "another statement");
        for (header, payload) in [
            (r#"{"alg":"HS256"}"#, STATEMENT),
            (r#"{"alg":"none"}"#, STATEMENT),
            ("{}", STATEMENT),
            ("x", STATEMENT),
            (r#"{"alg":"RS256"}"#, &STATEMENT.replacen('"', "'", 1)),
            (r#"{"alg":"RS256"}"#, "{}"),
            (r#"{"alg":"RS256","x5c":["bm90IGEgY2VydA=="]}"#, STATEMENT),
            (r#"{"alg":"RS256","x5c":[]}"#, STATEMENT),
        ] {
            assert!(
                verdict(STATEMENT, &signed(header, payload, &RSA_PKCS1_SHA256)).is_err(),
                "{header} {payload}"
            );
        }
        let header = format!(r#"{{"alg":"RS256","x5c":["{}"]}}"#, keys().1);
        let mut forged = signed(&header, STATEMENT, &RSA_PKCS1_SHA256);
        let last = forged.len() - 10;
        forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
        assert!(verdict(STATEMENT, &forged).is_err(), "a wrong signature");
        for bad in [&b"x"[..], b"a.b", b"a.b.c.d", b"\xff\xfe"] {
            assert!(verdict(STATEMENT, bad).is_err());
        }
    }
}
