//! A draft of a policy: uploaded and checked by one person of the highest authority, activated by another. A year's rules
//! are data; every version stays, with who activated it and when.
use base::{Actor, Error, Instant, Kind, PersonId, Result, Role, Year};
use db::Conn;
use rules::{Policy, policy::PolicyProblem};
use serde_json::json;
use site::Site;

use crate::{
    policy::{self, POLICY_PUBLISHED, POLICY_REPLACED, Replaced},
    store_policies as store,
};

/// Who keeps the policies; who may look.
pub(crate) const KEEPERS: &[Role] = &[Role::Authority];

/// A draft as stored.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub id: String,
    pub year: Year,
    pub text: String,
    pub note: String,
    pub uploaded_by: PersonId,
    pub uploaded_at: Instant,
    pub version: Option<i64>,
}

/// Refuses everyone but the authority at the top of a tree: a policy holds for all below.
pub(crate) fn admit(actor: &Actor) -> Result<()> {
    let is_top = |path: &str| path.matches('/').count() == 2;
    if actor.scope(KEEPERS).paths.iter().any(|p| is_top(p)) { Ok(()) } else { Err(Error::denied()) }
}

/// Keeps a draft that reads; one that does not is refused with every problem's line, key and reason.
pub(crate) async fn upload(site: &Site, actor: &Actor, text: &str, note: &str) -> Result<Draft> {
    admit(actor)?;
    let policy = Policy::load(text).map_err(|problems| {
        let list: Vec<_> = problems.iter().map(|p| problem(site, p)).collect();
        Error::refused(Kind::Invalid, "policy_wrong").with("problems", json!(list))
    })?;
    if note.chars().count() > 500 {
        return Err(Error::invalid("note", "too_long_text"));
    }
    let id: base::EntryId = site.new_id();
    let draft = Draft {
        id: id.to_string(),
        year: policy.year,
        text: text.to_owned(),
        note: note.trim().to_owned(),
        uploaded_by: actor.person,
        uploaded_at: site.now(),
        version: None,
    };
    let tx = site.db.begin().await?;
    store::insert_draft(&tx, &draft).await?;
    record(site, &tx, (actor, "policy.upload"), &draft).await?;
    tx.commit().await?;
    Ok(draft)
}

fn problem(site: &Site, p: &PolicyProblem) -> serde_json::Value {
    let why = site.texts.get(&format!("policy-why-{}", p.reason.code()));
    json!({"line": p.line, "key": p.key, "code": p.reason.code(), "message": why, "detail": p.reason.to_string()})
}

/// Makes a draft the year's policy; whoever uploaded it may not. Everyone is assessed anew afterwards.
pub(crate) async fn activate(site: &Site, actor: &Actor, id: &str) -> Result<Draft> {
    admit(actor)?;
    let tx = site.db.begin().await?;
    let mut draft = store::hold_draft(&tx, id).await?;
    if draft.version.is_some() {
        return Err(Error::conflict("policy_activated_before"));
    }
    if draft.uploaded_by == actor.person {
        return Err(Error::refused(Kind::Denied, "second_person_needed"));
    }
    policy::refuse_closed(site, &tx, draft.year).await?;
    let version = store::publish(&tx, &draft, actor.person, site.now()).await?;
    draft.version = Some(version);
    record(site, &tx, (actor, "policy.activate"), &draft).await?;
    site.enqueue_once(&tx, POLICY_PUBLISHED, &draft.year, &draft.year.to_string()).await?;
    let replaced = Replaced { year: draft.year, version };
    site.enqueue(&tx, POLICY_REPLACED, &replaced).await?;
    tx.commit().await?;
    Ok(draft)
}

async fn record(
    site: &Site,
    tx: &db::Tx,
    (actor, action): (&Actor, &'static str),
    draft: &Draft,
) -> Result<()> {
    let path = actor.scope(KEEPERS).paths.into_iter().next().unwrap_or_default();
    let deed = audit::Deed {
        actor: Some(actor.person),
        action,
        object: &draft.id,
        unit_path: &path,
        details: json!({"year": draft.year, "version": draft.version, "note": draft.note}),
    };
    audit::record(site, tx, deed).await
}

/// What a draft changes against the newest published text of its year, or of the year before.
pub(crate) async fn changes(conn: &impl Conn, draft: &Draft) -> Result<Vec<Change>> {
    let before = store::newest_text(conn, draft.year).await?.unwrap_or_default();
    Ok(compare(&before, &draft.text))
}

/// A line that only one of two texts has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub is_new: bool,
    pub line: usize,
    pub text: String,
}

/// Lines that one text has and the other has not, or not so often; in the order of the lines.
fn compare(before: &str, after: &str) -> Vec<Change> {
    let only = |these: &str, others: &str, is_new: bool| {
        let mut left: Vec<&str> = others.lines().map(str::trim_end).collect();
        left.sort_unstable();
        let mut taken = vec![false; left.len()];
        let mut found = vec![];
        for (n, line) in these.lines().map(str::trim_end).enumerate() {
            let first = left.partition_point(|l| *l < line);
            let same = (first..left.len()).take_while(|at| left.get(*at) == Some(&line));
            match same.into_iter().find(|at| taken.get(*at) == Some(&false)) {
                Some(at) => taken.iter_mut().skip(at).take(1).for_each(|t| *t = true),
                None if line.is_empty() => {}
                None => found.push(Change { is_new, line: n + 1, text: line.to_owned() }),
            }
        }
        found
    };
    let mut all = only(before, after, false);
    all.extend(only(after, before, true));
    all.sort_by_key(|c| (c.line, c.is_new));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_differ_are_changes() {
        let change = |is_new, line, text: &str| Change { is_new, line, text: text.into() };
        let found = compare("a = 1\nb = 2\n\nc = 3\nc = 3", "a = 1\nb = 4\nc = 3");
        assert_eq!(found, [change(false, 2, "b = 2"), change(true, 2, "b = 4"), change(false, 5, "c = 3")]);
        assert!(compare("a\nb", "a\nb\n").is_empty());
    }
}
