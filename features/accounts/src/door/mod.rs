//! The door: who is meant, whether a try may be verified at all, and signing in.
pub(crate) mod captcha;
pub(crate) mod finding;
pub(crate) mod gate;
pub(crate) mod hashing;
pub(crate) mod identifiers;
pub(crate) mod locked;
pub(crate) mod networks;
pub(crate) mod sign_in;

pub use finding::AccountSessions;
pub use gate::Locked;
pub use identifiers::{
    id_number_lookups, index_id_numbers, indexed_name, is_one_of, is_party, paper_lookup, paper_lookups,
    phone_lookups, records_of, replace_id_number,
};
