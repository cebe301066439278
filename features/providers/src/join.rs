//! A training organisation applies to become a provider: the system administrator lets an account apply, which says who it
//! is and where people come back to.
use base::{Error, FieldProblem, Kind, Result, Role};
use serde::Deserialize;
use serde_json::json;
use site::{Site, Visitor};
use utoipa::ToSchema;

use crate::{
    provider::{Provider, is_name, origin},
    standing::{OPERATORS, Standing},
    store, store_relations,
};

/// Who lets an account apply.
pub(crate) const OPENERS: &[Role] = &[Role::SystemAdmin];

/// What an application says.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Application {
    /// A short name of letters, digits and dashes.
    pub name: String,
    /// The organisation's full name.
    pub title: String,
    /// Its unified social credit code (GB 32100).
    pub credit_code: String,
    /// Whom to ask.
    pub contact: String,
    pub telephone: String,
    /// Where people come back to from signing in; its origin is the provider's site.
    pub redirect_uri: String,
}

/// Takes an application; the visitor becomes the provider's operator. One that was refused may be handed in anew.
pub(crate) async fn apply(site: &Site, visitor: &Visitor, form: &Application) -> Result<()> {
    if !visitor.actor.has(OPERATORS) {
        return Err(Error::denied());
    }
    let site_url = check(form)?;
    let tx = site.db.begin().await?;
    let own = store_relations::of_operator(&tx, visitor.actor.person).await?;
    let is_own_refused = own.as_ref().is_some_and(|o| o.standing == Standing::Refused && o.name == form.name);
    if own.is_some() && !is_own_refused {
        return Err(Error::conflict("provider_has_one"));
    }
    let provider = Provider {
        id: own.map_or_else(|| site.new_id(), |o| o.id),
        name: form.name.clone(),
        title: form.title.trim().to_owned(),
        former_title: String::new(),
        site_url,
        notice_url: String::new(),
        telephone: form.telephone.trim().to_owned(),
        standing: Standing::Applied,
        standing_reason: String::new(),
        quota: crate::quota::Quota::default(),
    };
    let facts = (form.credit_code.trim(), form.contact.trim());
    if is_own_refused {
        store_relations::apply_anew(&tx, &provider, &form.redirect_uri, facts, site.now()).await?;
    } else {
        store::insert(&tx, &provider, &form.redirect_uri, site.now()).await?;
        store_relations::set_facts(&tx, provider.id, facts).await?;
        store_relations::move_standing(&tx, provider.id, (Standing::Applied, ""), site.now()).await?;
        store_relations::insert_operator(&tx, provider.id, visitor.actor.person, site.now()).await?;
    }
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "provider.apply",
        object: &provider.name,
        unit_path: "",
        details: json!({"title": provider.title, "site": provider.site_url}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

/// Lets an account apply: gives it the role `provider` at the place where the visitor administers the system (contract,
/// "Roles"). It is named by the account, since that office sees no lists of people.
pub(crate) async fn admit(site: &Site, visitor: &Visitor, account: &str) -> Result<()> {
    let own = visitor.actor.grants.iter().find(|g| OPENERS.contains(&g.role)).ok_or_else(Error::denied)?;
    let unknown = || Error::invalid("account", "wrong_value");
    let id = store_relations::person_of_account(&site.db, account.trim()).await?.ok_or_else(unknown)?;
    let person = org::person(&site.db, id).await?;
    if !person.path.starts_with(&own.path) {
        return Err(unknown());
    }
    accounts::give(site, &visitor.actor, person.id, (Role::Provider, own.unit, &own.path)).await
}

/// The site's origin, if everything is in order.
fn check(form: &Application) -> Result<String> {
    let mut wrong = vec![];
    let mut put = |is_wrong: bool, field: &str, code| {
        if is_wrong {
            wrong.push(FieldProblem { field: field.to_owned(), code });
        }
    };
    let is_between = |text: &str, most: usize| (1..=most).contains(&text.trim().chars().count());
    put(!is_name(&form.name), "name", "wrong_value");
    put(!is_between(&form.title, 60), "title", "required");
    put(!is_credit_code(form.credit_code.trim()), "credit_code", "wrong_value");
    put(!is_between(&form.contact, 30), "contact", "required");
    put(!is_between(&form.telephone, 30), "telephone", "required");
    let origin = origin(&form.redirect_uri);
    put(origin.is_none(), "redirect_uri", "wrong_value");
    match origin {
        Some(origin) if wrong.is_empty() => Ok(origin),
        _ => Err(Error::refused(Kind::Invalid, "invalid").with_fields(wrong)),
    }
}

/// 18 characters with a check character of modulus 31 (GB 32100-2015, appendix A).
fn is_credit_code(code: &str) -> bool {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let place = |b: u8| ALPHABET.iter().position(|a| *a == b);
    let Some(values) = code.bytes().map(place).collect::<Option<Vec<usize>>>() else { return false };
    if values.len() != 18 {
        return false;
    }
    let weighted = values.iter().take(17).scan(1_usize, |weight, value| {
        let product = value * *weight;
        *weight = *weight * 3 % 31;
        Some(product)
    });
    let expected = (31 - weighted.sum::<usize>() % 31) % 31;
    values.last() == Some(&expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credit_code_has_its_check_character() {
        // The example of GB 32100-2015, and it with one digit changed.
        assert!(is_credit_code("91350100M000100Y43"));
        assert!(!is_credit_code("91350100M000100Y44") && !is_credit_code("91350100M000100Y4"));
        assert!(!is_credit_code("") && !is_credit_code("91350100I000100Y43"));
    }

    #[test]
    fn an_application_is_refused_field_by_field() {
        let form =
            Application { name: "a b".into(), redirect_uri: "javascript:1".into(), ..Default::default() };
        let Err(Error::Refused(problem)) = check(&form) else { panic!("taken") };
        let fields: Vec<&str> = problem.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(fields, ["name", "title", "credit_code", "contact", "telephone", "redirect_uri"]);
        for bad in ["https://p.example/cb#x", "https://a:b@p.example/cb", "ftp://p.example/cb"] {
            assert_eq!(origin(bad), None, "{bad}");
        }
    }
}
