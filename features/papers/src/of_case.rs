//! 学时认定表 of a claim and 免训审批表 of an exemption: what was asked, on what evidence, and who decided.
use base::{Actor, Hours, PersonId, Result, person::Code};
use claims::{
    Event, State,
    activity::{self, Claim},
    exempt,
};
use rules::policy::Item;
use site::{Site, dates::minute};

use crate::form::{Fact, Form, Table, words};

fn fact(site: &Site, key: &str, value: String) -> Fact {
    (site.texts.get(key), value, false)
}

fn wide(site: &Site, key: &str, value: String) -> Fact {
    (site.texts.get(key), value, true)
}

fn person(site: &Site, p: &org::Person) -> Vec<Fact> {
    let place =
        p.department.as_ref().map_or_else(|| p.unit_name.clone(), |d| format!("{} · {d}", p.unit_name));
    let word = |kind: &str, code: Option<String>| {
        code.map_or_else(String::new, |c| site.texts.get(&format!("{kind}-{c}")))
    };
    vec![
        fact(site, "paper-name", p.name.clone()),
        fact(site, "paper-id_number", p.id_number_masked.clone().unwrap_or_default()),
        wide(site, "paper-unit", place),
        fact(site, "paper-category", word("category", p.category.map(|c| c.code()))),
        fact(site, "paper-level", word("level", p.level.map(|l| l.code()))),
    ]
}

/// Of a case that someone else filed for the person: that it is 代办, and by whom. The pages mark it; so must what is signed.
async fn filed(site: &Site, (person, filed_by): (PersonId, PersonId)) -> Result<Option<Fact>> {
    if filed_by == person {
        return Ok(None);
    }
    let by = org::person(&site.db, filed_by).await?;
    let said = site.texts.with("paper-filed-by", &[("unit", &by.unit_name), ("name", &by.name)]);
    Ok(Some(wide(site, "paper-filed", said)))
}

fn evidence(site: &Site, files: &[files::Cited]) -> String {
    let one = |f: &files::Cited| {
        let hash = f.sha256.get(..12).unwrap_or_default();
        site.texts.with("paper-file", &[("name", &f.name), ("hash", hash)])
    };
    files.iter().map(one).collect::<Vec<_>>().join(&site.texts.get("between-names"))
}

/// The claim's form, for whoever may see the claim.
pub(crate) async fn of_claim(site: &Site, actor: &Actor, id: &str) -> Result<Form> {
    let view = activity::view(site, actor, id).await?;
    let claim = &view.claim;
    let in_force = hours::in_force(&site.db, claim.facts.year).await?;
    let policy = &in_force.policy;
    let mut facts = person(site, &view.person);
    facts.extend(filed(site, (claim.person, claim.filed_by)).await?);
    facts.extend(stated(site, claim, policy.item(&claim.facts.item)));
    facts.push(wide(site, "paper-evidence", evidence(site, &view.files)));
    Ok(Form {
        title: site.texts.get("paper-claim"),
        number: claim.id.clone(),
        foot: format!("{} · {}", in_force.document(site), policy.standard),
        wide: false,
        facts,
        tables: vec![trail(site, view.events.iter().map(step))],
        says: vec![],
        sign: words(site, "paper-claim-sign"),
        ..Form::by(site, &in_force)
    })
}

/// What the claim states, where it stands, and its hours. The rank takes half a line beside the state, where hours go by it.
fn stated(site: &Site, claim: &Claim, item: Option<&Item>) -> Vec<Fact> {
    let f = &claim.facts;
    let state = site.texts.get(&format!("claim-state-{}", claim.state.code()));
    let mut facts = vec![
        fact(site, "paper-year", f.year.to_string()),
        fact(site, "paper-subject", site.texts.get(&format!("subject-{}", f.subject.code()))),
        wide(site, "paper-item", item.map_or_else(|| f.item.clone(), |i| i.name.clone())),
        wide(site, "paper-title", f.title.clone()),
        fact(site, "paper-on", f.on.to_string()),
        fact(site, "paper-quantity", Hours::from_hundredths(f.quantity).to_string()),
    ];
    if item.is_some_and(activity::is_ranked) {
        facts.extend([fact(site, "paper-rank", f.rank.to_string()), fact(site, "paper-state", state)]);
    } else {
        facts.push(wide(site, "paper-state", state));
    }
    facts.extend([
        fact(site, "paper-standard_hours", f.hours.to_string()),
        fact(site, "paper-approved_hours", approved_hours(site, claim)),
    ]);
    facts
}

/// What was recognised; in words where nothing is, as the sheet is signed and sealed.
fn approved_hours(site: &Site, claim: &Claim) -> String {
    match claim.state {
        State::Approved => claim.effective_hours().to_string(),
        State::Submitted => site.texts.get("paper-hours_waiting"),
        State::Draft
        | State::Returned
        | State::Rejected
        | State::Withdrawn
        | State::Reversed
        | State::GivenBack => site.texts.get("paper-hours_none"),
    }
}

/// What happened, who did it, when, and what was said.
type Step = (String, String, String, String);

fn step(e: &Event) -> Step {
    (e.what.clone(), e.by_name.clone().unwrap_or_default(), minute(e.at), e.remark.clone())
}

fn trail(site: &Site, steps: impl Iterator<Item = Step>) -> Table {
    let row = |(what, by, at, remark): Step| vec![site.texts.get(&format!("event-{what}")), by, at, remark];
    Table {
        title: site.texts.get("paper-trail"),
        columns: vec![3, 2, 3, 5],
        head: words(site, "paper-trail-heads"),
        rows: steps.map(row).collect(),
    }
}

/// The exemption's form, for whoever may see the exemption. The reason is on it: it is the case's own paper.
pub(crate) async fn of_exemption(site: &Site, actor: &Actor, id: &str) -> Result<Form> {
    let view = exempt::view(site, actor, id).await?;
    let e = &view.exemption;
    let in_force = hours::in_force(&site.db, e.year).await?;
    let mut facts = person(site, &view.person);
    facts.extend(filed(site, (e.person, e.filed_by)).await?);
    facts.extend([
        fact(site, "paper-year", e.year.to_string()),
        fact(site, "paper-kind", site.texts.get(&format!("exemption-{}", e.kind.code()))),
        wide(site, "paper-reason", view.reason.clone()),
        wide(site, "paper-evidence", evidence(site, &view.files)),
    ]);
    if let Some(known) = &view.facts {
        facts.push(fact(site, "paper-retires_on", known.retirement(site)));
        facts.push(fact(site, "paper-leave_days", format!("{} / {}", known.leave_days, known.leave_limit)));
    }
    Ok(Form {
        title: site.texts.get("paper-exemption"),
        number: e.id.clone(),
        foot: in_force.document(site),
        wide: false,
        facts,
        tables: vec![trail(site, view.events.iter().map(step))],
        says: vec![],
        sign: words(site, "paper-exemption-sign"),
        ..Form::by(site, &in_force)
    })
}
