//! Statements on who has not activated the account yet; `activations` itself is written by `accounts`.
use base::{PersonId, Result, Scope};
use db::{Conn, params};
use sea_orm::FromQueryResult;
use site::Paging;

/// Someone who has not activated yet.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub person: PersonId,
    pub name: String,
    pub unit: String,
    pub department: Option<String>,
    pub staff_no: Option<String>,
    pub id_number_masked: Option<String>,
    pub has_contact_phone: bool,
    /// `slip` or `sms`, how the last code went out.
    pub channel: Option<String>,
    pub issued_at: Option<i64>,
    pub expires_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    name: String,
    unit: String,
    department: Option<String>,
    staff_no: Option<String>,
    id_number_masked: Option<String>,
    has_contact_phone: i64,
    channel: Option<String>,
    issued_at: Option<i64>,
    expires_at: Option<i64>,
}

impl TryFrom<Row> for Waiting {
    type Error = base::Error;
    fn try_from(r: Row) -> Result<Self> {
        Ok(Self {
            person: r.id.parse()?,
            name: r.name,
            unit: r.unit,
            department: r.department,
            staff_no: r.staff_no,
            id_number_masked: r.id_number_masked,
            has_contact_phone: r.has_contact_phone > 0,
            channel: r.channel,
            issued_at: r.issued_at,
            expires_at: r.expires_at,
        })
    }
}

const WAITING: &str = "SELECT p.id, p.name, u.name AS unit, d.name AS department, p.staff_no, p.id_number_masked, \
    CASE WHEN p.contact_phone_sealed IS NULL THEN CAST(0 AS BIGINT) ELSE CAST(1 AS BIGINT) END AS has_contact_phone, \
    v.channel, v.issued_at, v.expires_at FROM people p JOIN units u ON u.id = p.unit_id \
    LEFT JOIN units d ON d.id = p.department_id JOIN accounts a ON a.person_id = p.id \
    LEFT JOIN activations v ON v.account_id = a.id AND v.ended_at IS NULL AND v.used_at IS NULL \
    WHERE a.password_state = 'none' AND a.disabled_at IS NULL AND p.id_number_lookup IS NOT NULL \
    AND p.status IN ('on_post', 'off_post')";

/// One page of those below a scope, by id.
pub(crate) async fn page(conn: &impl Conn, scope: &Scope, paging: &Paging) -> Result<Vec<Waiting>> {
    let mut values = params![paging.after(), paging.limit() + 1];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!("{WAITING} AND p.id > $1 AND {within} ORDER BY p.id LIMIT $2");
    db::all::<Row>(conn, &sql, values).await?.into_iter().map(Waiting::try_from).collect()
}

/// All below a scope, or those of them who are named, by place and name.
pub(crate) async fn all_waiting(
    conn: &impl Conn,
    scope: &Scope,
    named: Option<&[PersonId]>,
    most: i64,
) -> Result<Vec<Waiting>> {
    let mut values = params![most];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let only = match named {
        Some(ids) => {
            let list = db::in_list(values.len() + 1, ids.len());
            values.extend(ids.iter().map(db::Param::param));
            format!("AND p.id IN ({list})")
        }
        None => String::new(),
    };
    let sql = format!("{WAITING} AND {within} {only} ORDER BY u.code, d.code, p.name, p.id LIMIT $1");
    db::all::<Row>(conn, &sql, values).await?.into_iter().map(Waiting::try_from).collect()
}

/// How many there are below a scope, and how many have activated.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(crate) struct Tally {
    pub waiting: i64,
    pub active: i64,
}

pub(crate) async fn tally(conn: &impl Conn, scope: &Scope) -> Result<Tally> {
    let mut values = vec![];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(CASE WHEN a.password_state = 'none' THEN 1 ELSE 0 END), 0) AS BIGINT) AS waiting, \
         CAST(COALESCE(SUM(CASE WHEN a.password_state = 'none' THEN 0 ELSE 1 END), 0) AS BIGINT) AS active \
         FROM people p JOIN units u ON u.id = p.unit_id LEFT JOIN units d ON d.id = p.department_id \
         JOIN accounts a ON a.person_id = p.id WHERE a.disabled_at IS NULL AND p.id_number_lookup IS NOT NULL \
         AND p.status IN ('on_post', 'off_post') AND {within}"
    );
    db::one(conn, &sql, values).await
}
