//! A published policy tells those whose result it changes (domain §1): what was and what is now, by the same pure code under
//! the former rules and the new ones. In portions that any node may go on with; nobody is told of a version twice.
use base::{Fen, Hours, PersonId, Result, Scope, day};
use db::Tx;
use hours::{InForce, Replaced, bulk};
use messages::{Letter, Mail};
use rules::{Assessment, assess::Shortfall, policy::Required};
use serde::{Deserialize, Serialize};
use site::Site;

/// A portion of the people for whom a version may change something.
pub(crate) const PORTION: &str = "statistics.policy_told";

/// People after one of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Portion {
    replaced: Replaced,
    after: String,
}

/// What of a year a person is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    satisfied: bool,
    counted: (Hours, Hours),
    short: Shortfall,
    reimbursable: Fen,
}

fn outcome(a: &Assessment<'_>) -> Told {
    Told {
        satisfied: a.satisfied,
        counted: (a.earned.public, a.earned.professional),
        short: a.shortfall,
        reimbursable: a.fees.reimbursable,
    }
}

/// Tells the first portion.
pub(crate) async fn begin(site: Site, replaced: Replaced) -> Result<()> {
    portion(site, Portion { replaced, after: String::new() }).await
}

/// Tells a portion and queues the next one in the same transaction.
pub(crate) async fn portion(site: Site, p: Portion) -> Result<()> {
    let Some((before, now)) = hours::replaced(&site.db, &p.replaced).await? else { return Ok(()) };
    let everyone = Scope { paths: vec!["/".to_owned()] };
    let of = hours::grounds(&site.db, p.replaced.year, day::day_of(site.now())).await?;
    let cases = bulk::cases(&site.db, &everyone, &of, &p.after).await?;
    let Some(last) = cases.last().map(|c| c.person.id) else { return Ok(()) };
    let why = why(&site, (&before, &now));
    let mut letters = vec![];
    for case in &cases {
        let Some((was, is)) = case.under_both((&before.policy, &now.policy), outcome)? else { continue };
        if was != is {
            let text = format!("{why}{}", changes(&site, (was, is)));
            letters.push(letter(&p.replaced, case.person.id, text));
        }
    }
    let tx = site.db.begin().await?;
    let told = messages::post(&site, &tx, &letters).await?;
    send(&site, &tx, (&p.replaced, &letters, &told)).await?;
    let (version, after) = (format!("{}.{}", p.replaced.year, p.replaced.version), last.to_string());
    let key = format!("{version}:{after}");
    site.enqueue_once(&tx, PORTION, &Portion { after, ..p }, &key).await?;
    tx.commit().await
}

fn letter(of: &Replaced, to: PersonId, text: String) -> Letter {
    Letter {
        to,
        kind: "policy",
        text,
        link: format!("/hours?year={}", of.year),
        once: Some(format!("policy:{}.{}:{to}", of.year, of.version)),
    }
}

/// The same by mail to whoever confirmed an address for it, where the installation sends such letters. An SMS costs and has
/// no budget of a unit here.
async fn send(site: &Site, tx: &Tx, (of, letters, told): (&Replaced, &[Letter], &[PersonId])) -> Result<()> {
    if !site.settings.notices_by_mail {
        return Ok(());
    }
    let told: std::collections::HashSet<&PersonId> = told.iter().collect();
    let subject = site.texts.with("policy-changed-subject", &[("year", &of.year.to_string())]);
    let mail = |l: &Letter| Mail {
        to: l.to,
        purpose: "policy",
        subject: subject.clone(),
        text: format!("{}\n{}{}", l.text, site.settings.public_url, l.link),
    };
    let mails = letters.iter().filter(|l| told.contains(&l.to)).map(mail).collect();
    messages::mail(site, tx, mails).await?;
    Ok(())
}

/// Which rules hold now instead of which, and what they ask if that is another.
fn why(site: &Site, (before, now): (&InForce, &InForce)) -> String {
    let year = now.policy.year.to_string();
    let words = [("year", year.as_str()), ("before", &before.version), ("after", &now.version)];
    let mut text = site.texts.with("policy-changed", &words);
    let (was, is) = (before.policy.required, now.policy.required);
    let change = if was == is {
        site.texts.get("policy-changed-rules")
    } else {
        site.texts.with(
            "policy-changed-required",
            &[("before", &demand(site, &was)), ("after", &demand(site, &is))],
        )
    };
    text.push_str(&change);
    text
}

fn demand(site: &Site, r: &Required) -> String {
    hours(site, (r.total, r.public, r.professional))
}

fn hours(site: &Site, (total, public, professional): (Hours, Hours, Hours)) -> String {
    let (total, public, professional) = (total.to_string(), public.to_string(), professional.to_string());
    let words = [("total", total.as_str()), ("public", &public), ("professional", &professional)];
    site.texts.with("policy-changed-hours", &words)
}

/// What changed for the person, each in a sentence.
fn changes(site: &Site, (was, is): (Told, Told)) -> String {
    let mut text = match (was.satisfied, is.satisfied) {
        (false, true) => site.texts.get("policy-changed-satisfied"),
        (true, false) => site.texts.get("policy-changed-open"),
        (true, true) | (false, false) => String::new(),
    };
    let mut say = |code: &str, before: String, after: String| {
        text.push_str(&site.texts.with(code, &[("before", &before), ("after", &after)]));
    };
    if was.counted != is.counted {
        let of = |(public, professional): (Hours, Hours)| {
            hours(site, (public.plus(professional), public, professional))
        };
        say("policy-changed-counted", of(was.counted), of(is.counted));
    }
    if was.short != is.short {
        let of = |s: Shortfall| hours(site, (s.total, s.public, s.professional));
        say("policy-changed-short", of(was.short), of(is.short));
    }
    if was.reimbursable != is.reimbursable {
        say("policy-changed-fees", was.reimbursable.to_string(), is.reimbursable.to_string());
    }
    text
}
