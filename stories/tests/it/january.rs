//! Desks work on last year until 31 January, because it is being finished then, and each of their pages leads to the other
//! years. A year that has no rules of its own yet goes by last year's, and whatever shows it says so.
use base::{Instant, Role, Scope, Year, day};
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    holdings::make,
    relations::page,
    world::{PASSWORD, World, on_both},
};

/// Desks with the pages that open on a year.
const DESKS: &[(&str, Role, &[&str])] = &[
    (
        "yuanban",
        Role::UnitAdmin,
        &[
            "/",
            "/supervision",
            "/supervision/people",
            "/statistics",
            "/statistics/people?by=unit",
            "/statistics/charts",
            "/certificates/print",
            "/yearbooks",
            "/reimbursements/books",
            "/reimbursements/unit-paid",
            "/reimbursements/settings",
            "/trainings",
            "/inductions",
            "/guests",
        ],
    ),
    ("renshi", Role::Hr, &["/certificates/print", "/inductions", "/guests?side=home"]),
    ("caiwu", Role::Finance, &["/reimbursements/books", "/reimbursements/unit-paid"]),
    ("zhuren", Role::DepartmentHead, &["/supervision", "/supervision/people"]),
    (
        "shenji",
        Role::Auditor,
        &["/statistics", "/yearbooks", "/reimbursements/books", "/spot-checks", "/public-courses", SETTLED],
    ),
];

/// Months that are settled: no policy rules them.
const SETTLED: &str = "/settlements";
/// What is said of a year without rules of its own.
const PROVISIONAL: &str = "暂按上年政策";

impl World {
    fn at(&self, time: &str) {
        let then: Instant = time.parse().unwrap();
        self.clock.move_to(day::millis(then), 0.0);
    }

    async fn anew(&self, account: &str) -> Client {
        self.anyone.with_token(self.sign_in(account, PASSWORD).await["token"].as_str().unwrap())
    }
}

/// The year that a page shows, and where its switch leads: years with their addresses.
fn switch(path: &str, page: &str) -> (String, Vec<(String, String)>) {
    let nav = page.split("aria-label=\"年度\">").nth(1).unwrap_or_else(|| panic!("no years on {path}"));
    let nav = nav.split("</nav>").next().unwrap();
    let links: Vec<&str> = nav.split("<a href=\"").skip(1).collect();
    let year = |link: &&str| link.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned();
    let shown = links.iter().filter(|l| l.contains("aria-current=\"page\"")).map(year).collect::<Vec<_>>();
    let bare = path.split('?').next().unwrap();
    let address = |link: &&str| {
        let to = link.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
        if to.starts_with('?') { format!("{bare}{to}") } else { to }
    };
    assert_eq!(shown.len(), 1, "{path}: {nav}");
    (shown[0].clone(), links.iter().map(|l| (year(l), address(l))).collect())
}

async fn all_show(world: &World, expected: &str) {
    let form = page(&world.anew("renshi").await, "/checks").await;
    assert!(
        form.contains(&format!("name=\"year\" type=\"text\" value=\"{expected}\"")),
        "HR's check: {form}"
    );
    for (account, _, paths) in DESKS {
        let desk = world.anew(account).await;
        for path in *paths {
            let (shown, _) = switch(path, &page(&desk, path).await);
            assert_eq!(shown, expected, "{path} of {account}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn desks_open_on_last_year_in_january_and_lead_to_the_year_that_has_begun() {
    on_both(|world| async move {
        world.college(2).await;
        for (account, role, _) in DESKS {
            let unit = if *role == Role::DepartmentHead { "43010001-001" } else { "43010001" };
            world.ready(account, *role, unit).await;
        }
        world.at("2026-12-31T23:50:00+08:00");
        all_show(&world, "2026").await;
        world.at("2027-01-01T00:10:00+08:00");
        all_show(&world, "2026").await;
        // Whoever wants the year that has begun is one step away, and one step back.
        for (account, _, paths) in DESKS {
            let desk = world.anew(account).await;
            for path in *paths {
                let (_, links) = switch(path, &page(&desk, path).await);
                let to =
                    |year: &str| links.iter().find(|(y, _)| y == year).map(|(_, to)| to.clone()).unwrap();
                let (shown, back) = switch(path, &page(&desk, &to("2027")).await);
                assert_eq!(shown, "2027", "{} of {account}", to("2027"));
                let back = back.iter().find(|(y, _)| y == "2026").map(|(_, to)| to.clone()).unwrap();
                assert_eq!(switch(path, &page(&desk, &back).await).0, "2026", "{back} of {account}");
            }
        }
        world.at("2027-01-31T23:50:00+08:00");
        all_show(&world, "2026").await;
        world.at("2027-02-01T00:10:00+08:00");
        all_show(&world, "2027").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_of_a_year_are_made_in_the_week_before_it_where_it_will_have_rules() {
    on_both(|world| async move {
        world.college(2).await;
        world.settle().await;
        let everyone = Scope { paths: vec!["/43/".to_owned()] };
        let made = async |year| {
            let year = Year::new(year).unwrap();
            statistics::population(&world.site, &everyone, year).await.unwrap().is_some()
        };
        let night = async |time| {
            world.at(time);
            statistics::schedule(&world.site).await.unwrap();
            world.settle().await;
        };
        night("2026-12-20T09:00:00+08:00").await;
        assert!(made(2026).await && !made(2027).await);
        night("2026-12-26T09:00:00+08:00").await;
        assert!(made(2027).await, "by this year's rules until its own are published");
        // Of the year after nobody has said anything: the night's work goes on without it.
        night("2027-12-26T09:00:00+08:00").await;
        assert!(made(2027).await && !made(2028).await);
    })
    .await;
}

fn of_year(path: &str, year: &str) -> String {
    format!("{path}{}year={year}", if path.contains('?') { "&" } else { "?" })
}

async fn get(client: &Client, path: &str) -> Value {
    let answer = client.call("GET", path, Value::Null).await;
    assert_eq!(answer.status, 200, "{path}: {:?}", answer.json);
    answer.json
}

/// The words of a paper.
async fn paper(client: &Client, path: &str) -> String {
    let answer = client.call("GET", path, Value::Null).await;
    assert_eq!(answer.status, 200, "{path}");
    documents::read_words(&answer.bytes).unwrap().into_iter().map(|word| word.text).collect()
}

/// A college in the middle of January: its teacher and its administrator.
async fn in_january(world: &World) -> (Client, Client, String) {
    let (admin, people) = world.college(1).await;
    world.trainee(&admin, &people[0]).await;
    for (account, role, _) in DESKS {
        let unit = if *role == Role::DepartmentHead { "43010001-001" } else { "43010001" };
        world.ready(account, *role, unit).await;
    }
    world.at("2027-01-15T10:00:00+08:00");
    let id = people[0]["id"].as_str().unwrap().to_owned();
    (world.anew(people[0]["account"].as_str().unwrap()).await, world.anew("yuanban").await, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_pages_open_on_the_unfinished_year_and_courses_on_the_one_they_count_in() {
    on_both(|world| async move {
        let (teacher, _, _) = in_january(&world).await;
        for path in ["/", "/hours", "/claims", "/exemptions", "/standard", "/reimbursements"] {
            let (shown, links) = switch(path, &page(&teacher, path).await);
            assert_eq!(shown, "2026", "{path}");
            assert!(links.iter().any(|(year, _)| year == "2027"), "{path}");
        }
        let form = page(&teacher, "/claims/new?item=paper.core").await;
        assert!(form.contains("2026 年度 · "), "a form without a year is of the same one: {form}");
        let (shown, links) = switch("/courses", &page(&teacher, "/courses").await);
        assert_eq!(shown, "2027", "a course that is finished now counts there");
        let back = links.iter().find(|(year, _)| year == "2026").map(|(_, to)| to.clone()).unwrap();
        let last = page(&teacher, &back).await;
        assert!(switch("/courses", &last).0 == "2026" && last.contains("按完成日期计入 2027 年度"), "{last}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_without_a_year_answer_for_the_year_that_pages_open_on() {
    on_both(|world| async move {
        let (teacher, admin, _) = in_january(&world).await;
        assert_eq!(get(&admin, "/api/v1/supervision").await["year"], 2026);
        assert_eq!(get(&admin, "/api/v1/stats").await["provisional"], false, "2026 has its rules");
        assert_eq!(get(&admin, "/api/v1/stats?year=2027").await["provisional"], true);
        let draft = json!({"year": 2026, "item": "paper.core", "title": "论文", "on": "2026-06-01", "rank": 1, "submit": false});
        make(&teacher, "/api/v1/claims", draft).await;
        let own = get(&teacher, "/api/v1/claims").await;
        assert_eq!(own["items"].as_array().unwrap().len(), 1, "those of 2026: {own}");
        world.at("2027-02-01T00:10:00+08:00");
        let admin = world.anew("yuanban").await;
        assert_eq!(get(&admin, "/api/v1/supervision").await["year"], 2027);
        assert_eq!(get(&admin, "/api/v1/stats").await["provisional"], true);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn until_a_year_has_rules_of_its_own_every_page_of_it_says_whose_rules_hold() {
    on_both(|world| async move {
        let (teacher, _, _) = in_january(&world).await;
        for (account, _, paths) in DESKS {
            let desk = world.anew(account).await;
            for path in paths.iter().filter(|path| **path != SETTLED) {
                assert!(page(&desk, &of_year(path, "2027")).await.contains(PROVISIONAL), "{path} of {account}");
                assert!(!page(&desk, &of_year(path, "2026")).await.contains(PROVISIONAL), "{path} of 2026");
            }
        }
        let form = "/claims/new?item=paper.core";
        for path in ["/", "/hours", "/claims", form, "/exemptions", "/standard", "/courses", "/reimbursements"] {
            assert!(page(&teacher, &of_year(path, "2027")).await.contains(PROVISIONAL), "{path}");
            assert!(!page(&teacher, &of_year(path, "2026")).await.contains(PROVISIONAL), "{path} of 2026");
        }
        let draft = json!({"year": 2027, "item": "paper.core", "title": "论文", "on": "2027-01-10", "rank": 1, "submit": false});
        let claim = make(&teacher, "/api/v1/claims", draft).await;
        let shown = page(&teacher, &format!("/claims/{claim}")).await;
        assert!(shown.contains("2026.1（暂按上年政策）"), "the version it was reckoned by: {shown}");
        assert!(paper(&teacher, &format!("/claims/{claim}/form.pdf")).await.contains(PROVISIONAL));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn until_a_year_has_rules_of_its_own_papers_and_programs_are_told_whose_rules_hold() {
    on_both(|world| async move {
        let (teacher, admin, id) = in_january(&world).await;
        for path in ["/standard.pdf", "/me/form.pdf"] {
            let text = paper(&teacher, &of_year(path, "2027")).await;
            assert!(text.contains(PROVISIONAL), "{path}: {text}");
            for of_2026 in [of_year(path, "2026"), path.to_owned()] {
                let text = paper(&teacher, &of_2026).await;
                assert!(!text.contains(PROVISIONAL), "{of_2026}: {text}");
            }
        }
        assert!(paper(&admin, &format!("/people/{id}/form.pdf?year=2027")).await.contains(PROVISIONAL));
        for (client, path) in [
            (&teacher, "/api/v1/me/years/YEAR"),
            (&admin, "/api/v1/stats?year=YEAR"),
            (&admin, "/api/v1/supervision?year=YEAR"),
        ] {
            assert_eq!(get(client, &path.replace("YEAR", "2027")).await["provisional"], true, "{path}");
            assert_eq!(get(client, &path.replace("YEAR", "2026")).await["provisional"], false, "{path}");
        }
        let confirmed = json!({"year": 2027});
        let confirmed = admin.call("POST", "/api/v1/units/43010001/yearbook", confirmed).await;
        assert_eq!((confirmed.status, &confirmed.json["provisional"]), (201, &json!(true)));
        let book = paper(&admin, "/yearbooks/43010001/form.pdf?year=2027&no=0").await;
        assert!(book.contains(PROVISIONAL), "{book}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_tells_whose_rules_held_on_the_day() {
    on_both(|world| async move {
        let (teacher, admin, _) = in_january(&world).await;
        hours::checkpoint::make(&world.site).await.unwrap();
        world.clock.advance(90);
        for (client, path) in [(&admin, "/past"), (&admin, "/past/people"), (&teacher, "/me/past")] {
            for (year, expected) in [("2027", true), ("2026", false)] {
                let asked = of_year(path, year);
                let told = get(client, &format!("/api/v1{asked}&on=2027-01-14")).await;
                assert_eq!(told["provisional"], expected, "{asked}");
                if path != "/past/people" {
                    let shown = page(client, &format!("{asked}&on=2027-01-14")).await;
                    assert_eq!(shown.contains(PROVISIONAL), expected, "{asked}: {shown}");
                }
            }
        }
        let undated = page(&teacher, "/me/past").await;
        assert!(undated.contains("<option selected>2026"), "opens as the other pages: {undated}");
    })
    .await;
}
