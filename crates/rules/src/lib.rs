//! The rules of the training year as pure functions: facts and a policy go in, a verdict with reasons comes out.
//! No clock, no IO, no randomness: everything that varies is an argument.
mod days;

pub mod assess;
pub mod attendance;
pub mod draw;
pub mod explain;
pub mod learning;
pub mod lockout;
pub mod password;
pub mod policy;
pub mod record;
pub mod reminders;
pub mod wall_clock;

pub use assess::{Assessment, Reason, assess};
pub use days::Days;
pub use policy::Policy;
pub use record::Record;
