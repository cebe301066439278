//! Statements on a unit's settings and dates.
use base::{Error, Instant, PersonId, Result, UnitId, Year, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::settings::{BuyerRule, Dates, PayBy, Settings};

pub(crate) async fn settings(conn: &impl Conn, unit: UnitId) -> Result<Option<Settings>> {
    #[derive(FromQueryResult)]
    struct One {
        tax_number: String,
        buyer_rule: String,
        pay_by: String,
        review_days: i64,
        fund: String,
    }
    let sql =
        "SELECT tax_number, buyer_rule, pay_by, review_days, fund FROM money_settings WHERE unit_id = $1";
    let row: Option<One> = db::maybe(conn, sql, params![unit]).await?;
    Ok(row.map(|r| Settings {
        tax_number: r.tax_number,
        buyer_rule: BuyerRule::from_code(&r.buyer_rule).unwrap_or_default(),
        pay_by: PayBy::from_code(&r.pay_by).unwrap_or_default(),
        review_days: r.review_days,
        fund: r.fund,
    }))
}

pub(crate) async fn save_settings(
    tx: &Tx,
    unit: UnitId,
    s: &Settings,
    (by, now): (PersonId, Instant),
) -> Result<()> {
    let sql = "INSERT INTO money_settings (unit_id, tax_number, buyer_rule, pay_by, review_days, fund, updated_by, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (unit_id) DO UPDATE SET tax_number = $2, buyer_rule = $3, \
               pay_by = $4, review_days = $5, fund = $6, updated_by = $7, updated_at = $8";
    let values =
        params![unit, s.tax_number, s.buyer_rule.code(), s.pay_by.code(), s.review_days, s.fund, by, now];
    db::execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn dates(conn: &impl Conn, unit: UnitId, year: Year) -> Result<Option<Dates>> {
    #[derive(FromQueryResult)]
    struct One {
        hand_in: String,
        closing: String,
    }
    let sql = "SELECT hand_in, closing FROM money_dates WHERE unit_id = $1 AND year = $2";
    let row: Option<One> = db::maybe(conn, sql, params![unit, year]).await?;
    let read = |r: One| -> Result<Dates> {
        let day = |text: &str| text.parse().map_err(Error::internal);
        Ok(Dates { hand_in: day(&r.hand_in)?, closing: day(&r.closing)? })
    };
    row.map(read).transpose()
}

pub(crate) async fn save_dates(tx: &Tx, unit: UnitId, year: Year, d: Dates) -> Result<()> {
    let sql = "INSERT INTO money_dates (unit_id, year, hand_in, closing) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (unit_id, year) DO UPDATE SET hand_in = $3, closing = $4";
    db::execute(tx, sql, params![unit, year, d.hand_in, d.closing]).await?;
    Ok(())
}
