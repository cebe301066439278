//! Desks work on last year until 31 January, because it is being finished then, and each of their pages leads to the other
//! years.
use base::{Instant, Role, Scope, Year, day};
use testkit::Client;

use crate::{
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
        ],
    ),
    ("renshi", Role::Hr, &["/certificates/print"]),
    ("caiwu", Role::Finance, &["/reimbursements/books", "/reimbursements/unit-paid"]),
    ("zhuren", Role::DepartmentHead, &["/supervision", "/supervision/people"]),
    ("shenji", Role::Auditor, &["/statistics", "/yearbooks", "/reimbursements/books"]),
];

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
