//! What leaves the machine: SMS and HTTP. A real implementation and a recording one each.
pub mod http;
pub mod signature;
pub mod sms;
