//! What a QR code carries for a check without network (`web/src/offline/verify.ts` reads it): the line that was signed
//! and, once a checkpoint holds the certificate, the Merkle proof of that. Written in decimal digits, because a QR code
//! packs digits as densely as bytes while it spends eight bits on each letter of base64.
//!
//! Bytes, numbers with the highest byte first: the form (1) · length of the line (2) · the line · and with a proof the
//! checkpoint (4) · how many documents it holds (4) · the place (4) · the hashes beside the way to the root (32 each).
use hours::checkpoint::Vouched;

/// The form described above.
const FORM: u8 = 1;
/// So many bytes become [`DIGITS`] digits: 10^17 is just above 2^56.
const BYTES: usize = 7;
/// The digits of so many bytes, by their number.
const DIGITS: [usize; BYTES + 1] = [0, 3, 5, 8, 10, 13, 15, 17];

/// The digits of a signed line and its proof.
pub(crate) fn digits(line: &str, proof: Option<&Vouched>) -> String {
    let length = u16::try_from(line.len()).unwrap_or(u16::MAX);
    let mut bytes = vec![FORM];
    bytes.extend(length.to_be_bytes());
    bytes.extend(line.as_bytes());
    if let Some(proof) = proof {
        let no = u32::try_from(proof.checkpoint).unwrap_or(u32::MAX);
        bytes.extend([no, proof.size, proof.place].map(u32::to_be_bytes).concat());
        bytes.extend(proof.hashes.concat());
    }
    bytes.chunks(BYTES).map(written).collect()
}

fn written(chunk: &[u8]) -> String {
    let number = chunk.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let width = DIGITS.get(chunk.len()).copied().unwrap_or_default();
    format!("{number:0width$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_bytes_has_room_in_its_digits() {
        for (bytes, digits) in DIGITS.iter().enumerate() {
            let most = written(&vec![255; bytes]);
            assert_eq!(most.len(), if bytes == 0 { 1 } else { *digits }, "{bytes}");
        }
        assert_eq!(written(&[0, 0, 1]), "00000001");
    }

    #[test]
    fn a_line_without_a_proof_says_its_length_and_nothing_behind_it() {
        // 01 00 02 61 62: five bytes of 13 digits. The page's test reads the same digits (web/test/offline.mjs).
        assert_eq!(digits("ab", None), "0004295123298");
    }

    #[test]
    fn a_proof_of_a_million_certificates_fits_a_code_of_the_certificates_size() {
        let proof = Vouched {
            checkpoint: 1,
            day: "2026-11-24".to_owned(),
            size: 1_048_576,
            place: 7,
            hashes: vec![[255; 32]; 20],
        };
        let address = format!("https://peixun.example.gov.cn/verify/4320235823019479?s={}#", "A".repeat(86));
        let code = documents::qr_svg(&(address + &digits(&"培".repeat(100), Some(&proof)))).unwrap();
        let size = code.split("viewBox=\"0 0 ").nth(1).and_then(|v| v.split(' ').next()).unwrap();
        // Version 28 at 36 mm: a module is 0.28 mm.
        assert!(size.parse::<usize>().unwrap() <= 129, "{size} modules");
    }
}
