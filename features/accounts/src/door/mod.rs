//! The door: who is meant, whether a try may be verified at all, and signing in.
pub(crate) mod captcha;
pub(crate) mod gate;
pub(crate) mod identifiers;
pub(crate) mod networks;
pub(crate) mod sign_in;
