//! The versions of the standard that are spoken here: 1.0.3 and 2.0.0 (IEEE 9274.1.1), by the request's header.

/// A major version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 1.0.x
    V1,
    /// 2.0.x
    V2,
}

impl Version {
    /// The version that a request's header names; none for others (Communication 3.3).
    pub fn of_header(value: &str) -> Option<Self> {
        if is_patch_of(value, "1.0") {
            Some(Self::V1)
        } else if is_patch_of(value, "2.0") {
            Some(Self::V2)
        } else {
            None
        }
    }

    /// What answers carry: the latest patch version.
    pub fn header(self) -> &'static str {
        match self {
            Self::V1 => "1.0.3",
            Self::V2 => "2.0.0",
        }
    }

    /// The `version` of a statement that came without one.
    pub fn of_statement(self) -> &'static str {
        match self {
            Self::V1 => "1.0.0",
            Self::V2 => "2.0.0",
        }
    }

    /// Whether a statement may say that it is of this version (Data 2.4.10); newer clients may bring older statements.
    pub fn takes(self, statement: &str) -> bool {
        is_patch_of(statement, "1.0") || (self == Self::V2 && is_patch_of(statement, "2.0"))
    }
}

fn is_patch_of(value: &str, minor: &str) -> bool {
    let Some(patch) = value.strip_prefix(minor) else { return false };
    let is_number = |p: &str| !p.is_empty() && p.len() < 6 && p.bytes().all(|b| b.is_ascii_digit());
    patch.is_empty() || patch.strip_prefix('.').is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_choose_the_version() {
        for (header, version) in [
            ("1.0", Some(Version::V1)),
            ("1.0.0", Some(Version::V1)),
            ("1.0.9", Some(Version::V1)),
            ("2.0", Some(Version::V2)),
            ("2.0.0", Some(Version::V2)),
            ("0.95", None),
            ("1.1.0", None),
            ("2.1.0", None),
            ("3.0.0", None),
            ("1.0.", None),
            ("1.0.x", None),
            ("", None),
        ] {
            assert_eq!(Version::of_header(header), version, "{header}");
        }
        assert!(Version::V1.takes("1.0.9") && !Version::V1.takes("2.0.0") && Version::V2.takes("2.0.0"));
    }
}
