//! The store of the lock and of passwords on both databases, without HTTP before it.
mod lockout;
mod passwords;
mod stage;
