//! RFC 9421 HTTP Message Signatures as the provider interface uses them: `hmac-sha256` over `@method`, `@target-uri`
//! and `content-digest`, with `created`, `nonce` and `keyid`. Only this one profile is written; it is accepted under any
//! label and with the three in any order.
use base::Instant;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

const COVERED: [&str; 3] = [r#""@method""#, r#""@target-uri""#, r#""content-digest""#];
const LABEL: &str = "sig1";

/// What is signed.
pub struct Signed<'a> {
    /// The method in capitals.
    pub method: &'a str,
    /// The full target address.
    pub target_uri: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// The parameters of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Seconds since 1970.
    pub created: i64,
    /// Used once.
    pub nonce: String,
    /// Which key.
    pub key_id: String,
}

/// The headers of a signature, as they arrived.
#[derive(Clone, Debug)]
pub struct Headers {
    /// `Content-Digest`.
    pub content_digest: String,
    /// `Signature-Input`.
    pub input: String,
    /// `Signature`.
    pub signature: String,
}

/// RFC 9530 digest of a body.
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

/// Signs the request.
pub fn sign(request: &Signed<'_>, parameters: &Parameters, secret: &[u8]) -> Headers {
    let digest = content_digest(request.body);
    let value = parameter_text(parameters);
    let base = base_of(request, &digest, (&COVERED, &value));
    let signature = STANDARD.encode(mac(&base, secret).finalize().into_bytes());
    Headers {
        content_digest: digest,
        input: format!("{LABEL}={value}"),
        signature: format!("{LABEL}=:{signature}:"),
    }
}

/// A signature as it arrived: its label, what it covers in which order, the text of its parameters, and their values.
struct Read<'a> {
    label: &'a str,
    covered: Vec<&'a str>,
    text: &'a str,
    parameters: Parameters,
}

/// Reads the accepted form: one signature under any label, over exactly the three components in any order.
fn read(input: &str) -> Option<Read<'_>> {
    let (label, text) = input.trim().split_once('=')?;
    let is_key = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.*".contains(c);
    if label.is_empty() || !label.chars().all(is_key) {
        return None;
    }
    let (list, rest) = text.strip_prefix('(')?.split_once(')')?;
    let covered: Vec<&str> = list.split(' ').filter(|c| !c.is_empty()).collect();
    let has_all = COVERED.iter().all(|c| covered.contains(c));
    if covered.len() != COVERED.len() || !has_all {
        return None;
    }
    let mut found = Parameters { created: 0, nonce: String::new(), key_id: String::new() };
    for part in rest.split(';').skip(1) {
        let (name, value) = part.trim().split_once('=')?;
        let text = || value.strip_prefix('"')?.strip_suffix('"').map(str::to_owned);
        match name {
            "created" => found.created = value.parse().ok()?,
            "nonce" => found.nonce = text()?,
            "keyid" => found.key_id = text()?,
            "alg" if value == "\"hmac-sha256\"" => {}
            _ => return None,
        }
    }
    let complete =
        found.created > 0 && !found.nonce.is_empty() && found.nonce.len() <= 128 && !found.key_id.is_empty();
    complete.then_some(Read { label, covered, text, parameters: found })
}

/// Reads the parameters of the accepted form; `None` for any other.
pub fn parameters(headers: &Headers) -> Option<Parameters> {
    read(&headers.input).map(|read| read.parameters)
}

/// Whether the headers sign exactly this request under the secret; compared in constant time.
pub fn holds(request: &Signed<'_>, headers: &Headers, secret: &[u8]) -> bool {
    if headers.content_digest != content_digest(request.body) {
        return false;
    }
    let Some(read) = read(&headers.input) else { return false };
    let sent = headers.signature.trim().strip_prefix(read.label);
    let sent = sent.and_then(|s| s.strip_prefix("=:")).and_then(|s| s.strip_suffix(':'));
    let Some(sent) = sent.and_then(|s| STANDARD.decode(s).ok()) else { return false };
    let base = base_of(request, &headers.content_digest, (&read.covered, read.text));
    mac(&base, secret).verify_slice(&sent).is_ok()
}

/// Whether a signature's time is within 300 s of now.
pub fn is_timely(parameters: &Parameters, now: Instant) -> bool {
    (now.as_second() - parameters.created).abs() <= 300
}

fn parameter_text(p: &Parameters) -> String {
    let covered = COVERED.join(" ");
    format!(r#"({covered});created={};nonce="{}";keyid="{}";alg="hmac-sha256""#, p.created, p.nonce, p.key_id)
}

/// The text that is signed (RFC 9421 §2.5), for those who want to see it.
pub fn base(request: &Signed<'_>, digest: &str, parameters: &Parameters) -> String {
    base_of(request, digest, (&COVERED, &parameter_text(parameters)))
}

fn base_of(request: &Signed<'_>, digest: &str, (covered, parameters): (&[&str], &str)) -> String {
    let line = |name: &&str| match *name {
        r#""@method""# => format!("{name}: {}\n", request.method),
        r#""@target-uri""# => format!("{name}: {}\n", request.target_uri),
        _ => format!("{name}: {digest}\n"),
    };
    let lines: String = covered.iter().map(line).collect();
    format!("{lines}\"@signature-params\": {parameters}")
}

fn mac(base: &str, secret: &[u8]) -> Hmac<Sha256> {
    // HMAC takes keys of any length, so this construction cannot fail; an empty key would still never verify.
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret)
        .unwrap_or_else(|_| <Hmac<Sha256> as KeyInit>::new(&[0; 64].into()));
    mac.update(base.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_request_and_no_other() {
        let request = Signed { method: "POST", target_uri: "http://hub/api", body: b"{}" };
        let parameters = Parameters { created: 1_700_000_000, nonce: "n1".into(), key_id: "k".into() };
        let headers = sign(&request, &parameters, b"secret");
        assert!(holds(&request, &headers, b"secret"));
        assert_eq!(super::parameters(&headers), Some(parameters));
        assert!(!holds(&request, &headers, b"other"));
        assert!(!holds(&Signed { body: b"{ }", ..request }, &headers, b"secret"));
        let moved = Signed { method: "POST", target_uri: "http://hub/other", body: b"{}" };
        assert!(!holds(&moved, &headers, b"secret"));
    }

    #[test]
    fn any_label_and_order_will_do_and_nothing_less_than_the_three() {
        let request = Signed { method: "POST", target_uri: "http://hub/api", body: b"{}" };
        let signed = |label: &str, covered: &[&str]| {
            let text = format!(r#"({});keyid="k";created=1700000000;nonce="n1""#, covered.join(" "));
            let digest = content_digest(b"{}");
            let base = base_of(&request, &digest, (covered, &text));
            let signature = STANDARD.encode(mac(&base, b"secret").finalize().into_bytes());
            let input = format!("{label}={text}");
            Headers { content_digest: digest, input, signature: format!("{label}=:{signature}:") }
        };
        let [method, target, digest] = COVERED;
        assert!(holds(&request, &signed("sig-b26", &[digest, method, target]), b"secret"));
        assert!(holds(&request, &signed("sig1", &COVERED), b"secret"));
        assert!(!holds(&request, &signed("sig1", &[method, target]), b"secret"), "the body is not covered");
        assert!(!holds(&request, &signed("sig1", &[method, method, digest]), b"secret"));
        assert!(!holds(&request, &signed("Sig1", &COVERED), b"secret"), "labels are lower case (RFC 8941)");
    }
}
