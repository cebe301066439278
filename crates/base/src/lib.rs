//! The words everything else is written in: typed ids, hours, money, days, people's numbers, roles, errors. No IO.
pub mod clock;
pub mod day;
pub mod error;
pub mod fen;
pub mod hours;
pub mod hundredths;
pub mod id;
pub mod id_number;
pub mod name;
pub mod paper;
pub mod person;
pub mod phone;
pub mod random;
pub mod role;

pub use clock::{Clock, SystemClock};
pub use day::{Day, Instant, Period, Year};
pub use error::{Error, FieldProblem, Kind, Problems, Result};
pub use fen::Fen;
pub use hours::Hours;
pub use id::{AccountId, EntryId, Id, JobId, PersonId, SessionId, UnitId};
pub use id_number::IdNumber;
pub use paper::{Paper, PaperKind};
pub use person::{Category, Establishment, Gender, Level, Retirement, Status, Subject};
pub use phone::Phone;
pub use random::{Random, SystemRandom};
pub use role::{Actor, Grant, Role, Scope};
