//! One person by hand: what is stated, adding, changing.
mod change;
mod create;
mod stated;

pub(crate) use change::{change, confirm_post, may_leave, since};
pub(crate) use create::create;
pub(crate) use stated::{Stated, fault_code, read_paper};
