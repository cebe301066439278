//! The management platform and a course platform together, each on a database of its own, linked over HTTP as in service:
//! what one says, the other has.
use app::enrol::{enrol, own_addresses};
use base::Role;
use providers::Listing;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    relations::{decide_on, page},
    school::{Learner, School},
    world::{World, settled},
};

pub struct Linked {
    pub world: World,
    pub school: School,
}

/// Runs a story on both databases, each side on one of its own.
pub async fn linked<F: Future<Output = ()>>(story: impl Fn(Linked) -> F) {
    for (hub, own) in testkit::databases().await.into_iter().zip(testkit::databases().await) {
        story(Linked::start(World::start(hub).await, own).await).await;
    }
}

impl Linked {
    async fn start(world: World, own: testkit::Database) -> Self {
        // The address is not known before it listens, and the keys not before it is registered.
        let addresses = own_addresses("http://127.0.0.1:9");
        let enrolled = enrol(&world.site, "webtrn", &addresses, &Listing::default()).await.unwrap();
        let (hub, site) = (enrolled.link(&world.url), world.site.clone());
        let known = |url: String| async move { providers::moved(&site, "webtrn", &url).await.unwrap() };
        let school = School::with(own, world.clock.clone(), hub, known).await;
        providers::sync_all(&world.site).await.unwrap();
        let linked = Self { world, school };
        linked.settle().await;
        linked
    }

    /// Waits until both sides have done everything that is due, answers to one another included.
    pub async fn settle(&self) {
        for _ in 0..3 {
            settled(&self.world.site).await;
            settled(&self.school.site).await;
        }
    }

    /// A learner who is that person of the management platform.
    pub async fn learner(&self, person: &Value, operator: bool) -> Learner {
        let id = person["id"].as_str().unwrap().parse().unwrap();
        let subject = providers::subject_at(&self.world.site, "webtrn", id).await.unwrap();
        let learner = self.school.learner().await;
        let (db, hash) = (&self.school.site.db, secrets::sha256_hex(learner.token.as_bytes()));
        // Who came in before has another visit.
        let again = "UPDATE visits SET learner_id = (SELECT id FROM learners WHERE subject_id = $1) WHERE token_hash = $2 \
                     AND EXISTS (SELECT 1 FROM learners WHERE subject_id = $1)";
        if db::execute(db, again, db::params![subject, hash]).await.unwrap() == 1 {
            return learner;
        }
        let sql = "UPDATE learners SET subject_id = $1, name = $2, operator = $3 WHERE id = \
                   (SELECT learner_id FROM visits WHERE token_hash = $4)";
        let values = db::params![subject, person["name"].as_str().unwrap(), operator, hash];
        assert_eq!(db::execute(db, sql, values).await.unwrap(), 1);
        learner
    }

    /// Watches the free course to its end.
    async fn watch(&self, learner: &Learner) {
        let enrolled = learner.client.call("POST", "/api/v1/enrollments", json!({"course": "fire"})).await;
        assert_eq!(enrolled.status, 201, "{:?}", enrolled.json);
        let mut lesson = learner.open("fire-1").await;
        for _ in 0..20 {
            lesson.play(&self.school).await;
        }
        assert_eq!(learner.coverage("fire-1").await["complete"], json!(true));
    }

    async fn press(&self, operator: &Learner, path: &str) {
        let manage = page(&operator.client, "/manage").await;
        let csrf = manage.split("name=\"_csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let body = format!("_csrf={csrf}").into_bytes();
        let sent = ("application/x-www-form-urlencoded", body);
        assert_eq!(operator.client.send("POST", path, sent, &[]).await.status, 303, "{path}");
        self.settle().await;
    }
}

async fn earned(teacher: &Client) -> Value {
    teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json["earned"]["public"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_learned_there_counts_here_and_the_monthly_job_agrees_on_both_sides() {
    linked(|both| async move {
        let (admin, people) = both.world.college(2).await;
        let teacher = both.world.trainee(&admin, &people[0]).await;
        let learner = both.learner(&people[0], false).await;
        link::schedule(&both.school.site).await.unwrap();
        both.watch(&learner).await;
        both.settle().await;
        assert_eq!(earned(&teacher).await, "0.1", "five minutes");
        assert_eq!(learner.client.call("GET", "/manage", Value::Null).await.status, 404, "not an operator");
        // December: the job of its own accord sends November's statement.
        both.world.clock.advance(8 * 86_400);
        both.settle().await;
        let operator = both.learner(&people[1], true).await;
        let manage = page(&operator.client, "/manage").await;
        assert!(manage.contains("全部已计入") && manage.contains("2026-11 对账"), "{manage}");
        assert!(manage.contains("一致") && !manage.contains("处差异"), "{manage}");
        let boss = both.world.ready("sheng", Role::Authority, "43").await;
        let theirs = page(&boss, "/providers/webtrn/accounts/2026-11").await;
        assert!(theirs.contains("没有差异") || theirs.contains("一致"), "{theirs}");
        // A fee that the platform never reported: both sides see the same line.
        both.school.run("UPDATE enrolments SET fee = 100").await;
        both.press(&operator, "/manage/accounts/2026-11").await;
        let manage = page(&operator.client, "/manage").await;
        assert!(manage.contains("1 处差异") && manage.contains("费用不一致"), "{manage}");
        let theirs = page(&boss, "/providers/webtrn/accounts/2026-11").await;
        assert!(theirs.contains("费用不一致") && theirs.contains("1.00"), "{theirs}");
        let waiting = "SELECT COUNT(*) FROM jobs WHERE kind = 'link.account' AND dead_at IS NULL";
        assert_eq!(both.school.number(waiting).await, 1, "next month's waits");
    })
    .await;
}

/// A course that was learned while its platform was suspended, which it no longer is: whoever learned it, and an operator.
async fn kept_back(both: &Linked) -> (Client, Learner) {
    let (admin, people) = both.world.college(2).await;
    let teacher = both.world.trainee(&admin, &people[0]).await;
    let boss = both.world.ready("sheng", Role::Authority, "43").await;
    let learner = both.learner(&people[0], false).await;
    assert_eq!(decide_on(&boss, "webtrn", "suspend", "核查学习记录").await, 204);
    both.watch(&learner).await;
    both.settle().await;
    let operator = both.learner(&people[1], true).await;
    let manage = page(&operator.client, "/manage").await;
    assert!(manage.contains("暂存"), "{manage}");
    assert_eq!(earned(&teacher).await, "0");
    assert_eq!(decide_on(&boss, "webtrn", "resume", "已整改").await, 204);
    (teacher, operator)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_suspension_kept_back_is_seen_pulled_by_its_person_and_counted() {
    linked(|both| async move {
        let (teacher, operator) = kept_back(&both).await;
        // The person asks here; the platform answers what was learned and sends it again.
        let pulled = teacher.call("POST", "/api/v1/me/arrivals/pull", json!({})).await;
        assert_eq!(pulled.status, 202, "{:?}", pulled.json);
        both.settle().await;
        let arrivals = teacher.call("GET", "/api/v1/me/arrivals", Value::Null).await.json;
        let arrival = &arrivals["items"][0];
        assert_eq!((&arrival["title"], &arrival["turn"]), (&json!("消防"), &json!("nobody")), "{arrivals}");
        assert!(arrival["stages"].as_array().unwrap().iter().all(|s| s["is_reached"] == true), "{arrivals}");
        assert_eq!(earned(&teacher).await, "0.1");
        assert!(page(&operator.client, "/manage").await.contains("全部已计入"));
        let question = json!({"subject_id": "s", "resend": true});
        let stranger = Client::new(&both.school.url).call("POST", "/api/v1/hub/learned", question).await;
        assert_eq!(stranger.status, 401, "only the management platform may ask");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_kept_is_sent_again_by_the_platforms_own_button() {
    linked(|both| async move {
        let (teacher, operator) = kept_back(&both).await;
        let manage = page(&operator.client, "/manage").await;
        let path = manage.split("action=\"").find(|p| p.starts_with("/manage/completions/")).unwrap();
        both.press(&operator, path.split('"').next().unwrap()).await;
        assert_eq!(earned(&teacher).await, "0.1");
        assert!(page(&operator.client, "/manage").await.contains("全部已计入"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_offered_there_is_listed_here_as_soon_as_it_changes() {
    linked(|both| async move {
        let (admin, people) = both.world.college(1).await;
        let teacher = both.world.trainee(&admin, &people[0]).await;
        let manager = both.learner(&people[0], false).await;
        both.school
            .run("INSERT INTO managers (subject_id, added_at) SELECT subject_id, 0 FROM learners")
            .await;
        let listed = async || page(&teacher, "/courses").await.contains(">消防<");
        let withdrawn = "SELECT withdrawn_at FROM courses WHERE id = 'fire'";
        assert!(listed().await);
        both.world.clock.advance(60);
        let path = "/api/v1/courses/fire/withdrawal";
        assert_eq!(manager.client.call("PUT", path, Value::Null).await.status, 204);
        both.settle().await;
        assert!(!listed().await, "withdrawn");
        let since = both.school.number(withdrawn).await;
        both.world.clock.advance(600);
        assert_eq!(manager.client.call("PUT", path, Value::Null).await.status, 204);
        assert_eq!(both.school.number(withdrawn).await, since, "twice gives no more time");
        assert_eq!(manager.client.call("DELETE", path, Value::Null).await.status, 204);
        both.settle().await;
        assert!(listed().await, "offered again");
        // Whatever was missed is told at the next start.
        let lost = "UPDATE provider_courses SET listed = FALSE";
        db::execute(&both.world.site.db, lost, vec![]).await.unwrap();
        link::begin(&both.school.site).await.unwrap();
        both.settle().await;
        assert!(listed().await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_in_parts_is_whole_and_takes_off_what_was_withdrawn() {
    linked(|both| async move {
        let boss = both.world.ready("sheng", Role::Authority, "43").await;
        let more = |table: &str, columns: &str, row: fn(usize) -> String| {
            let rows: Vec<String> = (0..1_100).map(row).collect();
            format!("INSERT INTO {table} ({columns}) VALUES {}", rows.join(", "))
        };
        let columns = "id, place, title, subject, topic, teacher, price, free, paper_size, published_at";
        let course =
            |n| format!("('m{n:04}', {}, '课{n}', 'public', '消防安全', '某', 0, TRUE, 0, 0)", n + 10);
        both.school.run(&more("courses", columns, course)).await;
        let lecture = |n: usize| format!("('m{n:04}-1', 'm{n:04}', 1, '一', 300)");
        both.school.run(&more("lectures", "id, course_id, place, title, seconds", lecture)).await;
        let listed = "SELECT COUNT(*) FROM provider_courses WHERE listed";
        let told = async || {
            both.world.clock.advance(60);
            link::begin(&both.school.site).await.unwrap();
            both.settle().await;
            db::count(&both.world.site.db, listed, vec![]).await.unwrap()
        };
        assert_eq!(told().await, 1_104);
        // One of the first part and one of the last.
        both.school.run("UPDATE courses SET withdrawn_at = 1 WHERE id IN ('m0003', 'm1099')").await;
        assert_eq!(told().await, 1_102);
        let left = "SELECT COUNT(*) FROM provider_course_lists";
        assert_eq!(db::count(&both.world.site.db, left, vec![]).await.unwrap(), 0, "the list is complete");
        // The search finds what lies beyond the first page.
        assert!(page(&boss, "/courses?q=课1050").await.contains(">课1050<"));
        assert!(!page(&boss, "/courses?q=课1099").await.contains(">课1099<"));
    })
    .await;
}

/// Who helps the person sees the same and may ask; others learn nothing, and each look is in the trail.
pub async fn helpers_see_it_too(world: &World, (admin, path): (&Client, &str), arrivals: &Value) {
    let support = world.ready("kefu9", Role::Support, "43010001").await;
    for helper in [admin, &support] {
        let seen = helper.call("GET", &format!("/api/v1/{path}"), Value::Null).await;
        assert_eq!((seen.status, &seen.json["items"]), (200, &arrivals["items"]), "{:?}", seen.json);
        assert!(page(helper, &format!("/{path}")).await.contains("消防"));
    }
    let asked = support.call("POST", &format!("/api/v1/{path}/pull"), json!({})).await;
    assert_eq!(asked.status, 202, "{:?}", asked.json);
    world.settle().await;
    let stranger = world.ready("waidan9", Role::UnitAdmin, "43020001").await;
    for (method, path) in [
        ("GET", format!("/api/v1/{path}")),
        ("GET", format!("/{path}")),
        ("POST", format!("/api/v1/{path}/pull")),
    ] {
        assert_eq!(stranger.call(method, &path, json!({})).await.status, 404, "{method} {path}");
    }
    let looks = "SELECT COUNT(*) FROM audit_entries WHERE action IN ('provider.arrivals_read', 'provider.arrivals_pulled')";
    assert_eq!(db::count(&world.site.db, looks, vec![]).await.unwrap(), 5);
}
