//! Who an Agent or Group is: the one identifier by which two are the same (Data 2.4.2.3).
use crate::json::Json;

/// The identifier as a text that equals that of the same Agent or Group; none for an anonymous Group.
pub fn key(person: &Json<'_>) -> Option<String> {
    if let Some(mbox) = person.text_of("mbox") {
        return Some(format!("mbox {}", mailbox(mbox)));
    }
    if let Some(hash) = person.text_of("mbox_sha1sum") {
        return Some(format!("mbox_sha1sum {}", hash.to_ascii_lowercase()));
    }
    if let Some(openid) = person.text_of("openid") {
        return Some(format!("openid {openid}"));
    }
    let account = person.get("account")?;
    Some(format!("account {} {}", account.text_of("homePage")?, account.text_of("name")?))
}

/// The keys of the person and, of a Group, of its members.
pub fn keys(person: &Json<'_>) -> Vec<String> {
    let members = person.get("member").map(Json::items).unwrap_or_default();
    key(person).into_iter().chain(members.iter().filter_map(key)).collect()
}

/// A mail address whose domain is compared without case (Data 2.3.1.b7).
pub fn mailbox(mbox: &str) -> String {
    match mbox.rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", domain.to_lowercase()),
        None => mbox.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::json::parse;

    #[test]
    fn the_same_identifier_is_the_same_person() {
        let key = |text: &str| super::key(&parse(text).unwrap());
        assert_eq!(key(r#"{"mbox":"mailto:A@B.CN","name":"x"}"#), key(r#"{"mbox":"mailto:A@b.cn"}"#));
        assert_ne!(key(r#"{"mbox":"mailto:a@b.cn"}"#), key(r#"{"mbox":"mailto:A@b.cn"}"#));
        let account = r#"{"account":{"name":"n","homePage":"http://h"}}"#;
        assert_eq!(
            key(account),
            key(r#"{"account":{"homePage":"http://h","name":"n"},"objectType":"Group"}"#)
        );
        assert_eq!(key(r#"{"objectType":"Group","member":[]}"#), None);
        let group = r#"{"objectType":"Group","openid":"http://g","member":[{"openid":"http://a"}]}"#;
        assert_eq!(super::keys(&parse(group).unwrap()), ["openid http://g", "openid http://a"]);
    }
}
