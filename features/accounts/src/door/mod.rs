//! The door: who is meant, whether a try may be verified at all, and signing in.
pub(crate) mod captcha;
pub(crate) mod finding;
pub(crate) mod gate;
pub(crate) mod identifiers;
pub(crate) mod networks;
pub(crate) mod sign_in;

pub use finding::AccountSessions;
pub use gate::Locked;
pub use identifiers::{
    id_number_lookup, index_id_numbers, is_one_of, is_party, paper_lookup, phone_lookup, replace_id_number,
};
