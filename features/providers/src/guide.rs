//! The test vector of the provider guide: a request with everything that is made of it, computed, so that guide and code
//! cannot differ.
use outside::signature::{self, Parameters, Signed};

/// The key of the vector; it opens nothing.
const SECRET: &str = "Zs0mFHvSgZWmp3vQd3UOV8PTUU0tZRgcNG8Z1vO4ykY";
const KEY_ID: &str = "example-202611";
const NONCE: &str = "b3k2pp5k7z-50gnwp.yemd";
const CREATED: i64 = 1_795_917_600;
const TARGET: &str = "https://hub.example/api/v1/provider/completions";
const BODY: &str = r#"{"completions":[{"id":"k-1001","subject_id":"s-7","course":"fire","minutes":8,"started_at":"2026-11-27T09:00:00+08:00","completed_at":"2026-11-27T09:08:00+08:00","intervals":[{"from":"2026-11-27T09:00:00+08:00","to":"2026-11-27T09:08:00+08:00"}],"fee":"0.00"}]}"#;

/// A signed request, part by part.
pub(crate) struct Vector {
    pub secret: &'static str,
    pub key_id: &'static str,
    pub nonce: &'static str,
    pub created: i64,
    pub target: &'static str,
    pub body: &'static str,
    pub content_digest: String,
    pub base: String,
    pub signature_input: String,
    pub signature: String,
}

/// The vector.
pub(crate) fn vector() -> Vector {
    let parameters = Parameters { created: CREATED, nonce: NONCE.to_owned(), key_id: KEY_ID.to_owned() };
    let request = Signed { method: "POST", target_uri: TARGET, body: BODY.as_bytes() };
    let headers = signature::sign(&request, &parameters, SECRET.as_bytes());
    Vector {
        secret: SECRET,
        key_id: KEY_ID,
        nonce: NONCE,
        created: CREATED,
        target: TARGET,
        body: BODY,
        base: signature::base(&request, &headers.content_digest, &parameters),
        content_digest: headers.content_digest,
        signature_input: headers.input,
        signature: headers.signature,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_guide_has_the_vector() {
        let guide = include_str!("../../../docs/provider-guide.md");
        let v = vector();
        for part in [
            v.secret,
            v.key_id,
            v.nonce,
            v.target,
            v.body,
            &v.content_digest,
            &v.base,
            &v.signature_input,
            &v.signature,
        ] {
            assert!(guide.contains(part), "docs/provider-guide.md lacks {part}");
        }
    }
}
