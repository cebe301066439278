//! Achievements with several files: the same if any is shared with an earlier one that counts, here and for whoever assesses
//! the written record.
use std::{collections::BTreeSet, sync::LazyLock};

use proptest::prelude::*;
use rules::assess::{Files, assess_with_files};
use rules::policy::{self, Policy};
use rules::{Reason, assess, record};
use serde_json::{Value, json};

static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy::load(policy::delivered()[0].1).unwrap());

/// A record of meetings, each with a day of June, a title and files.
fn meetings(all: &[(u8, u8, BTreeSet<u8>)]) -> (Value, Files) {
    let id = |n: usize| format!("c{n:02}");
    let hashes = |files: &BTreeSet<u8>| files.iter().map(|f| format!("sha256:{f}")).collect::<Vec<_>>();
    let credit = |(n, (day, title, files)): (usize, &(u8, u8, BTreeSet<u8>))| {
        json!({"id": id(n), "kind": "activity", "item": "meeting.city", "on": format!("2023-06-{day:02}"),
            "title": format!("会议{title}"), "evidence": hashes(files).first()})
    };
    let record = json!({"id": "x", "year": 2023, "person": {"gender": "male", "birth_date": "1980-05-01",
        "category": "professional", "level": "professional_10", "status": "on_post"},
        "credits": all.iter().enumerate().map(credit).collect::<Vec<_>>()});
    let files = all.iter().enumerate().map(|(n, (_, _, files))| (id(n), hashes(files))).collect();
    (record, files)
}

/// Which of them are the same as an earlier one, with the record as it is written then.
fn doubled(all: &[(u8, u8, BTreeSet<u8>)]) -> (Vec<bool>, String) {
    let (value, files) = meetings(all);
    let line = value.to_string();
    let mut read = record::read(&line, &POLICY).unwrap();
    let result = assess_with_files(&POLICY, &mut read, &files).into_owned();
    let is_double = result.credits.iter().map(|c| c.reason == Some(Reason::DuplicateAchievement)).collect();
    (is_double, serde_json::to_string(&read).unwrap())
}

fn set<const N: usize>(files: [u8; N]) -> BTreeSet<u8> {
    files.into()
}

#[test]
fn any_shared_file_makes_the_later_the_same_and_only_with_what_counts() {
    let (a, b, c) = ((1, 1, set([1, 2])), (2, 2, set([2, 3])), (3, 3, set([3, 1])));
    assert_eq!(doubled(&[a.clone(), b.clone(), c.clone()]).0, [false, true, true]);
    assert_eq!(doubled(&[b.clone(), c.clone()]).0, [false, true], "without the first the second counts");
    let alone = (3, 3, set([3]));
    assert_eq!(doubled(&[a, b.clone(), alone.clone()]).0, [false, true, false], "only 2 is used up");
    assert_eq!(doubled(&[b, alone]).0, [false, true]);
    let (one, two) = ((1, 1, set([1])), (2, 2, set([2])));
    assert_eq!(doubled(&[one, two, (3, 3, set([1, 2]))]).0, [false, false, true]);
}

proptest! {
    #[test]
    fn the_written_record_says_the_same(
        all in prop::collection::vec((1_u8..29, 0_u8..9, prop::collection::btree_set(0_u8..12, 0..4)), 0..14)
    ) {
        let (found, written) = doubled(&all);
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|n| (all[*n].0, *n));
        let (mut expected, mut titles, mut used) = (vec![false; all.len()], BTreeSet::new(), BTreeSet::new());
        for n in order {
            let (day, title, files) = &all[n];
            expected[n] = titles.contains(&(day, title)) || !used.is_disjoint(files);
            if !expected[n] {
                titles.insert((day, title));
                used.extend(files);
            }
        }
        prop_assert_eq!(&found, &expected);
        let again = record::read(&written, &POLICY).unwrap();
        let again = assess(&POLICY, &again);
        let again: Vec<bool> = again.credits.iter().map(|c| c.reason == Some(Reason::DuplicateAchievement)).collect();
        prop_assert_eq!(again, expected);
    }
}
