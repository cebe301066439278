//! Where the year's documents say what a rule does, so that every answer can cite its clause.

/// The rules that cite a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Clause {
    /// Who must train.
    Obliged,
    /// What a year asks for.
    Required,
    /// Hours of online courses.
    Course,
    /// Unit training.
    UnitTraining,
    /// Recognised activities and achievements.
    Activity,
    /// The professional hours that activities may replace.
    Offset,
    /// No training twice.
    Duplicate,
    /// Only hours of the year.
    Window,
    /// Exemption.
    Exemption,
    /// Make-up training.
    MakeUp,
    /// Fees and reimbursement.
    Fees,
    /// The certificate.
    Certificate,
}

impl Clause {
    /// Every rule that cites a clause.
    pub const ALL: [Self; 12] = [
        Self::Obliged,
        Self::Required,
        Self::Course,
        Self::UnitTraining,
        Self::Activity,
        Self::Offset,
        Self::Duplicate,
        Self::Window,
        Self::Exemption,
        Self::MakeUp,
        Self::Fees,
        Self::Certificate,
    ];

    /// The key in the policy file.
    pub fn key(self) -> &'static str {
        match self {
            Self::Obliged => "obliged",
            Self::Required => "required",
            Self::Course => "course",
            Self::UnitTraining => "unit_training",
            Self::Activity => "activity",
            Self::Offset => "offset",
            Self::Duplicate => "duplicate",
            Self::Window => "window",
            Self::Exemption => "exemption",
            Self::MakeUp => "make_up",
            Self::Fees => "fees",
            Self::Certificate => "certificate",
        }
    }
}

/// The clauses of a policy, one for each of [`Clause::ALL`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clauses(pub(super) Vec<(Clause, String)>);

impl Clauses {
    /// The clause that a rule rests on, as the documents number it.
    pub fn of(&self, clause: Clause) -> &str {
        self.0.iter().find(|(c, _)| *c == clause).map_or("", |(_, text)| text)
    }
}
