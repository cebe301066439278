//! What leaves the machine: SMS, mail and HTTP. A real implementation and a recording one each.
pub mod http;
mod lines;
pub mod mail;
mod peers;
mod reach;
pub mod scanner;
pub mod signature;
pub mod sms;

pub use reach::{Network, Reach};
