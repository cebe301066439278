//! The data of attachments, matched with their headers by hash and in no other way (Communication 1.5.2).
use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::{
    check::SIGNATURE,
    json::Json,
    multipart::Part,
    problem::{Place, Problem},
    signature,
};

/// The data of an attachment.
#[derive(Clone, Debug)]
pub struct Blob {
    /// Its hash, in lower case.
    pub sha2: String,
    /// Its media type.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Reads the parts after the first: each says its hash, and the hash is true.
pub fn read(parts: &[Part<'_>]) -> Result<Vec<Blob>, Problem> {
    let root = Place::root("attachments");
    let mut blobs = vec![];
    for (n, part) in parts.iter().enumerate() {
        let place = root.index(n);
        if !part.header("content-transfer-encoding").is_some_and(|e| e.eq_ignore_ascii_case("binary")) {
            return Err(place.problem("Content-Transfer-Encoding must be binary"));
        }
        let said = part.header("x-experience-api-hash").map(str::to_ascii_lowercase);
        let said = said.ok_or_else(|| place.problem("X-Experience-API-Hash is missing"))?;
        if hash(part.body, said.len()).as_ref() != Some(&said) {
            return Err(place.problem("X-Experience-API-Hash is not the hash of the data"));
        }
        let content_type = part.header("content-type").unwrap_or("application/octet-stream").to_owned();
        blobs.push(Blob { sha2: said, content_type, bytes: part.body.to_vec() });
    }
    Ok(blobs)
}

/// The hash of the SHA-2 family whose hexadecimal digits are so many.
fn hash(bytes: &[u8], digits: usize) -> Option<String> {
    let bytes: Vec<u8> = match digits {
        56 => Sha224::digest(bytes).to_vec(),
        64 => Sha256::digest(bytes).to_vec(),
        96 => Sha384::digest(bytes).to_vec(),
        128 => Sha512::digest(bytes).to_vec(),
        _ => return None,
    };
    Some(secrets::hex(&bytes))
}

/// Matches: each attachment has data or a fileUrl, all data belong to an attachment, signatures are well formed.
pub fn match_all(
    statements: &[Json<'_>],
    blobs: &[Blob],
    place: impl Fn(usize) -> String,
) -> Result<(), Problem> {
    let held: HashMap<&str, &Blob> = blobs.iter().map(|b| (b.sha2.as_str(), b)).collect();
    let mut used = HashSet::new();
    for (n, statement) in statements.iter().enumerate() {
        let name = place(n);
        for (at, attachment) in of_statement(statement).into_iter().enumerate() {
            let sha2 = attachment.text_of("sha2").unwrap_or_default().to_ascii_lowercase();
            let blob = held.get(sha2.as_str()).copied();
            let root = Place::root(&name);
            let list = root.key("attachments");
            let place = list.index(at);
            if blob.is_none() && attachment.get("fileUrl").is_none() {
                return Err(place.problem("has neither a fileUrl nor data of its hash"));
            }
            if attachment.text_of("usageType") == Some(SIGNATURE) {
                check_signature(statement, attachment, blob).map_err(|what| place.problem(what))?;
            }
            used.insert(sha2);
        }
    }
    match blobs.iter().position(|b| !used.contains(&b.sha2)) {
        Some(n) => {
            Err(Place::root("attachments").index(n).problem("belongs to no attachment of a statement"))
        }
        None => Ok(()),
    }
}

fn check_signature(statement: &Json<'_>, attachment: &Json<'_>, blob: Option<&Blob>) -> Result<(), String> {
    if attachment.text_of("contentType") != Some("application/octet-stream") {
        return Err("a signature is of application/octet-stream".into());
    }
    // Data that stand elsewhere cannot be looked at here.
    blob.map_or(Ok(()), |blob| signature::check(statement, &blob.bytes))
}

/// The headers of a statement's attachments and of its SubStatement's.
pub fn of_statement<'s, 'a>(statement: &'s Json<'a>) -> Vec<&'s Json<'a>> {
    let sub = statement.get("object").and_then(|o| o.get("attachments"));
    [statement.get("attachments"), sub].into_iter().flatten().flat_map(Json::items).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{json::parse, multipart};

    const DATA: &str = "here is a simple attachment";
    const HASH: &str = "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a";

    fn blobs(headers: &str) -> Result<Vec<Blob>, Problem> {
        let body = format!("--b\r\n{headers}\r\n\r\n{DATA}\r\n--b--");
        read(&multipart::parse(body.as_bytes(), "b").unwrap())
    }

    fn good() -> Vec<Blob> {
        blobs(&format!(
            "Content-Type:text/plain\r\nContent-Transfer-Encoding:binary\r\nX-Experience-API-Hash:{HASH}"
        ))
        .unwrap()
    }

    #[test]
    fn each_part_says_its_encoding_and_its_hash() {
        assert_eq!(good()[0].sha2, HASH);
        for headers in [
            format!("X-Experience-API-Hash: {HASH}"),
            format!("Content-Transfer-Encoding: base64\r\nX-Experience-API-Hash: {HASH}"),
            "Content-Transfer-Encoding: binary".to_owned(),
            format!("Content-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {}", HASH.replace('4', "5")),
            "Content-Transfer-Encoding: binary\r\nX-Experience-API-Hash: 12".to_owned(),
        ] {
            assert!(blobs(&headers).is_err(), "{headers}");
        }
        for digits in [56, 64, 96, 128] {
            assert_eq!(hash(b"x", digits).unwrap().len(), digits);
        }
    }

    #[test]
    fn data_and_headers_belong_together() {
        let with = |attachments: &str| format!(r#"{{"attachments":[{attachments}]}}"#);
        let here = format!(r#"{{"sha2":"{}"}}"#, HASH.to_uppercase());
        let there = r#"{"sha2":"00","fileUrl":"http://f"}"#.to_owned();
        let verdict = |text: &str, blobs: &[Blob]| {
            match_all(&[parse(text).unwrap()], blobs, |n| format!("statements[{n}]"))
        };
        assert_eq!(verdict(&with(&here), &good()), Ok(()));
        assert_eq!(verdict(&with(&there), &[]), Ok(()));
        assert_eq!(verdict(&with(&format!("{here},{there},{here}")), &good()), Ok(()));
        assert_eq!(verdict("{}", &[]), Ok(()));
        assert!(
            verdict(&with(&here), &[]).unwrap_err().to_string().starts_with("statements[0].attachments[0]")
        );
        assert!(verdict(&with(&there), &good()).is_err(), "data without a header");
        let signed = format!(r#"{{"sha2":"{HASH}","usageType":"{SIGNATURE}","contentType":"text/plain"}}"#);
        assert!(verdict(&with(&signed), &good()).is_err(), "a signature has a media type of its own");
    }
}
