//! What someone states about a person, field by field, read strictly.
use base::{
    Day, Error, FieldProblem, Gender, Level, Paper, PaperKind, Phone, Result, id_number::IdNumberFault,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    person::Facts,
    roster::{dates, words},
};

/// What is stated; what is left out stays, and an empty text clears a department or 工号.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Stated {
    /// The unit's code; only for a new person.
    pub unit: Option<String>,
    pub name: Option<String>,
    /// `resident_id`, `residence_permit`, `foreign_permit` or `passport`.
    pub id_type: Option<String>,
    pub id_number: Option<String>,
    pub gender: Option<String>,
    pub birth_date: Option<String>,
    pub category: Option<String>,
    pub level: Option<String>,
    pub status: Option<String>,
    /// The day from which unit, department, status, category and level hold; today if left out.
    pub from: Option<String>,
    pub department: Option<String>,
    pub joined_on: Option<String>,
    /// A contact until the person binds it.
    pub phone: Option<String>,
    pub staff_no: Option<String>,
    /// `established` or `contract`.
    pub establishment: Option<String>,
    /// Which statutory age a woman has: `cadre`, `worker` or `senior`.
    pub retirement: Option<String>,
}

/// What was stated, as the system holds it.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub name: Option<String>,
    pub paper: Option<Paper>,
    pub gender: Option<Gender>,
    pub birth_date: Option<Day>,
    pub facts: Facts,
    pub from: Option<Day>,
    pub clears_department: bool,
    pub clears_staff_no: bool,
}

/// The problems of fields as they are found.
#[derive(Default)]
struct Problems(Vec<FieldProblem>);

impl Problems {
    fn add(&mut self, field: &str, code: &'static str) {
        self.0.push(FieldProblem { field: field.to_owned(), code });
    }

    /// Reads a field that is stated and not empty.
    fn read<T>(
        &mut self,
        (field, text): (&str, &Option<String>),
        code: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = text.as_deref().map(str::trim).filter(|t| !t.is_empty())?;
        let value = read(text);
        if value.is_none() {
            self.add(field, code);
        }
        value
    }
}

impl Stated {
    /// Reads every field; all problems at once.
    pub(crate) fn read(&self, today: Day) -> Result<Read> {
        let mut wrong = Problems::default();
        let day = |text: &str| dates::day(text).map(|d| d.day);
        let mut read = Read {
            name: wrong.read(("name", &self.name), "name_form", base::name::person_name),
            gender: wrong.read(("gender", &self.gender), "unknown_gender", words::gender),
            birth_date: wrong.read(("birth_date", &self.birth_date), "date_form", day),
            from: wrong.read(("from", &self.from), "date_form", day),
            clears_department: is_cleared(self.department.as_deref()),
            clears_staff_no: is_cleared(self.staff_no.as_deref()),
            ..Read::default()
        };
        if self.name.as_deref().is_some_and(|n| n.trim().is_empty()) {
            wrong.add("name", "required");
        }
        if read.name.as_deref().is_some_and(|n| super::unprintable(n).is_some()) {
            wrong.add("name", "name_glyph_typed");
        }
        read.paper = self.paper(&mut wrong);
        read.facts = self.facts(&mut wrong);
        if read.from.is_some_and(|d| d > today) {
            wrong.add("from", "day_in_future");
        }
        if read.birth_date.is_some_and(|d| d > today) {
            wrong.add("birth_date", "day_in_future");
        }
        agree(&mut read, &mut wrong);
        if wrong.0.is_empty() { Ok(read) } else { Err(Error::invalid_fields(wrong.0)) }
    }

    fn paper(&self, wrong: &mut Problems) -> Option<Paper> {
        let kind = wrong.read(("id_type", &self.id_type), "unknown_id_type", words::id_type);
        let text = self.id_number.as_deref().map(str::trim).filter(|t| !t.is_empty())?;
        match read_paper(kind, text) {
            Ok(paper) => Some(paper),
            Err(fault) => {
                wrong.add("id_number", fault_code(kind.unwrap_or_default(), fault));
                None
            }
        }
    }

    fn facts(&self, wrong: &mut Problems) -> Facts {
        let facts = Facts {
            department: wrong.read(("department", &self.department), "department_form", words::department),
            category: wrong.read(("category", &self.category), "unknown_category", words::category),
            level: wrong.read(("level", &self.level), "unknown_level", words::level),
            status: wrong.read(("status", &self.status), "unknown_status", words::status),
            joined_on: wrong
                .read(("joined_on", &self.joined_on), "date_form", |t| dates::day(t).map(|d| d.day)),
            contact_phone: wrong.read(("phone", &self.phone), "phone_form", Phone::parse),
            staff_no: wrong.read(("staff_no", &self.staff_no), "staff_no_form", words::staff_no),
            establishment: wrong.read(
                ("establishment", &self.establishment),
                "unknown_establishment",
                words::establishment,
            ),
            retirement: wrong.read(("retirement", &self.retirement), "unknown_retirement", words::retirement),
        };
        if let (Some(category), Some(level)) = (facts.category, facts.level)
            && !Level::fits(level, category)
        {
            wrong.add("level", "level_mismatch");
        }
        facts
    }
}

fn is_cleared(text: Option<&str>) -> bool {
    text.is_some_and(|t| t.trim().is_empty())
}

/// Reads a number of a stated kind, or of the kind that it looks like.
pub(crate) fn read_paper(kind: Option<PaperKind>, text: &str) -> Result<Paper, IdNumberFault> {
    kind.map_or_else(|| Paper::guess(text), |k| Paper::parse(k, text))
}

/// The code of what is wrong with a number.
pub(crate) fn fault_code(kind: PaperKind, fault: IdNumberFault) -> &'static str {
    match fault {
        IdNumberFault::Form if kind == PaperKind::ResidentId => "id_number_form",
        IdNumberFault::Form => "paper_form",
        IdNumberFault::Birth => "id_number_birth",
        IdNumberFault::Check => "id_number_check",
    }
}

/// Gender and birth date come from the number where it carries them, and must agree with what is stated.
fn agree(read: &mut Read, wrong: &mut Problems) {
    let Some((gender, birth_date)) = read.paper.as_ref().and_then(Paper::carries) else { return };
    if read.gender.is_some_and(|g| g != gender) {
        wrong.add("gender", "gender_mismatch");
    }
    if read.birth_date.is_some_and(|d| d != birth_date) {
        wrong.add("birth_date", "birth_mismatch");
    }
    (read.gender, read.birth_date) = (Some(gender), Some(birth_date));
}
