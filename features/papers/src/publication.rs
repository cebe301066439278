//! What is handed out with a notice: the year's standard and the manual of signing in, as PDF from the same texts and the
//! same policy as the pages.
use base::{Hours, Instant, Result, Year, person::Code};
use documents::Typesetter;
use rules::policy::Item;
use site::Site;

use crate::form::{self, Form, Part, Table, words};

/// The standard of recognition that a year's policy holds.
pub async fn standard(site: &Site, typesetter: Typesetter, year: Year, made_at: Instant) -> Result<Vec<u8>> {
    let in_force = hours::in_force(&site.db, year).await?;
    let policy = &in_force.policy;
    let row = |i: &Item| {
        vec![
            i.name.clone(),
            i.hours.iter().map(Hours::to_string).collect::<Vec<_>>().join(" / "),
            site.texts.get(&format!("per-{}", i.per.code())),
            i.cap.to_string(),
            site.texts.get(&format!("subject-{}", i.subject.code())),
            i.evidence.clone(),
        ]
    };
    let mut tables: Vec<Table> = vec![];
    for item in policy.items() {
        match tables.iter_mut().find(|t| t.title == item.category) {
            Some(table) => table.rows.push(row(item)),
            None => tables.push(Table {
                title: item.category.clone(),
                columns: vec![7, 4, 2, 2, 2, 7],
                head: words(site, "standard-heads"),
                rows: vec![row(item)],
            }),
        }
    }
    let cap = policy.measure.offset_cap.to_string();
    let form = Form {
        title: policy.standard.clone(),
        number: format!("{} · {}", in_force.document(site), in_force.version),
        note: Some(site.texts.get("standard-sample")),
        foot: site.texts.with("standard-foot", &[("year", &year.to_string())]),
        parts: vec![Part {
            title: site.texts.get("standard-how"),
            lines: vec![site.texts.with("standard-caps", &[("cap", &cap)])],
        }],
        tables,
        ..Form::by(site, &in_force)
    };
    form::print(typesetter, &form, (format!("standard-{year}-{}", in_force.version), made_at)).await
}

/// The parts of the manual; each has `manual-<part>` and `manual-<part>-1` onwards.
const MANUAL: [(&str, usize); 6] =
    [("both", 5), ("one", 2), ("change", 3), ("gone", 2), ("rules", 3), ("locked", 2)];

/// The manual of binding a phone and of safer passwords.
pub async fn manual(site: &Site, typesetter: Typesetter, made_at: Instant) -> Result<Vec<u8>> {
    let part = |(key, lines): (&str, usize)| Part {
        title: site.texts.get(&format!("manual-{key}")),
        lines: (1..=lines).map(|n| site.texts.get(&format!("manual-{key}-{n}"))).collect(),
    };
    let form = Form {
        title: site.texts.get("manual-title"),
        number: site.brand.name.clone(),
        note: site.settings.notice.clone(),
        foot: site.texts.get("manual-title"),
        parts: MANUAL.into_iter().map(part).collect(),
        ..Form::default()
    };
    form::print(typesetter, &form, ("manual".to_owned(), made_at)).await
}
