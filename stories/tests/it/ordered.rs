//! A SCORM 2004 package that says in which order its parts are opened: its runtime keeps here how far that has come. What the
//! runtime does with it, the browser's story shows.
use serde_json::{Value, json};

use crate::{
    contents::{APPOINT, at_content, attribute, package, taught, text, zip_of},
    school::{Learner, at_both},
};

fn ordered() -> Vec<u8> {
    let manifest = r#"<manifest><metadata><schemaversion>2004 4th Edition</schemaversion></metadata><organizations><organization>
        <item identifier="a" identifierref="r"><title>甲</title></item><item identifier="b" identifierref="r"><title>乙</title></item>
        <sequencing><controlMode choice="false" flow="true" forwardOnly="true"/></sequencing></organization></organizations>
        <resources><resource identifier="r" href="index.html"/></resources></manifest>"#;
    zip_of(&[("imsmanifest.xml", manifest), ("index.html", "x")])
}

async fn frame(learner: &Learner, lecture: &str) -> String {
    let page = text(learner.client.call("GET", &format!("/lectures/{lecture}"), Value::Null).await);
    attribute(page.split_once("<iframe").unwrap().1, "data-src")
}

#[tokio::test(flavor = "multi_thread")]
async fn how_far_an_order_has_come_is_kept_for_its_learner_and_an_attempt_begins_with_nothing() {
    at_both(|school| async move {
        let manager = school.learner().await;
        school.run(APPOINT).await;
        let learner = school.learner().await;
        let lecture = taught(&manager, &ordered()).await;
        let address = frame(&learner, &lecture).await;
        let opened = text(at_content(&school, "GET", &address, "", "").await);
        let keep = attribute(&opened, "data-keep");
        assert_eq!(attribute(&opened, "data-order"), "");
        assert_eq!(
            at_content(&school, "GET", &attribute(&opened, "data-manifest"), "", "").await.status,
            200
        );
        let state = json!({"sequencing": {"currentActivity": "b"}}).to_string();
        assert_eq!(at_content(&school, "POST", &keep, "", &state).await.status, 204);
        assert_eq!(at_content(&school, "POST", &keep, "", "nonsense").await.status, 400);
        let model = json!({"cmi": {"location": "p3"}}).to_string();
        assert_eq!(
            at_content(&school, "POST", &attribute(&opened, "data-commit"), "", &model).await.status,
            200
        );
        let again = text(at_content(&school, "GET", &address, "", "").await);
        assert!(attribute(&again, "data-order").contains("currentActivity"), "{again}");
        assert!(attribute(&again, "data-model").contains("p3"), "{again}");
        let anew = text(at_content(&school, "GET", &format!("{address}&attempt=new"), "", "").await);
        assert_eq!(attribute(&anew, "data-model"), "");

        let other = school.learner().await;
        let theirs = frame(&other, &lecture).await;
        assert_eq!(attribute(&text(at_content(&school, "GET", &theirs, "", "").await), "data-order"), "");
        let plain = taught(&manager, &package("singlescobasic")).await;
        let plain = frame(&learner, &plain).await;
        let refused = plain.split_once("/frame").unwrap().0.to_owned() + "/order";
        assert_eq!(at_content(&school, "POST", &refused, "", &state).await.status, 404, "it has no order");
        assert!(!text(at_content(&school, "GET", &plain, "", "").await).contains("data-keep"));
    })
    .await;
}
