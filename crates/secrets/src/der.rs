//! The little DER that a CMS signature is made of: tag, length, content.

/// One element.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len();
    if length < 0x80 {
        out.push(u8::try_from(length).unwrap_or(0));
    } else {
        let bytes: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|b| *b == 0).collect();
        out.push(0x80 | u8::try_from(bytes.len()).unwrap_or(0));
        out.extend(bytes);
    }
    out.extend_from_slice(content);
    out
}

/// A SEQUENCE of elements.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

/// A SET of elements, in DER's order.
pub(crate) fn set(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    element(0x31, &parts.concat())
}

/// An INTEGER from a number's bytes, the highest first; never negative.
pub(crate) fn integer(number: &[u8]) -> Vec<u8> {
    let start = number.iter().position(|b| *b != 0).unwrap_or(number.len());
    let digits = number.get(start..).unwrap_or_default();
    let is_high = digits.first().is_none_or(|b| *b >= 0x80);
    let lead: &[u8] = if is_high { &[0] } else { &[] };
    element(0x02, &[lead, digits].concat())
}

/// An OCTET STRING.
pub(crate) fn octets(content: &[u8]) -> Vec<u8> {
    element(0x04, content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_the_short_and_the_long_form() {
        assert_eq!(integer(&[0, 0, 1]), [2, 1, 1]);
        assert_eq!(integer(&[0x80]), [2, 2, 0, 0x80]);
        assert_eq!(integer(&[0, 0]), [2, 1, 0]);
        assert_eq!(octets(&[7; 3]), [4, 3, 7, 7, 7]);
        assert_eq!(octets(&[7; 200])[..3], [4, 0x81, 200]);
        assert_eq!(octets(&[7; 300])[..4], [4, 0x82, 1, 44]);
        assert_eq!(set(vec![vec![5, 0], vec![4, 0]]), [0x31, 4, 4, 0, 5, 0]);
    }
}
