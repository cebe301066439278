//! What is taken out of a draft leaves nothing on the disk; what is published keeps its files.
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::{
    contents::{APPOINT, draft, hand_in, made, package, publish},
    school::{School, at_both},
};

/// Every place where files of a material may lie.
fn places(school: &School, id: &str) -> Vec<PathBuf> {
    let data = school.site.settings.files.parent().unwrap();
    ["uploads", "media", "packages"].iter().map(|folder| data.join(folder).join(id)).collect()
}

/// Waits until the background work is done.
async fn quiet(school: &School) {
    for _ in 0..400 {
        if school.number("SELECT COUNT(*) FROM jobs WHERE kind = 'studio.discard'").await == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("work is left");
}

fn lying(places: &[PathBuf]) -> usize {
    places.iter().filter(|p| Path::exists(p)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_out_leaves_no_file_and_what_is_published_keeps_its_own() {
    at_both(|school| async move {
        let manager = school.learner().await;
        school.run(APPOINT).await;
        let first = draft(&manager).await;
        let kept = hand_in(&manager, &first, "a.zip", &package("singlescobasic")).await;
        let scrap = hand_in(&manager, &first, "b.zip", &package("singlescobasic")).await;
        let broken = hand_in(&manager, &first, "c.zip", b"no zip at all").await;
        for (id, files) in [(&kept, 2), (&scrap, 2), (&broken, 1)] {
            made(&manager, &first, id).await;
            assert_eq!(lying(&places(&school, id)), files, "as it came, and as it is played");
        }
        for id in [&scrap, &broken] {
            let removed =
                manager.client.call("DELETE", &format!("/api/v1/materials/{id}"), Value::Null).await;
            assert_eq!(removed.status, 204);
        }
        quiet(&school).await;
        assert_eq!(lying(&places(&school, &scrap)) + lying(&places(&school, &broken)), 0);

        publish(&manager, &first).await;
        let late = manager.client.call("DELETE", &format!("/api/v1/materials/{kept}"), Value::Null).await;
        assert_eq!(late.json["code"], "draft_published");
        // The work may be done again, for whatever reason: nothing that a lecture names is touched.
        for id in [&kept, &scrap] {
            school.site.enqueue(&school.site.db, "studio.discard", &json!({"material": id})).await.unwrap();
        }
        quiet(&school).await;
        assert_eq!(lying(&places(&school, &kept)), 2);
    })
    .await;
}
