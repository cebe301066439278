//! What a notice must be before it is kept.
use base::{Category, Day, Error, FieldProblem, Hours, Result, Role, Year, person::Code};
use rules::record::parse_day;

use crate::{
    body::{self, Body},
    notice::{Content, NewNotice, NewRow, Target, Training, Ways},
};

const MOST_TITLE: usize = 200;
const MOST_BODY: usize = 100_000;
const MOST_LINE: usize = 200;
const MOST_TRAININGS: usize = 20;

/// Collects what is wrong, field by field.
#[derive(Default)]
struct Wrong(Vec<FieldProblem>);

impl Wrong {
    fn say(&mut self, field: &str, code: &'static str) {
        self.0.push(FieldProblem { field: field.to_owned(), code });
    }

    fn day(&mut self, field: &str, text: Option<&String>) -> Option<Day> {
        let text = text.map(|t| t.trim()).filter(|t| !t.is_empty())?;
        let day = parse_day(text);
        if day.is_none() {
            self.say(field, "wrong_value");
        }
        day
    }

    fn hours(&mut self, field: &str, text: Option<&String>) -> Option<Hours> {
        let text = text.map(|t| t.trim()).filter(|t| !t.is_empty())?;
        let hours = Hours::parse(text);
        if hours.is_none() {
            self.say(field, "wrong_value");
        }
        hours
    }

    fn line(&mut self, field: &str, text: &str, most: usize) -> String {
        let text = text.trim();
        if text.chars().count() > most {
            self.say(field, "text_long");
        }
        text.to_owned()
    }

    fn year(&mut self, field: &str, year: Option<i64>) -> Option<Year> {
        let year = year?;
        let found = Year::new(year);
        if found.is_none() {
            self.say(field, "wrong_value");
        }
        found
    }

    fn codes<T: Code>(&mut self, field: &str, codes: &[String]) -> Vec<T> {
        let found: Vec<T> = codes.iter().filter_map(|c| T::from_code(c)).collect();
        if found.len() != codes.len() {
            self.say(field, "wrong_value");
        }
        found
    }
}

/// What a notice says and whom it is for below `path`; every wrong field at once.
pub(crate) fn check(new: &NewNotice, path: &str, today: Day) -> Result<(Content, Target)> {
    let mut wrong = Wrong::default();
    let title = wrong.line("title", &new.title, MOST_TITLE);
    if title.is_empty() {
        wrong.say("title", "required");
    }
    let body = said(new, &mut wrong);
    let valid_from = wrong.day("valid_from", new.valid_from.as_ref()).unwrap_or(today);
    let valid_until = wrong.day("valid_until", new.valid_until.as_ref());
    if valid_until.is_some_and(|until| until < valid_from) {
        wrong.say("valid_until", "ends_before_it_begins");
    }
    if new.trainings.len() > MOST_TRAININGS {
        wrong.say("trainings", "text_long");
    }
    let content = Content {
        document_no: wrong.line("document_no", &new.document_no, MOST_LINE),
        title,
        body,
        valid_from,
        valid_until,
        topics_of: wrong.year("topics_of", new.topics_of),
        tender: new.tender.clone().filter(|t| !t.is_empty()),
        ways: Ways { by_sms: new.by_sms, by_mail: new.by_mail },
        contact_name: wrong.line("contact_name", &new.contact_name, MOST_LINE),
        contact_phone: wrong.line("contact_phone", &new.contact_phone, MOST_LINE),
        trainings: new.trainings.iter().map(|row| training(row, &mut wrong)).collect(),
    };
    let target = Target {
        path: path.to_owned(),
        roles: wrong.codes::<Role>("roles", &new.roles),
        categories: wrong.codes::<Category>("categories", &new.categories),
        unfinished: wrong.year("unfinished", new.unfinished),
    };
    if wrong.0.is_empty() { Ok((content, target)) } else { Err(Error::invalid_fields(wrong.0)) }
}

fn said(new: &NewNotice, wrong: &mut Wrong) -> Body {
    if new.body.len() > MOST_BODY {
        wrong.say("body", "text_long");
        return Body::default();
    }
    let body = body::clean(&new.body);
    if body.is_empty() {
        wrong.say("body", "required");
    }
    body
}

fn training(row: &NewRow, wrong: &mut Wrong) -> Training {
    let title = wrong.line("trainings", &row.title, MOST_LINE);
    if title.is_empty() {
        wrong.say("trainings", "required");
    }
    let from = wrong.day("trainings", row.from.as_ref());
    let to = wrong.day("trainings", row.to.as_ref());
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        wrong.say("trainings", "ends_before_it_begins");
    }
    Training {
        title,
        from,
        to,
        hours: wrong.hours("trainings", row.hours.as_ref()),
        offset: wrong.hours("trainings", row.offset_hours.as_ref()),
        fee: wrong.line("trainings", &row.fee, MOST_LINE),
        remark: wrong.line("trainings", &row.remark, MOST_LINE),
    }
}
