//! Statements on the accounts of platforms.
use base::{Day, Error, Fen, Instant, PersonId, Result, Subject, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::Site;

use crate::statement::{Line, LineState, State, Sums, Terms};

/// A platform as accounts name it.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Provider {
    pub id: String,
    pub name: String,
    pub title: String,
}

pub(crate) async fn provider(conn: &impl Conn, name: &str) -> Result<Provider> {
    db::one(conn, "SELECT id, name, title FROM providers WHERE name = $1", params![name]).await
}

pub(crate) async fn providers(conn: &impl Conn) -> Result<Vec<Provider>> {
    db::all(conn, "SELECT id, name, title FROM providers ORDER BY name LIMIT 200", vec![]).await
}

pub(crate) async fn terms(conn: &impl Conn, provider: &str) -> Result<Option<Terms>> {
    #[derive(FromQueryResult)]
    struct One {
        public_rate: i64,
        professional_rate: i64,
        suspend_percent: i64,
    }
    let sql =
        "SELECT public_rate, professional_rate, suspend_percent FROM settlement_terms WHERE provider_id = $1";
    let row: Option<One> = db::maybe(conn, sql, params![provider]).await?;
    Ok(row.map(|r| Terms {
        public_rate: Fen::new(r.public_rate),
        professional_rate: Fen::new(r.professional_rate),
        suspend_percent: r.suspend_percent,
    }))
}

pub(crate) async fn save_terms(
    tx: &Tx,
    provider: &str,
    t: Terms,
    (by, now): (PersonId, Instant),
) -> Result<()> {
    let sql = "INSERT INTO settlement_terms (provider_id, public_rate, professional_rate, suspend_percent, updated_by, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (provider_id) DO UPDATE SET public_rate = $2, professional_rate = $3, \
               suspend_percent = $4, updated_by = $5, updated_at = $6";
    let values = params![provider, t.public_rate, t.professional_rate, t.suspend_percent, by, now];
    db::execute(tx, sql, values).await?;
    Ok(())
}

/// A statement to be drawn up.
pub(crate) struct New<'a> {
    pub id: &'a str,
    pub provider: &'a str,
    pub month: &'a str,
}

/// Writes a statement; false where the month has one.
pub(crate) async fn insert(tx: &Tx, n: &New<'_>, (by, now): (PersonId, Instant)) -> Result<bool> {
    let sql = "INSERT INTO settlement_statements (id, provider_id, month, state, made_by, made_at) VALUES ($1, $2, $3, 'open', $4, $5) \
               ON CONFLICT DO NOTHING";
    Ok(db::execute(tx, sql, params![n.id, n.provider, n.month, by, now]).await? == 1)
}

pub(crate) async fn insert_lines(tx: &Tx, statement: &str, first: i64, lines: &[Line]) -> Result<()> {
    let row = |(place, l): (i64, &Line)| {
        params![
            statement,
            place,
            l.entry,
            l.kind,
            l.at,
            l.person,
            l.title,
            l.subject.code(),
            l.hours,
            l.rate,
            l.amount,
            LineState::Plain.code()
        ]
    };
    let columns = [
        "statement_id",
        "place",
        "entry_id",
        "kind",
        "at",
        "person_id",
        "title",
        "subject",
        "hours",
        "rate",
        "amount",
        "state",
    ];
    let rows = (first + 1..).zip(lines).map(row).collect();
    db::insert_rows(tx, "settlement_lines", &columns, rows, "").await?;
    Ok(())
}

/// A statement as stored.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub id: String,
    pub provider_id: String,
    pub provider: String,
    pub title: String,
    pub month: String,
    pub state: State,
    pub made_by: String,
    pub suspended_because: Option<String>,
    pub confirmed_by: Option<String>,
    pub paid_on: Option<String>,
    pub payment_reference: Option<String>,
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    provider_id: String,
    provider: String,
    title: String,
    month: String,
    state: String,
    made_by: String,
    suspended_because: Option<String>,
    confirmed_by: Option<String>,
    paid_on: Option<String>,
    payment_reference: Option<String>,
}

impl TryFrom<Row> for Statement {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        Ok(Self {
            state: State::from_code(&r.state)
                .ok_or_else(|| Error::internal("a statement without a state"))?,
            id: r.id,
            provider_id: r.provider_id,
            provider: r.provider,
            title: r.title,
            month: r.month,
            made_by: r.made_by,
            suspended_because: r.suspended_because,
            confirmed_by: r.confirmed_by,
            paid_on: r.paid_on,
            payment_reference: r.payment_reference,
        })
    }
}

const STATEMENT: &str = "SELECT s.id, s.provider_id, v.name AS provider, v.title, s.month, s.state, s.made_by, s.suspended_because, \
    c.name AS confirmed_by, s.paid_on, s.payment_reference FROM settlement_statements s JOIN providers v ON v.id = s.provider_id \
    LEFT JOIN people c ON c.id = s.confirmed_by";

pub(crate) async fn one(conn: &impl Conn, id: &str) -> Result<Statement> {
    db::one::<Row>(conn, &format!("{STATEMENT} WHERE s.id = $1"), params![id]).await?.try_into()
}

/// The statement, held until the transaction ends.
pub(crate) async fn hold(tx: &Tx, id: &str) -> Result<Statement> {
    #[derive(FromQueryResult)]
    struct Held {
        id: String,
    }
    let sql = format!("SELECT id FROM settlement_statements WHERE id = $1{}", db::dialect::for_update(tx));
    let held: Held = db::one(tx, &sql, params![id]).await?;
    one(tx, &held.id).await
}

/// All statements, or those of one platform, the newest first.
pub(crate) async fn listed(conn: &impl Conn, only: &str) -> Result<Vec<Statement>> {
    let sql =
        format!("{STATEMENT} WHERE ($1 = '' OR s.provider_id = $1) ORDER BY s.month DESC, v.name LIMIT 500");
    db::all::<Row>(conn, &sql, params![only]).await?.into_iter().map(Statement::try_from).collect()
}

pub(crate) async fn sums(conn: &impl Conn, statement: &str) -> Result<Sums> {
    #[derive(FromQueryResult)]
    struct One {
        lines: i64,
        disputed: i64,
        credited: i64,
        reversed: i64,
        struck: i64,
        amount: i64,
    }
    let sum = |when: &str, what: &str| {
        format!("CAST(COALESCE(SUM(CASE WHEN {when} THEN {what} ELSE 0 END), 0) AS BIGINT)")
    };
    let sql = format!(
        "SELECT CAST(COUNT(*) AS BIGINT) AS lines, {} AS disputed, {} AS credited, {} AS reversed, {} AS struck, {} AS amount \
         FROM settlement_lines WHERE statement_id = $1",
        sum("state = 'disputed'", "1"),
        sum("hours > 0", "hours"),
        sum("hours < 0", "-hours"),
        sum("state = 'struck' AND hours > 0", "hours"),
        sum("state <> 'struck'", "amount"),
    );
    let r: One = db::one(conn, &sql, params![statement]).await?;
    let (credited, reversed, struck) = (r.credited, r.reversed, r.struck);
    Ok(Sums { lines: r.lines, disputed: r.disputed, credited, reversed, struck, amount: Fen::new(r.amount) })
}

/// A line as pages and answers show it.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Shown {
    pub place: i64,
    pub entry_id: String,
    pub kind: String,
    pub at: i64,
    pub name: String,
    /// The ledger's key of the source: with the platform's own number of the record.
    pub source_key: String,
    pub title: String,
    pub subject: String,
    pub hours: i64,
    pub rate: i64,
    pub amount: i64,
    pub state: String,
}

impl Shown {
    /// The platform's own number of the record, where the ledger's key ends with one.
    pub(crate) fn record(&self) -> &str {
        self.source_key.splitn(3, ':').nth(2).unwrap_or_default()
    }
}

/// Lines of a statement after a place; of one state only, where it is named.
pub(crate) async fn lines(
    conn: &impl Conn,
    statement: &str,
    (after, limit): (i64, i64),
    state: Option<&str>,
) -> Result<Vec<Shown>> {
    let sql = "SELECT l.place, l.entry_id, l.kind, l.at, p.name, COALESCE(o.source_key, e.source_key, '') AS source_key, l.title, \
               l.subject, l.hours, l.rate, l.amount, l.state FROM settlement_lines l JOIN people p ON p.id = l.person_id \
               LEFT JOIN hour_entries e ON e.id = l.entry_id LEFT JOIN hour_entries o ON o.id = e.reverses WHERE l.statement_id = $1 AND l.place > $2 \
               AND ($3 = '' OR l.state = $3) ORDER BY l.place LIMIT $4";
    db::all(conn, sql, params![statement, after, state.unwrap_or(""), limit]).await
}

pub(crate) async fn line_state(conn: &impl Conn, statement: &str, place: i64) -> Result<LineState> {
    #[derive(FromQueryResult)]
    struct One {
        state: String,
    }
    let sql = "SELECT state FROM settlement_lines WHERE statement_id = $1 AND place = $2";
    let row: One = db::one(conn, sql, params![statement, place]).await?;
    LineState::from_code(&row.state).ok_or_else(|| Error::internal("a line without a state"))
}

pub(crate) async fn set_line(tx: &Tx, statement: &str, place: i64, state: LineState) -> Result<()> {
    let sql = "UPDATE settlement_lines SET state = $1 WHERE statement_id = $2 AND place = $3";
    db::execute(tx, sql, params![state.code(), statement, place]).await?;
    Ok(())
}

pub(crate) async fn remark(
    site: &Site,
    tx: &Tx,
    (statement, place): (&str, i64),
    (kind, text): (&str, &str),
    by: PersonId,
) -> Result<()> {
    let id: base::EntryId = site.new_id();
    let sql = "INSERT INTO settlement_remarks (id, statement_id, place, kind, text, said_by, said_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    db::execute(tx, sql, params![id, statement, place, kind, text, by, site.now()]).await?;
    Ok(())
}

/// Whether something of the kind was said on a line.
pub(crate) async fn is_remarked(tx: &Tx, (statement, place): (&str, i64), kind: &str) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM settlement_remarks WHERE statement_id = $1 AND place = $2 AND kind = $3";
    Ok(db::count(tx, sql, params![statement, place, kind]).await? > 0)
}

/// What was said on a line.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Remark {
    pub place: i64,
    pub kind: String,
    pub text: String,
    pub name: String,
    pub said_at: i64,
}

/// What was said on the lines of a statement between two places, in order.
pub(crate) async fn remarks(
    conn: &impl Conn,
    statement: &str,
    (from, to): (i64, i64),
) -> Result<Vec<Remark>> {
    let sql = "SELECT r.place, r.kind, r.text, p.name, r.said_at FROM settlement_remarks r JOIN people p ON p.id = r.said_by \
               WHERE r.statement_id = $1 AND r.place >= $2 AND r.place <= $3 ORDER BY r.place, r.said_at, r.id LIMIT 2000";
    db::all(conn, sql, params![statement, from, to]).await
}

pub(crate) async fn suspend(tx: &Tx, id: &str, because: &str) -> Result<()> {
    let sql = "UPDATE settlement_statements SET state = 'suspended', suspended_because = $1 WHERE id = $2";
    db::execute(tx, sql, params![because, id]).await?;
    Ok(())
}

pub(crate) async fn release(tx: &Tx, id: &str) -> Result<()> {
    db::execute(tx, "UPDATE settlement_statements SET state = 'open' WHERE id = $1", params![id]).await?;
    Ok(())
}

pub(crate) async fn confirm(tx: &Tx, id: &str, (by, now): (PersonId, Instant)) -> Result<()> {
    let sql = "UPDATE settlement_statements SET state = 'confirmed', confirmed_by = $1, confirmed_at = $2 WHERE id = $3";
    db::execute(tx, sql, params![by, now, id]).await?;
    Ok(())
}

pub(crate) async fn pay(tx: &Tx, id: &str, (reference, on): (&str, Day)) -> Result<()> {
    let sql =
        "UPDATE settlement_statements SET state = 'paid', paid_on = $1, payment_reference = $2 WHERE id = $3";
    db::execute(tx, sql, params![on, reference, id]).await?;
    Ok(())
}

/// The subject's code of a line as the locale names it.
pub(crate) fn subject_key(line: &Shown) -> String {
    let subject = Subject::from_code(&line.subject).unwrap_or(Subject::Professional);
    format!("subject-{}", subject.code())
}
