//! Statements on files and on what cites them.
use base::{Error, Instant, PersonId, Result, Scope, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::Site;

use crate::{Kind, retention::Area, scan::Scan, shelf};

/// A file to be remembered.
pub(crate) struct NewFile {
    pub id: String,
    pub owner: PersonId,
    pub sha256: String,
    pub kept_sha256: String,
    pub kind: Kind,
    pub name: String,
    pub bytes: i64,
    /// What the scanner said.
    pub scan: Scan,
    /// The day that the file itself says it was made on.
    pub dated: Option<String>,
}

pub(crate) async fn insert(tx: &Tx, f: &NewFile, now: Instant) -> Result<()> {
    let sql = "INSERT INTO files (id, owner_id, sha256, kept_sha256, kind, name, bytes, created_at, scan, dated) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (owner_id, sha256) DO NOTHING";
    let (kind, scan) = (f.kind.code(), f.scan.code());
    let values = params![f.id, f.owner, f.sha256, f.kept_sha256, kind, f.name, f.bytes, now, scan, f.dated];
    db::execute(tx, sql, values).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Named {
    id: String,
}

/// The person's own file of that hash.
pub(crate) async fn own_by_hash(conn: &impl Conn, owner: PersonId, sha256: &str) -> Result<Option<String>> {
    let sql = "SELECT id FROM files WHERE owner_id = $1 AND sha256 = $2";
    Ok(db::maybe::<Named>(conn, sql, params![owner, sha256]).await?.map(|f| f.id))
}

/// What a person keeps already.
#[derive(FromQueryResult)]
pub(crate) struct Used {
    pub files: i64,
    pub bytes: i64,
}

pub(crate) async fn used(conn: &impl Conn, owner: PersonId) -> Result<Used> {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) AS files, CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS bytes \
               FROM files WHERE owner_id = $1";
    db::one(conn, sql, params![owner]).await
}

/// A file as its download needs it.
#[derive(FromQueryResult)]
pub(crate) struct Found {
    pub owner_id: String,
    pub kept_sha256: String,
    pub kind: String,
    pub name: String,
    pub scan: String,
    pub area: String,
    pub removed_at: Option<i64>,
}

impl Found {
    /// The bytes; gone where their time was over.
    pub async fn bytes(&self, site: &Site) -> Result<Vec<u8>> {
        if self.removed_at.is_some() {
            return Err(Error::refused(base::Kind::Gone, "file_removed"));
        }
        let area = Area::from_code(&self.area).ok_or_else(|| Error::internal("unknown shelf"))?;
        shelf::take(site, &self.kept_sha256, area).await
    }
}

pub(crate) async fn by_id(conn: &impl Conn, id: &str) -> Result<Option<Found>> {
    let sql = "SELECT owner_id, kept_sha256, kind, name, scan, area, removed_at FROM files WHERE id = $1";
    db::maybe(conn, sql, params![id]).await
}

/// Notes what the scanner said.
pub(crate) async fn set_scan(conn: &impl Conn, id: &str, scan: Scan) -> Result<()> {
    db::execute(conn, "UPDATE files SET scan = $1 WHERE id = $2", params![scan.code(), id]).await?;
    Ok(())
}

/// Whether something of that kind cites the file openly for a person in the scope.
pub(crate) async fn is_cited_in(conn: &impl Conn, id: &str, kinds: &[&str], scope: &Scope) -> Result<bool> {
    let mut values = params![id];
    values.extend(kinds.iter().map(db::Param::param));
    let list = db::in_list(2, kinds.len());
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT COUNT(*) FROM file_links l JOIN people p ON p.id = l.person_id JOIN units u ON u.id = p.unit_id \
         LEFT JOIN units d ON d.id = p.department_id \
         WHERE l.file_id = $1 AND l.is_open = 1 AND l.object_kind IN ({list}) AND {within}"
    );
    Ok(db::count(conn, &sql, values).await? > 0)
}

/// Whether the file is cited in a matter of that person: who filed for someone brought it, and the person may see it. The
/// source of a whole list speaks of others too, so it is not for each of them.
pub(crate) async fn is_cited_for(conn: &impl Conn, id: &str, person: PersonId) -> Result<bool> {
    let sql =
        "SELECT COUNT(*) FROM file_links WHERE file_id = $1 AND person_id = $2 AND object_kind <> 'legacy'";
    Ok(db::count(conn, sql, params![id, person]).await? > 0)
}

/// What cites files, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct Link<'a> {
    /// `claim`, `exemption`, `leave` and the like.
    pub kind: &'static str,
    /// Its id.
    pub object: &'a str,
    /// Whose matter it is.
    pub person: PersonId,
    /// Who brought the files: the person, or who filed for the person.
    pub owner: PersonId,
}

/// Lets an object cite these files in this order, and no others; each must belong to the one who brought them.
pub async fn link(tx: &Tx, to: &Link<'_>, files: &[String]) -> Result<()> {
    db::execute(tx, "DELETE FROM file_links WHERE object_id = $1", params![to.object]).await?;
    if files.is_empty() {
        return Ok(());
    }
    let mut values = params![to.owner, to.person];
    values.extend(files.iter().map(db::Param::param));
    let list = db::in_list(3, files.len());
    let sql = format!("SELECT COUNT(*) FROM files WHERE (owner_id = $1 OR owner_id = $2) AND id IN ({list})");
    let mut distinct: Vec<&String> = files.iter().collect();
    distinct.sort();
    distinct.dedup();
    if files.len() > crate::MOST_FILES || distinct.len() != files.len() {
        return Err(Error::invalid("files", "files_most"));
    }
    if db::count(tx, &sql, values).await? != i64::try_from(files.len()).unwrap_or(0) {
        return Err(Error::invalid("files", "files_unknown"));
    }
    let row = |(place, file): (i64, &String)| params![to.object, to.kind, place, file, to.person, 0_i64];
    let columns = ["object_id", "object_kind", "place", "file_id", "person_id", "is_open"];
    db::insert_rows(tx, "file_links", &columns, (1..).zip(files).map(row).collect(), "").await?;
    Ok(())
}

/// Lets an object cite these files in this order; those that it cites already may be anyone's, the others must belong to
/// the one who brings them.
pub async fn append(tx: &Tx, to: &Link<'_>, files: &[String]) -> Result<()> {
    let known = cited(tx, &[to.object]).await?;
    let new: Vec<&String> = files.iter().filter(|id| !known.iter().any(|k| k.id == **id)).collect();
    let place = i64::try_from(known.len()).map_err(Error::internal)?;
    let mut values = params![to.owner];
    values.extend(new.iter().map(db::Param::param));
    if new.is_empty() {
        return Ok(());
    }
    let sql =
        format!("SELECT COUNT(*) FROM files WHERE owner_id = $1 AND id IN ({})", db::in_list(2, new.len()));
    if db::count(tx, &sql, values).await? != i64::try_from(new.len()).unwrap_or(0) {
        return Err(Error::invalid("files", "files_unknown"));
    }
    let row = |(place, file): (i64, &&String)| params![to.object, to.kind, place, file, to.person, 0_i64];
    let columns = ["object_id", "object_kind", "place", "file_id", "person_id", "is_open"];
    db::insert_rows(tx, "file_links", &columns, (place + 1..).zip(&new).map(row).collect(), "").await?;
    Ok(())
}

/// Lets an object cite these files as well, which others cite already: the evidence of what it rests on, whoever brought it.
pub async fn adopt(tx: &Tx, to: &Link<'_>, files: &[Cited]) -> Result<()> {
    let known = cited(tx, &[to.object]).await?;
    let mut new: Vec<&str> = vec![];
    for file in files {
        if !known.iter().any(|k| k.id == file.id) && !new.contains(&file.id.as_str()) {
            new.push(&file.id);
        }
    }
    if new.is_empty() {
        return Ok(());
    }
    let place = i64::try_from(known.len()).map_err(Error::internal)?;
    let row = |(place, file): (i64, &&str)| params![to.object, to.kind, place, file, to.person, 0_i64];
    let columns = ["object_id", "object_kind", "place", "file_id", "person_id", "is_open"];
    db::insert_rows(tx, "file_links", &columns, (place + 1..).zip(&new).map(row).collect(), "").await?;
    Ok(())
}

/// Lets many objects of people cite one file openly: a document that a whole list rests on. It must belong to the one who
/// brought it.
pub async fn link_all(
    tx: &Tx,
    (kind, file): (&'static str, &str),
    owner: PersonId,
    objects: &[(String, PersonId)],
) -> Result<()> {
    let sql = "SELECT COUNT(*) FROM files WHERE owner_id = $1 AND id = $2 AND removed_at IS NULL";
    if db::count(tx, sql, params![owner, file]).await? == 0 {
        return Err(Error::invalid("files", "files_unknown"));
    }
    let row = |(object, person): &(String, PersonId)| params![object, kind, 1_i64, file, person, 1_i64];
    let columns = ["object_id", "object_kind", "place", "file_id", "person_id", "is_open"];
    db::insert_rows(tx, "file_links", &columns, objects.iter().map(row).collect(), "").await?;
    Ok(())
}

/// Opens or shuts what an object cites for its reviewers.
pub async fn open_links(tx: &Tx, object: &str, is_open: bool) -> Result<()> {
    let sql = "UPDATE file_links SET is_open = $1 WHERE object_id = $2";
    db::execute(tx, sql, params![i64::from(is_open), object]).await?;
    Ok(())
}

/// A file that an object cites.
#[derive(Clone, Debug)]
pub struct Cited {
    /// The object that cites it.
    pub object: String,
    /// The file's id.
    pub id: String,
    /// The hash of what was handed in.
    pub sha256: String,
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

#[derive(FromQueryResult)]
struct CitedRow {
    object_id: String,
    id: String,
    sha256: String,
    kind: String,
    name: String,
}

fn read(rows: Vec<CitedRow>) -> Result<Vec<Cited>> {
    let file = |r: CitedRow| {
        let kind = Kind::from_code(&r.kind).ok_or_else(|| Error::internal("unknown kind of file"))?;
        Ok(Cited { object: r.object_id, id: r.id, sha256: r.sha256, kind, name: r.name })
    };
    rows.into_iter().map(file).collect()
}

/// The files that these objects cite, in order.
pub async fn cited(conn: &impl Conn, objects: &[&str]) -> Result<Vec<Cited>> {
    if objects.is_empty() {
        return Ok(vec![]);
    }
    let sql = format!(
        "SELECT l.object_id, f.id, f.sha256, f.kind, f.name FROM file_links l JOIN files f ON f.id = l.file_id \
         WHERE l.object_id IN ({}) ORDER BY l.object_id, l.place",
        db::in_list(1, objects.len())
    );
    read(db::all(conn, &sql, objects.iter().map(db::Param::param).collect()).await?)
}

/// The owner's files of these ids, in the order given; others are left out.
pub async fn own(conn: &impl Conn, owner: PersonId, ids: &[String]) -> Result<Vec<Cited>> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let mut values = params![owner];
    values.extend(ids.iter().map(db::Param::param));
    let sql = format!(
        "SELECT '' AS object_id, id, sha256, kind, name FROM files WHERE owner_id = $1 AND id IN ({})",
        db::in_list(2, ids.len())
    );
    let mut found = read(db::all(conn, &sql, values).await?)?;
    found.sort_by_key(|f| ids.iter().position(|id| *id == f.id));
    Ok(found)
}

/// An object that cites the same evidence as another one.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Elsewhere {
    /// The object that was asked about.
    pub asked: String,
    /// The other object.
    pub object_id: String,
    /// Its kind.
    pub object_kind: String,
    /// Whose it is.
    pub person_id: String,
}

/// Which other claims cite the same evidence as these objects: the same bytes, or an image with the same pixels.
/// Exemptions and leaves are left out: that someone has one is nobody else's matter.
pub async fn elsewhere(conn: &impl Conn, objects: &[&str]) -> Result<Vec<Elsewhere>> {
    if objects.is_empty() {
        return Ok(vec![]);
    }
    let sql = format!(
        "SELECT DISTINCT m.object_id AS asked, o.object_id, o.object_kind, o.person_id FROM file_links m \
         JOIN files mf ON mf.id = m.file_id JOIN files f ON f.kept_sha256 = mf.kept_sha256 \
         JOIN file_links o ON o.file_id = f.id AND o.is_open = 1 AND o.object_kind = 'claim' AND o.object_id <> m.object_id \
         WHERE m.object_id IN ({}) ORDER BY m.object_id, o.object_id LIMIT 500",
        db::in_list(1, objects.len())
    );
    db::all(conn, &sql, objects.iter().map(db::Param::param).collect()).await
}
