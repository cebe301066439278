//! Hashes of passwords (security item 19).
use argon2::password_hash::phc::PasswordHash;

use super::stage::Stage;
use crate::door::hashing;

const PASSWORD: &str = "Song-shu9630!";

async fn stage() -> Stage {
    Stage::new(testkit::databases().await.remove(0)).await
}

#[tokio::test]
async fn item_19_hashes_are_argon2id_of_at_least_19_mebibytes_each_with_its_own_salt() {
    let stage = stage().await;
    let site = stage.node().await;
    let one = hashing::hash(&site, PASSWORD).await.unwrap();
    let two = hashing::hash(&site, PASSWORD).await.unwrap();
    let parsed = PasswordHash::new(&one).unwrap();
    assert_eq!(parsed.algorithm.as_str(), "argon2id");
    let of = |name| parsed.params.get_decimal(name).unwrap();
    assert!(of("m") >= 19 * 1024 && of("t") >= 2 && of("p") >= 1, "{one}");
    assert_ne!(parsed.salt, PasswordHash::new(&two).unwrap().salt);
    assert!(hashing::verify(&site.keys, PASSWORD, Some(&one)).await.unwrap());
    assert!(!hashing::verify(&site.keys, "Song-shu9630?", Some(&one)).await.unwrap());
    assert!(
        !hashing::verify(&site.keys, "no such account", None).await.unwrap(),
        "the dummy's own password is nobody's"
    );
}

#[tokio::test]
async fn item_19_a_pepper_goes_into_new_hashes_and_older_ones_are_outdated() {
    let stage = stage().await;
    let site = stage.node().await;
    let plain = hashing::hash(&site, PASSWORD).await.unwrap();
    assert!(!hashing::is_outdated(&site.keys, &plain), "no pepper where none was made");
    let files = site.keys.rotate(site.now(), true, &*site.random).unwrap();
    let pepper = files.iter().find(|f| f.to_string_lossy().contains("pepper")).unwrap();
    let peppered = hashing::hash(&site, PASSWORD).await.unwrap();
    assert!(peppered.starts_with("1!$argon2id$"), "{peppered}");
    for stored in [&plain, &peppered] {
        assert!(hashing::verify(&site.keys, PASSWORD, Some(stored)).await.unwrap(), "{stored}");
        assert!(!hashing::verify(&site.keys, "Song-shu9630?", Some(stored)).await.unwrap(), "{stored}");
    }
    assert!(hashing::is_outdated(&site.keys, &plain) && !hashing::is_outdated(&site.keys, &peppered));
    let bare = peppered.split_once('!').unwrap().1;
    assert!(
        !hashing::verify(&site.keys, PASSWORD, Some(bare)).await.unwrap(),
        "worth nothing without the key"
    );
    std::fs::remove_file(pepper).unwrap();
    let lost = stage.node().await;
    assert!(hashing::verify(&lost.keys, PASSWORD, Some(&peppered)).await.is_err(), "never a wrong password");
}

#[tokio::test]
async fn item_19_a_hash_of_weaker_parameters_is_outdated() {
    let stage = stage().await;
    let site = stage.node().await;
    let weak =
        "$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$yv8YjKX7Gq3n8Hs5zK0m9mQ8vJk2r1b9tT0o5cXwJ8E";
    assert!(hashing::is_outdated(&site.keys, weak));
    assert!(hashing::is_outdated(&site.keys, "$2b$12$abcdefghijklmnopqrstuv"));
}

#[tokio::test]
async fn item_19_more_than_the_queue_holds_is_turned_away_rather_than_hashed() {
    let stage = stage().await;
    let site = stage.node().await;
    let all = hashing::fill_queue();
    let refused = hashing::verify(&site.keys, PASSWORD, None).await.unwrap_err();
    assert_eq!(refused.code(), "busy");
    drop(all);
    assert!(!hashing::verify(&site.keys, PASSWORD, None).await.unwrap());
}
