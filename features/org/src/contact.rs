//! A unit's contact card: whom to ask about accounts and hours. An office's telephone, shown to anyone, because whoever
//! is locked out cannot sign in to see it.
use base::{Error, FieldProblem, PersonId, Result};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::{Site, Visitor};
use utoipa::ToSchema;

use crate::{Unit, api::managed_unit, store_units};

/// What a unit says about itself.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The office, such as 人事处.
    pub office: String,
    /// Who is there.
    pub names: String,
    /// The office's telephone.
    pub telephone: String,
    /// When somebody is there.
    pub hours: String,
}

/// A card with the unit that it is of.
#[derive(Clone, Debug, Serialize, ToSchema, FromQueryResult)]
pub(crate) struct CardOf {
    /// The unit's code.
    pub code: String,
    /// The unit's name.
    pub name: String,
    pub office: String,
    pub names: String,
    pub telephone: String,
    pub hours: String,
}

impl Card {
    fn checked(&self) -> Result<Self> {
        let tidy = |text: &str| text.trim().to_owned();
        let card = Self {
            office: tidy(&self.office),
            names: tidy(&self.names),
            telephone: tidy(&self.telephone),
            hours: tidy(&self.hours),
        };
        let fields = [
            ("office", &card.office, true),
            ("names", &card.names, false),
            ("telephone", &card.telephone, true),
            ("hours", &card.hours, false),
        ];
        let mut problems = vec![];
        for (field, text, is_needed) in fields {
            let hides = text.chars().any(base::name::is_hidden) || text.contains(['\n', '\r']);
            let code = match text.chars().count() {
                0 if is_needed => Some("required"),
                n if n > 100 => Some("too_long_text"),
                _ if hides => Some("wrong_value"),
                _ => None,
            };
            problems.extend(code.map(|code| FieldProblem { field: field.to_owned(), code }));
        }
        let is_telephone =
            |c: char| c.is_ascii_digit() || matches!(c, '-' | ' ' | '+' | '(' | ')' | '\u{3001}' | ',' | '/');
        let has_digits = card.telephone.chars().filter(char::is_ascii_digit).count() >= 3;
        let is_number = has_digits && card.telephone.chars().all(is_telephone);
        if !card.telephone.is_empty() && !is_number {
            problems.push(FieldProblem { field: "telephone".to_owned(), code: "telephone_form" });
        }
        if problems.is_empty() { Ok(card) } else { Err(Error::invalid_fields(problems)) }
    }
}

/// Writes the card of a unit that the visitor manages.
pub(crate) async fn write(site: &Site, visitor: &Visitor, code: &str, card: &Card) -> Result<()> {
    let unit = managed_unit(site, visitor, code).await?;
    put_card(site, &unit, card, visitor.actor.person).await
}

/// Writes a unit's card; who may is for the caller.
pub async fn put_card(site: &Site, unit: &Unit, card: &Card, by: PersonId) -> Result<()> {
    let card = card.checked()?;
    let tx = site.db.begin().await?;
    store_units::write_card(&tx, unit.id, &card, (by, site.now())).await?;
    let deed = audit::Deed {
        actor: Some(by),
        action: "unit.contact",
        object: &unit.code,
        unit_path: &unit.path,
        details: json!({"office": card.office, "telephone": card.telephone, "hours": card.hours}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

/// Cards that fit what someone typed: a part of a unit's name, or its code. Anyone may look.
pub(crate) async fn find(site: &Site, text: &str) -> Result<Vec<CardOf>> {
    let text = text.trim();
    if text.chars().count() < 2 {
        return Ok(vec![]);
    }
    store_units::cards(&site.db, text).await
}
