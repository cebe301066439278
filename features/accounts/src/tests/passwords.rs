//! Hashes of passwords (security item 19).
use argon2::password_hash::phc::PasswordHash;
use base::SystemRandom;

use crate::password;

#[tokio::test]
async fn item_19_hashes_are_argon2id_of_at_least_19_mebibytes_each_with_its_own_salt() {
    let one = password::hash(&SystemRandom, "Song-shu9630!").await.unwrap();
    let two = password::hash(&SystemRandom, "Song-shu9630!").await.unwrap();
    let parsed = PasswordHash::new(&one).unwrap();
    assert_eq!(parsed.algorithm.as_str(), "argon2id");
    let of = |name| parsed.params.get_decimal(name).unwrap();
    assert!(of("m") >= 19 * 1024 && of("t") >= 2 && of("p") >= 1, "{one}");
    assert_ne!(parsed.salt, PasswordHash::new(&two).unwrap().salt);
    assert!(password::verify("Song-shu9630!", Some(&one)).await.unwrap());
    assert!(!password::verify("Song-shu9630?", Some(&one)).await.unwrap());
    assert!(
        !password::verify("no such account", None).await.unwrap(),
        "the dummy's own password is nobody's"
    );
}

#[test]
fn item_19_a_hash_of_weaker_parameters_is_outdated() {
    let weak =
        "$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$yv8YjKX7Gq3n8Hs5zK0m9mQ8vJk2r1b9tT0o5cXwJ8E";
    assert!(password::is_outdated(weak));
    assert!(password::is_outdated("$2b$12$abcdefghijklmnopqrstuv"));
}

#[tokio::test]
async fn item_19_more_than_the_queue_holds_is_turned_away_rather_than_hashed() {
    let all = password::fill_queue();
    let refused = password::verify("Song-shu9630!", None).await.unwrap_err();
    assert_eq!(refused.code(), "busy");
    drop(all);
    assert!(!password::verify("Song-shu9630!", None).await.unwrap());
}
