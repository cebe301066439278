//! Time travel: whatever happens later, the state as of a checkpoint is what it was, and the same on every screen, export
//! and call. `XUESHI_PAST_PEOPLE=10000` runs the histories of so many people; a few suffice for every day.
use std::collections::BTreeMap;

use base::{EntryId, Hours, PersonId, Role, Subject, Year};
use hours::{Booked, Moment, NewCredit, Reversal, bulk, checkpoint, moment};
use serde_json::{Value, json};
use statistics::Outcome;
use testkit::Client;

use crate::{
    files::{pdf, upload},
    world::{HEADER, PASSWORD, World, on_both},
};

const DAY: i64 = 24 * 3600;
const ROUNDS: usize = 4;

fn year() -> Year {
    "2026".parse().unwrap()
}

/// Numbers that follow one another without a pattern, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % u64::try_from(n).unwrap()).unwrap()
    }
}

fn paper(n: usize) -> String {
    let body = format!("430102{}{:02}{:02}{:03}", 1970 + n / 28_000, 1 + n / 1000 % 12, 1 + n % 28, n % 1000);
    format!("{body}{}", base::id_number::check_character(&body).unwrap())
}

fn row(n: usize, dice: &mut Dice) -> String {
    let (category, level) = [("专业技术", "专业技术十级"), ("管理", "管理七级")][dice.below(2)];
    let department = ["教务处", "人事处"][dice.below(2)];
    let status = ["在岗", "在岗", "在岗", "离岗"][dice.below(4)];
    format!("教师{n:05},{},{category},{level},{department},2012-09-01,,{status}\n", paper(n))
}

fn course(person: PersonId, key: String, dice: &mut Dice) -> NewCredit {
    let (word, subject) =
        [("public", Subject::Public), ("professional", Subject::Professional)][dice.below(2)];
    let minutes = [40, 1200, 2400][dice.below(3)];
    let facts = json!({"kind": "course", "provider": "p", "course": key, "subject": word, "minutes": minutes,
        "completed_on": "2026-10-01", "fee": "0.00"});
    let Value::Object(facts) = facts else { unreachable!() };
    NewCredit {
        person,
        year: year(),
        source: "p".into(),
        source_key: key,
        title: "课程".into(),
        subject,
        hours: Hours::whole(minutes / 40),
        facts,
        evidence: None,
        decided_by: None,
    }
}

/// What happens to everyone between two days: credits, reversals, moves, corrections, leaves, exemptions, make-ups, reliefs.
async fn happen(stage: &Stage, round: usize, credited: &mut Vec<EntryId>, dice: &mut Dice) {
    let Stage { world, people, scan } = stage;
    let (admin, boss) = (signed_in(world, "yuanzhang").await, signed_in(world, "root43").await);
    let mut credits = vec![];
    for (n, person) in people.iter().enumerate() {
        for k in 0..dice.below(3) {
            credits.push(course(*person, format!("{n}-{round}-{k}"), dice));
        }
    }
    let tx = world.site.db.begin().await.unwrap();
    for booked in hours::credit_many(&world.site, &tx, credits).await.unwrap() {
        let (Booked::New(entry) | Booked::Before(entry)) = booked;
        credited.push(entry);
    }
    let mut back = vec![];
    for _ in 0..credited.len() / 10 {
        back.push(credited.swap_remove(dice.below(credited.len())));
    }
    let why = Reversal { reason: "登记错误", by: people[0] };
    hours::reverse_many(&world.site, &tx, &back, why).await.unwrap();
    tx.commit().await.unwrap();
    let rows: String = (0..people.len())
        .filter(|_| dice.below(4) == 0)
        .collect::<Vec<_>>()
        .into_iter()
        .map(|n| row(n, dice))
        .collect();
    if !rows.is_empty() {
        let imported = world.import(&admin, &format!("{HEADER}{rows}")).await;
        assert_eq!(imported.status, 200, "{:?}", imported.json);
    }
    for _ in 0..12 {
        let person = people[dice.below(people.len())];
        let from = format!("2026-0{}-01", 1 + dice.below(4));
        let leave = json!({"person": person, "kind": "sick", "from": from, "to": "2026-09-30"});
        assert_eq!(admin.call("POST", "/api/v1/leaves", leave).await.status, 201);
        let asked =
            json!({"person": person, "year": 2026, "kind": "leave", "reason": "病休", "files": [scan]});
        let asked = admin.call("POST", "/api/v1/exemptions", asked).await;
        if let Some(id) = asked.json["id"].as_str() {
            let path = format!("/api/v1/exemptions/{id}/decision");
            let decided = boss.call("POST", &path, json!({"decision": "approve", "comment": "属实"})).await;
            assert_eq!(decided.status, 200, "{:?}", decided.json);
            if dice.below(2) == 0 {
                // Who approved may not take it back: the unit's administrator does, who filed it and did not decide.
                let path = format!("/api/v1/exemptions/{id}/reversal");
                admin.call("POST", &path, json!({"reason": "材料有误"})).await;
            }
        }
        let retirement = ["cadre", "senior"][dice.below(2)];
        let senior = json!({"retirement": retirement});
        admin.call("PATCH", &format!("/api/v1/people/{}", people[dice.below(people.len())]), senior).await;
    }
}

struct Stage {
    world: World,
    people: Vec<PersonId>,
    /// The scan of a signed paper, for what is filed for others.
    scan: Value,
}

/// A fresh session: days pass between the rounds.
async fn signed_in(world: &World, account: &str) -> Client {
    world.anyone.with_token(world.sign_in(account, PASSWORD).await["token"].as_str().unwrap())
}

type States = BTreeMap<PersonId, Option<Outcome>>;

/// Everyone's present state, by the rules alone.
async fn present(world: &World) -> States {
    let today = base::day::day_of(world.site.now());
    let of = hours::grounds(&world.site.db, year(), today).await.unwrap();
    let everyone = base::Scope { paths: vec!["/".to_owned()] };
    let (mut after, mut all) = (String::new(), States::new());
    loop {
        let cases = bulk::cases(&world.site.db, &everyone, &of, &after).await.unwrap();
        let Some(last) = cases.last() else { return all };
        after = last.person.id.to_string();
        all.extend(
            cases
                .iter()
                .map(|c| (c.person.id, c.assess(&of.in_force.policy).unwrap().as_ref().map(Outcome::of))),
        );
    }
}

async fn past(world: &World, then: &Moment) -> States {
    let in_force = hours::in_force_at(&world.site.db, year(), then).await.unwrap();
    let everyone = base::Scope { paths: vec!["/".to_owned()] };
    let (mut after, mut all) = (String::new(), States::new());
    loop {
        let cases =
            bulk::cases_at(&world.site.db, &everyone, (year(), &after, bulk::PAGE), then).await.unwrap();
        let Some(last) = cases.last() else { return all };
        after = last.person.id.to_string();
        all.extend(
            cases
                .iter()
                .map(|c| (c.person.id, c.assess(&in_force.policy).unwrap().as_ref().map(Outcome::of))),
        );
    }
}

async fn stage(world: World, size: usize) -> Stage {
    let mut dice = Dice(7);
    let boss = world.ready("root43", Role::Authority, "430100").await;
    let unit = json!({"code": "43010001", "name": "湖南某学院", "kind": "unit", "parent": "430100"});
    assert_eq!(boss.call("POST", "/api/v1/units", unit).await.status, 201);
    let admin = world.ready("yuanzhang", Role::UnitAdmin, "43010001").await;
    let rows: String = (0..size).map(|n| row(n, &mut dice)).collect();
    let imported = world.import(&admin, &format!("{HEADER}{rows}")).await;
    assert_eq!(imported.status, 200, "{:?}", imported.json);
    let unit = org::by_code(&world.site.db, "43010001").await.unwrap();
    let scope = base::Scope { paths: vec![unit.path] };
    let all =
        org::trainees_seen(&world.site.db, (&scope, &org::Viewpoint::TODAY), ("", 100_000)).await.unwrap();
    let people = all.into_iter().map(|p| p.id).collect();
    let scan = upload(&admin, ("scan.pdf", "application/pdf"), &pdf(1)).await.json["id"].clone();
    Stage { world, people, scan }
}

#[tokio::test(flavor = "multi_thread")]
#[allow(
    clippy::disallowed_methods,
    reason = "how many people walk this history, not a setting of the program"
)]
async fn the_same_checkpoint_gives_the_same_number_everywhere_whatever_happens_later() {
    let size = std::env::var("XUESHI_PAST_PEOPLE").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    on_both(|world| async move {
        let stage = stage(world, size).await;
        let (mut credited, mut dice, mut seen) = (vec![], Dice(11), vec![]);
        for round in 0..ROUNDS {
            happen(&stage, round, &mut credited, &mut dice).await;
            stage.world.clock.advance(1);
            let on = base::day::day_of(stage.world.site.now());
            let states = present(&stage.world).await;
            stage.world.clock.advance(DAY);
            checkpoint::make(&stage.world.site).await.unwrap().unwrap();
            stage.world.clock.advance(120);
            seen.push((on, states));
        }
        for (on, states) in &seen {
            let then = moment::closing(&stage.world.site, *on).await.unwrap();
            assert_eq!(&past(&stage.world, &then).await, states, "as of {on}");
            each_alone(&stage, &then, states).await;
            on_every_screen(&stage, &on.to_string(), &then, states).await;
        }
    })
    .await;
}

/// One by one the answer is the same as for all together.
async fn each_alone(stage: &Stage, then: &Moment, states: &States) {
    for person in &stage.people {
        let standing = hours::standing_at(&stage.world.site.db, *person, year(), then).await.unwrap();
        assert_eq!(Some(Outcome::of(&standing.assessment)), states[person]);
    }
}

/// Calls, pages and the spreadsheet agree.
async fn on_every_screen(stage: &Stage, on: &str, then: &Moment, states: &States) {
    let (admin, boss) = (signed_in(&stage.world, "yuanzhang").await, signed_in(&stage.world, "root43").await);
    let of_unit: Vec<Outcome> = states.values().flatten().copied().filter(|o| o.obliged).collect();
    let query = format!("unit=43010001&year=2026&on={on}");
    let figures = boss.call("GET", &format!("/api/v1/past?{query}"), Value::Null).await.json;
    assert_eq!(figures["checkpoint"]["no"], json!(then.checkpoint));
    assert_eq!(figures["rows"][0]["people"], json!(of_unit.len()));
    let done = of_unit.iter().filter(|o| o.state == statistics::State::Done).count();
    assert_eq!(figures["rows"][0]["done"], json!(done));
    let page = admin.call("GET", &format!("/past?{query}"), Value::Null).await;
    let page = String::from_utf8(page.bytes).unwrap();
    assert!(page.contains(&format!("存证点第 {} 号", then.checkpoint)), "{page}");
    assert!(page.contains(&format!("{}<small>人</small>", of_unit.len())), "{page}");
    let sheet = admin.call("GET", &format!("/past/people.xlsx?{query}"), Value::Null).await;
    assert!(sheet.bytes.starts_with(b"PK"));
    let cells = lines(&sheet.bytes);
    let mut after = String::new();
    loop {
        let path = format!("/api/v1/past/people?{query}&limit=200&after={after}");
        let list = boss.call("GET", &path, Value::Null).await.json;
        for item in list["items"].as_array().unwrap() {
            let id: PersonId = item["person"].as_str().unwrap().parse().unwrap();
            let Some(outcome) = states[&id] else { continue };
            assert_eq!(item["total"], json!(outcome.total.to_string()));
            assert_eq!(item["obliged"], json!(outcome.obliged));
            let line = &cells[item["name"].as_str().unwrap()];
            assert_eq!(
                (line[5].as_str(), line[6].as_str()),
                (&*outcome.total.to_string(), &*outcome.public.to_string())
            );
            assert!(line[9].contains(&format!("第 {} 号", then.checkpoint)), "{line:?}");
        }
        let Some(next) = list["next"].as_str() else { break };
        next.clone_into(&mut after);
    }
    let person = stage.people[0];
    let one =
        boss.call("GET", &format!("/api/v1/people/{person}/past?year=2026&on={on}"), Value::Null).await.json;
    let outcome = states[&person].unwrap();
    assert_eq!(one["assessment"]["earned"]["total"], json!(outcome.total.to_string()));
    let page = admin.call("GET", &format!("/people/{person}/past?year=2026&on={on}"), Value::Null).await;
    let page = String::from_utf8(page.bytes).unwrap();
    assert!(page.contains(&format!("{}<small>学时</small>", outcome.total)), "{page}");
}

/// The spreadsheet's lines by name.
fn lines(xlsx: &[u8]) -> BTreeMap<String, Vec<String>> {
    let rows = org::lines(xlsx).unwrap();
    rows.into_iter().skip(1).map(|(_, cells)| (cells[0].clone(), cells)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_open_until_its_checkpoint_and_strangers_see_nothing() {
    on_both(|world| async move {
        let stage = stage(world, 3).await;
        let person = stage.people[0];
        let admin = signed_in(&stage.world, "yuanzhang").await;
        let today = admin.call("GET", "/api/v1/past?on=2026-11-23", Value::Null).await;
        assert_eq!((today.status, today.field_code("on")), (422, "day_not_past"));
        stage.world.clock.advance(DAY);
        let admin = signed_in(&stage.world, "yuanzhang").await;
        let open = admin.call("GET", "/api/v1/past?on=2026-11-23", Value::Null).await;
        assert_eq!((open.status, open.code()), (409, "day_not_sealed"));
        checkpoint::make(&stage.world.site).await.unwrap().unwrap();
        let unsettled = admin.call("GET", "/api/v1/past?on=2026-11-23", Value::Null).await;
        assert_eq!(unsettled.status, 409, "what was written just before may still be on its way");
        stage.world.clock.advance(60);
        let stranger = stage.world.ready("fremd", Role::UnitAdmin, "43020001").await;
        let theirs =
            stranger.call("GET", &format!("/api/v1/people/{person}/past?on=2026-11-23"), Value::Null).await;
        assert_eq!(theirs.status, 404);
        let none = stranger.call("GET", "/api/v1/past?on=2026-11-23", Value::Null).await;
        assert_eq!(none.json["rows"], json!([]));
        let unit = stranger.call("GET", "/api/v1/past?unit=43010001&on=2026-11-23", Value::Null).await;
        assert_eq!(unit.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn live_figures_name_the_checkpoint_and_what_came_after_it_on_every_screen() {
    on_both(|world| async move {
        let stage = stage(world, 8).await;
        let (mut dice, mut credited) = (Dice(23), vec![]);
        happen(&stage, 0, &mut credited, &mut dice).await;
        let on = base::day::day_of(stage.world.site.now()).to_string();
        let boss = signed_in(&stage.world, "root43").await;
        let first = boss.call("GET", "/api/v1/stats?unit=43010001&year=2026", Value::Null).await.json;
        assert_eq!(first["checkpoint"], Value::Null, "before the first checkpoint");
        stage.world.clock.advance(DAY);
        checkpoint::make(&stage.world.site).await.unwrap().unwrap();
        stage.world.clock.advance(120);
        stage.world.settle().await;
        of_place(&stage, &on, 0).await;
        let chosen = stage.people[dice.below(stage.people.len())];
        let other = *stage.people.iter().find(|p| **p != chosen).unwrap();
        let (mine, theirs) = (client_of(&stage, chosen).await, client_of(&stage, other).await);
        of_person(&mine, &on, 0).await;
        of_person(&theirs, &on, 0).await;
        let tx = stage.world.site.db.begin().await.unwrap();
        let new = (0..2).map(|n| course(chosen, format!("late-{n}"), &mut dice)).collect();
        hours::credit_many(&stage.world.site, &tx, new).await.unwrap();
        tx.commit().await.unwrap();
        stage.world.settle().await;
        of_place(&stage, &on, 2).await;
        of_person(&mine, &on, 2).await;
        of_person(&theirs, &on, 0).await;
    })
    .await;
}

fn said(since: i64) -> String {
    match since {
        0 => "存证点第 1 号，此后没有入账".to_owned(),
        n => format!("存证点第 1 号及此后入账的 {n} 笔"),
    }
}

/// A person's client, after a reset and the first steps.
async fn client_of(stage: &Stage, person: PersonId) -> Client {
    let admin = signed_in(&stage.world, "yuanzhang").await;
    let listed = admin.call("GET", "/api/v1/people?unit=43010001&limit=200", Value::Null).await.json;
    let found = listed["items"].as_array().unwrap().iter().find(|p| p["id"] == json!(person)).unwrap();
    stage.world.trainee(&admin, found).await
}

/// A unit's figures: the call, the pages and the spreadsheets name the same, and what they name is what the past says of it.
async fn of_place(stage: &Stage, on: &str, since: i64) {
    let boss = signed_in(&stage.world, "root43").await;
    let query = "unit=43010001&year=2026";
    let figures = boss.call("GET", &format!("/api/v1/stats?{query}"), Value::Null).await.json;
    let row = &figures["rows"][0];
    assert_eq!((&figures["checkpoint"]["no"], &figures["entries_since"]), (&json!(1), &json!(since)));
    let supervised = boss.call("GET", &format!("/api/v1/supervision?{query}"), Value::Null).await.json;
    assert_eq!((&supervised["checkpoint"]["no"], &supervised["entries_since"]), (&json!(1), &json!(since)));
    for path in ["statistics", "statistics/charts", "statistics/people", "supervision", "supervision/people"]
    {
        let page = boss.call("GET", &format!("/{path}?{query}"), Value::Null).await;
        let page = String::from_utf8(page.bytes).unwrap();
        assert!(page.contains(&said(since)), "{path}: {page}");
    }
    let page = boss.call("GET", &format!("/statistics?{query}"), Value::Null).await;
    let page = String::from_utf8(page.bytes).unwrap();
    assert!(page.contains(&format!("{}<small>人</small>", row["done"])), "{page}");
    for sheet in ["statistics/overview.xlsx", "supervision/people.xlsx"] {
        let sheet = boss.call("GET", &format!("/{sheet}?{query}"), Value::Null).await;
        let cells = org::lines(&sheet.bytes).unwrap();
        assert!(cells.iter().any(|(_, line)| line[0].contains(&said(since))), "{cells:?}");
    }
    let sheet = boss.call("GET", &format!("/statistics/overview.xlsx?{query}"), Value::Null).await;
    let (_, line) = &org::lines(&sheet.bytes).unwrap()[1];
    let keys = ["people", "done", "under_way", "not_begun", "exempt"];
    for (key, cell) in keys.iter().zip(&line[2..]) {
        assert_eq!(row[key].to_string(), *cell, "{key}");
    }
    if since == 0 {
        let past = boss.call("GET", &format!("/api/v1/past?{query}&on={on}"), Value::Null).await.json;
        assert_eq!(past["checkpoint"], figures["checkpoint"]);
        for key in keys {
            assert_eq!(past["rows"][0][key], row[key], "{key}");
        }
    }
}

/// A person's own year likewise.
async fn of_person(client: &Client, on: &str, since: i64) {
    let year = client.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
    assert_eq!((&year["checkpoint"]["no"], &year["entries_since"]), (&json!(1), &json!(since)));
    let total = year["earned"]["total"].as_str().unwrap();
    for path in ["/hours?year=2026", "/?year=2026"] {
        let page = String::from_utf8(client.call("GET", path, Value::Null).await.bytes).unwrap();
        assert!(page.contains(&said(since)) && page.contains(total), "{path}: {page}");
    }
    let past = client.call("GET", &format!("/api/v1/me/past?year=2026&on={on}"), Value::Null).await.json;
    if since == 0 {
        assert_eq!(past["assessment"]["earned"], year["earned"]);
        assert_eq!(past["checkpoint"], year["checkpoint"]);
    }
}
