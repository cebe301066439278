//! The report after a breach as a workbook: what it is, who, which data, what was done, how far accounts reach.
use base::Result;
use sheets::{Book, Mark};
use site::Texts;

use crate::breach::Report;

/// A cell.
enum Cell {
    Text(String),
    Number(i64),
}

fn text(of: &str) -> Cell {
    Cell::Text(of.to_owned())
}

fn word(texts: &Texts, kind: &str, code: &str) -> Cell {
    let key = format!("{kind}-{}", code.replace('.', "-"));
    text(&if texts.has(&key) { texts.get(&key) } else { code.to_owned() })
}

/// The file's bytes.
pub(crate) fn write(texts: &Texts, report: &Report) -> Result<Vec<u8>> {
    let heading = |key: &str| texts.get(&format!("breach-{key}"));
    let mut book = Book::new(&heading("sheet-about"));
    let about = [
        ("made_at", &report.made_at),
        ("from", &report.from),
        ("to", &report.to),
        ("for", &report.purpose),
        ("people_total", &report.people_total.to_string()),
        ("deeds_total", &report.deeds_total.to_string()),
        ("remark", &heading("remark-text")),
    ];
    for (row, (key, value)) in about.into_iter().enumerate() {
        book.text((row, 0), &heading(key), Mark::Head)?;
        book.text((row, 1), value, Mark::None)?;
    }
    let yes = |is: bool| text(&texts.get(if is { "export-value-true" } else { "export-value-false" }));
    let people = report.people.iter().map(|p| {
        let number = p.id_number_masked.as_deref().unwrap_or_default();
        vec![text(&p.name), text(number), text(&p.unit), yes(p.phone_bound), text(&p.id)]
    });
    sheet(&mut book, &heading, "people", people)?;
    let data = report.data.iter().map(|k| {
        let (open, sealed) = (k.open.join(" "), k.sealed.join(" "));
        vec![
            text(&k.about),
            text(&k.purpose),
            Cell::Number(k.rows),
            text(&open),
            text(&sealed),
            text(k.table),
        ]
    });
    sheet(&mut book, &heading, "data", data)?;
    let deeds = report.deeds.iter().map(|d| {
        let role = d.role.as_deref().map_or_else(|| text(""), |r| word(texts, "role", r));
        let actor = text(d.actor.as_deref().unwrap_or_default());
        let action = word(texts, "action", &d.action);
        vec![Cell::Number(d.seq), text(&d.at), actor, role, action, text(&d.object), text(&d.network)]
    });
    sheet(&mut book, &heading, "deeds", deeds)?;
    let reach = report.reach.iter().map(|r| {
        let role = word(texts, "role", &r.role);
        vec![text(&r.account), role, text(&r.unit), text(&r.unit_name), Cell::Number(r.people)]
    });
    sheet(&mut book, &heading, "reach", reach)?;
    book.finish()
}

/// One sheet; its headings stand in one text, parted by `|`.
fn sheet(
    book: &mut Book,
    heading: &impl Fn(&str) -> String,
    name: &str,
    rows: impl Iterator<Item = Vec<Cell>>,
) -> Result<()> {
    book.sheet(&heading(&format!("sheet-{name}")));
    for (column, head) in heading(&format!("heads-{name}")).split('|').enumerate() {
        book.text((0, column), head, Mark::Head)?;
    }
    for (row, cells) in rows.enumerate() {
        for (column, cell) in cells.into_iter().enumerate() {
            let place = (row + 1, column);
            match cell {
                Cell::Text(text) => book.text(place, &text, Mark::None)?,
                #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
                Cell::Number(number) => book.number(place, number as f64)?,
            }
        }
    }
    Ok(())
}
