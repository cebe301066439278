//! Statements that read notices.
use base::{Category, Day, Error, Hours, Result, Role, Scope, Year, day, person::Code};
use db::{Conn, Param, Value, params};
use sea_orm::FromQueryResult;

use crate::{
    body::Body,
    notice::{Content, Notice, State, Target, Training, Ways},
    reading::Reader,
};

#[derive(FromQueryResult)]
struct Row {
    id: String,
    unit_code: String,
    unit_name: String,
    unit_path: String,
    author_id: String,
    state: String,
    version: i64,
    forwards: Option<String>,
    target_path: String,
    roles: String,
    categories: String,
    unfinished: Option<i64>,
    published_at: Option<i64>,
    reason: Option<String>,
    shown_version: i64,
    saved_at: i64,
    document_no: String,
    title: String,
    body: String,
    valid_from: String,
    valid_until: Option<String>,
    topics_of: Option<i64>,
    tender_id: Option<String>,
    by_sms: bool,
    by_mail: bool,
    contact_name: String,
    contact_phone: String,
}

fn codes<T: Code>(text: &str) -> Vec<T> {
    text.split(',').filter_map(T::from_code).collect()
}

impl Row {
    fn read(self, trainings: Vec<Training>) -> Result<Notice> {
        let date = |text: &str| text.parse::<Day>().map_err(Error::internal);
        Ok(Notice {
            id: self.id,
            unit_code: self.unit_code,
            unit_name: self.unit_name,
            unit_path: self.unit_path,
            author: self.author_id.parse()?,
            state: State::from_code(&self.state).ok_or_else(|| Error::internal("unknown state"))?,
            version: self.version,
            forwards: self.forwards,
            target: Target {
                path: self.target_path,
                roles: codes::<Role>(&self.roles),
                categories: codes::<Category>(&self.categories),
                unfinished: self.unfinished.and_then(Year::new),
            },
            published_at: self.published_at.map(day::from_millis),
            reason: self.reason,
            shown_version: self.shown_version,
            saved_at: day::from_millis(self.saved_at),
            content: Content {
                document_no: self.document_no,
                title: self.title,
                body: Body::kept(self.body),
                valid_from: date(&self.valid_from)?,
                valid_until: self.valid_until.as_deref().map(date).transpose()?,
                topics_of: self.topics_of.and_then(Year::new),
                tender: self.tender_id,
                ways: Ways { by_sms: self.by_sms, by_mail: self.by_mail },
                contact_name: self.contact_name,
                contact_phone: self.contact_phone,
                trainings,
            },
        })
    }
}

/// A notice with its newest version, or with the one asked for.
pub(crate) async fn by_id(conn: &impl Conn, id: &str, version: Option<i64>) -> Result<Option<Notice>> {
    let sql = "SELECT n.id, u.code AS unit_code, u.name AS unit_name, u.path AS unit_path, n.author_id, n.state, \
        n.version, n.forwards, n.target_path, n.roles, n.categories, n.unfinished, n.published_at, n.reason, \
        v.version AS shown_version, v.saved_at, v.document_no, v.title, v.body, v.valid_from, v.valid_until, v.topics_of, \
        v.tender_id, v.by_sms, v.by_mail, v.contact_name, v.contact_phone FROM notices n JOIN units u ON u.id = n.unit_id \
        JOIN notice_versions v ON v.notice_id = n.id AND v.version = COALESCE($2, n.version) WHERE n.id = $1";
    let Some(row) = db::maybe::<Row>(conn, sql, params![id, version]).await? else { return Ok(None) };
    let trainings = trainings(conn, id, row.shown_version).await?;
    row.read(trainings).map(Some)
}

async fn trainings(conn: &impl Conn, id: &str, version: i64) -> Result<Vec<Training>> {
    #[derive(FromQueryResult)]
    struct Line {
        title: String,
        from_day: Option<String>,
        to_day: Option<String>,
        hours: Option<i64>,
        offset_hours: Option<i64>,
        fee: String,
        remark: String,
    }
    let sql = "SELECT title, from_day, to_day, hours, offset_hours, fee, remark FROM notice_rows \
               WHERE notice_id = $1 AND version = $2 ORDER BY place LIMIT 100";
    let date = |text: Option<String>| text.map(|t| t.parse::<Day>().map_err(Error::internal)).transpose();
    let read = |l: Line| {
        Ok(Training {
            title: l.title,
            from: date(l.from_day)?,
            to: date(l.to_day)?,
            hours: l.hours.map(Hours::from_hundredths),
            offset: l.offset_hours.map(Hours::from_hundredths),
            fee: l.fee,
            remark: l.remark,
        })
    };
    db::all::<Line>(conn, sql, params![id, version]).await?.into_iter().map(read).collect()
}

/// A notice in a list.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Headline {
    /// Its id.
    pub id: String,
    /// The title.
    pub title: String,
    /// The document number, or nothing.
    pub document_no: String,
    /// The issuing unit.
    pub unit: String,
    /// When it was published, in milliseconds.
    pub published_at: i64,
    /// The last day of its validity, if it has one.
    pub valid_until: Option<String>,
    /// Whether the reader has read its newest version.
    pub is_read: bool,
}

/// Which notices of a reader are wanted.
pub(crate) struct Asked<'a> {
    /// These stand in title, number or text…
    pub words: &'a [&'a str],
    /// …at least so many of them.
    pub at_least: usize,
    /// Only what is unread and in force on that day.
    pub unread_on: Option<Day>,
    pub today: Day,
}

/// The conditions under which a notice `n` concerns the reader; $1 is the person.
fn conditions(reader: &Reader, values: &mut Vec<Value>) -> Vec<String> {
    let mut mark = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    let paths: Vec<String> = reader.paths.iter().map(|p| mark(p.param())).collect();
    let mut roles = vec!["n.roles = ''".to_owned()];
    roles.extend(reader.roles.iter().map(|r| format!("n.roles LIKE {}", mark(format!("%,{r},%").param()))));
    let mut categories = vec!["n.categories = ''".to_owned()];
    categories.extend(
        reader.category.iter().map(|c| format!("n.categories LIKE {}", mark(format!("%,{c},%").param()))),
    );
    vec![
        format!("n.target_path IN ({})", if paths.is_empty() { "''".to_owned() } else { paths.join(", ") }),
        format!("({})", roles.join(" OR ")),
        format!("({})", categories.join(" OR ")),
        "(n.unfinished IS NULL OR NOT EXISTS (SELECT 1 FROM year_results y WHERE y.person_id = $1 AND y.year = n.unfinished \
         AND y.state IN ('done', 'exempt')))"
            .to_owned(),
    ]
}

/// Published notices that concern the reader, newest first.
pub(crate) async fn concerning(
    conn: &impl Conn,
    reader: &Reader,
    asked: &Asked<'_>,
    (after, limit): (&str, i64),
) -> Result<Vec<Headline>> {
    let mut values = params![reader.person];
    let mut conditions = conditions(reader, &mut values);
    let mut add = |condition: &str, value: Value| {
        values.push(value);
        conditions.push(condition.replace('?', &format!("${}", values.len())));
    };
    add("v.valid_from <= ?", asked.today.param());
    if let Some(day) = asked.unread_on {
        add(
            "(v.valid_until IS NULL OR v.valid_until >= ?) AND (k.version IS NULL OR k.version < n.version)",
            day.param(),
        );
    }
    if !after.is_empty() {
        add("n.id < ?", after.param());
    }
    let mut words = vec![];
    for word in asked.words {
        values.push(db::containing(word).param());
        let like =
            "(v.title LIKE ? ESCAPE '!' OR v.document_no LIKE ? ESCAPE '!' OR v.body LIKE ? ESCAPE '!')";
        words.push(like.replace('?', &format!("${}", values.len())));
    }
    conditions.push(db::at_least(&words, asked.at_least));
    values.push(limit.param());
    let sql = format!(
        "SELECT n.id, v.title, v.document_no, u.name AS unit, n.published_at, v.valid_until, \
         (k.version IS NOT NULL AND k.version >= n.version) AS is_read FROM notices n \
         JOIN notice_versions v ON v.notice_id = n.id AND v.version = n.version JOIN units u ON u.id = n.unit_id \
         LEFT JOIN notice_reads k ON k.notice_id = n.id AND k.person_id = $1 \
         WHERE n.state = 'published' AND {} ORDER BY n.id DESC LIMIT ${}",
        conditions.join(" AND "),
        values.len()
    );
    db::all(conn, &sql, values).await
}

/// A dated training of a notice.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The notice's id.
    pub notice: String,
    /// Its place in the notice's table.
    pub place: i64,
    /// The title.
    pub title: String,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
}

/// The dated trainings of published notices that concern the reader and end on `since` or later.
pub(crate) async fn planned(conn: &impl Conn, reader: &Reader, since: Day) -> Result<Vec<Planned>> {
    #[derive(FromQueryResult)]
    struct Dated {
        notice_id: String,
        place: i64,
        title: String,
        from_day: String,
        to_day: String,
    }
    let mut values = params![reader.person];
    let conditions = conditions(reader, &mut values);
    values.push(since.param());
    let sql = format!(
        "SELECT t.notice_id, t.place, t.title, t.from_day, COALESCE(t.to_day, t.from_day) AS to_day FROM notices n \
         JOIN notice_rows t ON t.notice_id = n.id AND t.version = n.version WHERE n.state = 'published' \
         AND t.from_day IS NOT NULL AND {} AND COALESCE(t.to_day, t.from_day) >= ${} ORDER BY t.from_day LIMIT 500",
        conditions.join(" AND "),
        values.len()
    );
    let date = |text: &str| text.parse::<Day>().map_err(Error::internal);
    let read = |d: Dated| {
        let (from, to) = (date(&d.from_day)?, date(&d.to_day)?);
        Ok(Planned { notice: d.notice_id, place: d.place, title: d.title, from, to })
    };
    db::all::<Dated>(conn, &sql, values).await?.into_iter().map(read).collect()
}

/// Whether a notice was for the reader.
pub(crate) async fn concerns(conn: &impl Conn, reader: &Reader, id: &str) -> Result<bool> {
    let mut values = params![reader.person];
    let conditions = conditions(reader, &mut values);
    values.push(id.param());
    let sql = format!(
        "SELECT COUNT(*) FROM notices n WHERE {} AND n.id = ${}",
        conditions.join(" AND "),
        values.len()
    );
    Ok(db::count(conn, &sql, values).await? > 0)
}

/// A notice as its publisher sees it in a list.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Managed {
    pub id: String,
    pub title: String,
    pub document_no: String,
    pub unit: String,
    pub state: String,
    pub version: i64,
    pub saved_at: i64,
    /// Who has read the newest version.
    pub read: i64,
}

/// Notices issued in a scope, newest first.
pub(crate) async fn managed(
    conn: &impl Conn,
    scope: &Scope,
    (after, limit): (&str, i64),
) -> Result<Vec<Managed>> {
    let mut values = params![after, limit];
    let within = db::in_scope("u.path", scope, &mut values);
    let sql = format!(
        "SELECT n.id, v.title, v.document_no, u.name AS unit, n.state, n.version, v.saved_at, \
         (SELECT CAST(COUNT(*) AS BIGINT) FROM notice_reads k WHERE k.notice_id = n.id AND k.version = n.version) AS read \
         FROM notices n JOIN notice_versions v ON v.notice_id = n.id AND v.version = n.version \
         JOIN units u ON u.id = n.unit_id WHERE ($1 = '' OR n.id < $1) AND {within} ORDER BY n.id DESC LIMIT $2"
    );
    db::all(conn, &sql, values).await
}
