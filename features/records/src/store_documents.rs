//! Statements on documents.
use base::Result;
use db::{Conn, FromQueryResult, Tx, Value, params};

/// Where a document lies: the keys of its context and id, and its registration or nothing.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    pub tenant: i64,
    pub context: String,
    pub registration: Option<String>,
}

/// A document.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Document {
    pub content_type: String,
    pub etag: String,
    pub updated: i64,
    pub content: Vec<u8>,
}

pub(crate) async fn read(conn: &impl Conn, shelf: &Shelf, key: &str) -> Result<Option<Document>> {
    let sql = "SELECT content_type, etag, updated, content FROM record_documents WHERE tenant = $1 AND context_key = $2 \
               AND registration = $3 AND document_key = $4";
    let registration = shelf.registration.clone().unwrap_or_default();
    db::maybe(conn, sql, params![shelf.tenant, shelf.context, registration, key]).await
}

/// Holds the provider's documents until the transaction ends, so that a precondition still holds when it is acted on.
pub(crate) async fn lock(tx: &Tx, tenant: i64) -> Result<()> {
    let sql = format!("SELECT tenant FROM record_tenants WHERE tenant = $1{}", db::dialect::for_update(tx));
    db::count(tx, &sql, params![tenant]).await?;
    Ok(())
}

/// Writes a document in place of the one that has its id.
pub(crate) async fn write(tx: &Tx, shelf: &Shelf, (key, id): (&str, &str), document: Document) -> Result<()> {
    let columns = [
        "tenant",
        "context_key",
        "registration",
        "document_key",
        "document_id",
        "content_type",
        "etag",
        "updated",
        "content",
    ];
    let row = vec![
        Value::from(shelf.tenant),
        Value::from(shelf.context.as_str()),
        Value::from(shelf.registration.as_deref().unwrap_or_default()),
        Value::from(key),
        Value::from(id),
        Value::from(document.content_type),
        Value::from(document.etag),
        Value::from(document.updated),
        Value::from(document.content),
    ];
    let suffix = "ON CONFLICT (tenant, context_key, registration, document_key) DO UPDATE SET \
                  content_type = excluded.content_type, etag = excluded.etag, updated = excluded.updated, \
                  content = excluded.content";
    db::insert_rows(tx, "record_documents", &columns, vec![row], suffix).await?;
    Ok(())
}

pub(crate) async fn delete(tx: &Tx, shelf: &Shelf, key: &str) -> Result<()> {
    let sql = "DELETE FROM record_documents WHERE tenant = $1 AND context_key = $2 AND registration = $3 AND document_key = $4";
    let registration = shelf.registration.clone().unwrap_or_default();
    db::execute(tx, sql, params![shelf.tenant, shelf.context, registration, key]).await?;
    Ok(())
}

/// Every document of a context; of one registration where one is given.
pub(crate) async fn delete_all(conn: &impl Conn, shelf: &Shelf) -> Result<()> {
    let sql = "DELETE FROM record_documents WHERE tenant = $1 AND context_key = $2 AND ($3 = '' OR registration = $3)";
    let registration = shelf.registration.clone().unwrap_or_default();
    db::execute(conn, sql, params![shelf.tenant, shelf.context, registration]).await?;
    Ok(())
}

/// An id with the time of its last change.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Listed {
    pub document_id: String,
    pub updated: i64,
}

/// The ids of a context's documents that changed after a time, the newest first.
pub(crate) async fn list(conn: &impl Conn, shelf: &Shelf, since: i64) -> Result<Vec<Listed>> {
    let sql = "SELECT document_id, MAX(updated) AS updated FROM record_documents WHERE tenant = $1 AND context_key = $2 \
               AND updated > $3 AND ($4 = '' OR registration = $4) GROUP BY document_id ORDER BY updated DESC LIMIT 10000";
    let registration = shelf.registration.clone().unwrap_or_default();
    db::all(conn, sql, params![shelf.tenant, shelf.context, since, registration]).await
}
