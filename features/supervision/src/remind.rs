//! Reminding people by hand: a plan that says who gets what, what it costs and who is left out, and its sending.
use base::{Actor, Error, Fen, Hours, Instant, PersonId, Result, day};
use db::{Conn, Tx};
use messages::Letter;
use rules::reminders;
use serde_json::json;
use site::Site;

use crate::{
    SUPERVISORS,
    budget::{self, Budget},
    overview::Moment,
    store::{self, Behind, Someone},
    store_reminders::{self as kept, Batch, Sent},
};

/// At most so many people are reminded at once.
pub(crate) const MOST_PEOPLE: usize = 1000;
const WEEK_MS: i64 = 7 * 86_400_000;

/// Why someone gets no SMS, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Why {
    /// Nothing is missing.
    NothingOpen,
    /// No phone is bound.
    NoPhone,
    /// Was texted by hand within seven days.
    WeeklyLimit,
}

/// Someone who gets less than asked for.
#[derive(Clone, Debug)]
pub(crate) struct LeftOut {
    pub name: String,
    pub why: Why,
}

/// Someone who is reminded.
#[derive(Clone, Debug)]
pub(crate) struct Recipient {
    pub person: PersonId,
    pub name: String,
    /// The message inside the application.
    pub text: String,
    /// What is missing.
    pub short: Hours,
    /// How many messages of the operator the SMS makes; none for whom none is sent.
    pub segments: Option<usize>,
}

/// What a sending would do.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub recipients: Vec<Recipient>,
    pub left_out: Vec<LeftOut>,
    pub budget: Budget,
    /// When the SMS go out, if not at once: never outside of 8:00–21:00 or on a day off.
    pub held_until: Option<Instant>,
}

impl Plan {
    /// How many get an SMS.
    pub fn texted(&self) -> usize {
        self.recipients.iter().filter(|r| r.segments.is_some()).count()
    }

    /// How many messages of the operator these make.
    pub fn segments(&self) -> usize {
        self.recipients.iter().filter_map(|r| r.segments).sum()
    }

    /// What these cost.
    pub fn cost(&self) -> Fen {
        self.price_of(self.segments())
    }

    fn price_of(&self, segments: usize) -> Fen {
        Fen::new(i64::try_from(segments).unwrap_or(i64::MAX).saturating_mul(self.budget.price.fen()))
    }

    /// Whether the budget covers it.
    pub fn is_covered(&self) -> bool {
        self.cost() <= self.budget.left()
    }
}

/// What is asked for.
pub(crate) struct Wish<'a> {
    pub people: &'a [PersonId],
    pub by_sms: bool,
}

impl Wish<'_> {
    fn check(&self) -> Result<()> {
        match self.people.len() {
            0 => Err(Error::invalid("people", "required")),
            n if n > MOST_PEOPLE => Err(Error::invalid("people", "too_many_people")),
            _ => Ok(()),
        }
    }
}

/// Plans a sending. People outside of the own places are unknown.
pub(crate) async fn plan(site: &Site, conn: &impl Conn, actor: &Actor, wish: &Wish<'_>) -> Result<Plan> {
    wish.check()?;
    let moment = Moment::of(site, site.this_year()).await?;
    let behind = Behind { is_kept: false, key: "", which: None, chosen: wish.people };
    let limit = i64::try_from(MOST_PEOPLE).unwrap_or(i64::MAX);
    let found = store::people(conn, &actor.scope(SUPERVISORS), &moment, &behind, ("", limit)).await?;
    if found.len() != distinct(wish.people) {
        return Err(Error::not_found());
    }
    let mut plan = Plan {
        recipients: vec![],
        left_out: vec![],
        budget: budget::of_actor(conn, actor, moment.of.year()).await?,
        held_until: calendar::reminder_at(site, conn).await?,
    };
    for someone in found {
        match recipient(site, &moment, &someone)? {
            Some(recipient) => plan.recipients.push(recipient),
            None => plan.left_out.push(LeftOut { name: someone.name, why: Why::NothingOpen }),
        }
    }
    if wish.by_sms {
        choose_texted(site, conn, &mut plan).await?;
    }
    Ok(plan)
}

fn distinct(people: &[PersonId]) -> usize {
    people.iter().map(ToString::to_string).collect::<std::collections::BTreeSet<_>>().len()
}

/// What someone is told; none when nothing is open.
fn recipient(site: &Site, m: &Moment, s: &Someone) -> Result<Option<Recipient>> {
    let short = Hours::from_hundredths(s.short_hours);
    let is_behind = matches!(s.state.as_str(), "under_way" | "not_begun");
    let words = [("year", m.of.year().to_string()), ("short", short.to_string())];
    let words: Vec<(&str, &str)> = words.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let text = match (is_behind, s.problem.is_empty()) {
        (true, _) => site.texts.with("remind-hours", &words),
        (false, false) => site.texts.get("remind-account"),
        (false, true) => return Ok(None),
    };
    let short = if is_behind { short } else { Hours::ZERO };
    Ok(Some(Recipient { person: s.id.parse()?, name: s.name.clone(), text, short, segments: None }))
}

/// Says who of the plan gets an SMS, and why the others don't.
async fn choose_texted(site: &Site, conn: &impl Conn, plan: &mut Plan) -> Result<()> {
    let people: Vec<PersonId> = plan.recipients.iter().map(|r| r.person).collect();
    let reachable = accounts::reachable(conn, &people).await?;
    let since = day::from_millis(day::millis(site.now()) - WEEK_MS);
    let texted = kept::texted_since(conn, &people, since).await?;
    for r in &mut plan.recipients {
        let why = if r.short <= Hours::ZERO {
            continue;
        } else if !reachable.contains(&r.person) {
            Why::NoPhone
        } else if !reminders::is_within_weekly_limit(texted.get(&r.person).copied().unwrap_or(0)) {
            Why::WeeklyLimit
        } else {
            r.segments = Some(reminders::segments(&sms(site, r)));
            continue;
        };
        plan.left_out.push(LeftOut { name: r.name.clone(), why });
    }
    Ok(())
}

/// The words of someone's SMS.
pub(crate) fn sms_words(site: &Site, name: &str, short: Hours) -> Vec<(String, String)> {
    let word = |key: &str, value: String| (key.to_owned(), value);
    vec![
        word("name", name.to_owned()),
        word("year", site.this_year().to_string()),
        word("short", short.to_string()),
    ]
}

fn sms(site: &Site, r: &Recipient) -> String {
    sms_text(site, &sms_words(site, &r.name, r.short))
}

/// The SMS as the person reads it.
pub(crate) fn sms_text(site: &Site, words: &[(String, String)]) -> String {
    let words: Vec<(&str, &str)> = words.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    site.texts.with("sms-reminder", &words)
}

/// Sends under an id that the sender chose: sent twice, it reminds once. The plan is made anew inside the transaction,
/// with the people and the budget held.
pub(crate) async fn send(site: &Site, actor: &Actor, id: &str, wish: &Wish<'_>) -> Result<Plan> {
    wish.check()?;
    let tx = site.db.begin().await?;
    kept::hold_people(&tx, wish.people).await?;
    let paying = budget::of_actor(&tx, actor, site.this_year()).await?;
    kept::hold_budget(&tx, paying.unit, site.this_year()).await?;
    let plan = plan(site, &tx, actor, wish).await?;
    if plan.recipients.is_empty() {
        return Err(Error::conflict("no_one_to_remind"));
    }
    if !plan.is_covered() {
        return Err(Error::conflict("sms_budget_short"));
    }
    write(site, &tx, actor, (id, &plan)).await?;
    tx.commit().await?;
    Ok(plan)
}

async fn write(site: &Site, tx: &Tx, actor: &Actor, (id, plan): (&str, &Plan)) -> Result<()> {
    let b = &plan.budget;
    let (people, texted, segments) = (plan.recipients.len(), plan.texted(), plan.segments());
    let batch =
        Batch { id, by: actor.person, unit_path: &b.path, people, texted, segments, cost: plan.cost() };
    if !kept::insert_batch(tx, &batch, site.now()).await? {
        return Err(Error::conflict("reminded_already"));
    }
    let sent = |r: &Recipient| Sent {
        person: r.person,
        batch: Some(id),
        step: None,
        segments: r.segments,
        cost: plan.price_of(r.segments.unwrap_or(0)),
        payer: b.unit,
    };
    kept::insert(site, tx, &plan.recipients.iter().map(sent).collect::<Vec<_>>()).await?;
    let letter = |r: &Recipient| Letter {
        to: r.person,
        kind: "reminder",
        text: r.text.clone(),
        link: "/me".to_owned(),
        once: None,
    };
    messages::post(site, tx, &plan.recipients.iter().map(letter).collect::<Vec<_>>()).await?;
    let texted_ones = plan.recipients.iter().filter(|r| r.segments.is_some());
    let to = texted_ones.map(|r| (r.person, sms_words(site, &r.name, r.short))).collect();
    let at = plan.held_until.unwrap_or_else(|| site.now());
    accounts::text(site, tx, accounts::Texting { purpose: "reminder", at, to }).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "reminder.send",
        object: id,
        unit_path: &b.path,
        details: json!({"people": people, "texted": texted, "segments": segments, "yuan": plan.cost()}),
    };
    audit::record(site, tx, deed).await
}
