//! Accounts: signing in, the forced steps of the manual, passwords, phones, codes, locks, sessions, roles held.
mod activation;
mod api;
mod assist;
mod codes;
mod create;
mod delegation;
mod devices;
mod door;
mod ended;
mod first_steps;
mod fresh;
mod nightly;
mod notices;
mod ownership;
mod pages;
mod passkeys;
mod password;
mod phone;
mod prepare;
mod privacy;
mod programs;
mod recovery;
mod rehearsal;
mod reset;
mod roles;
mod sessions;
mod shares;
mod store;
#[cfg(test)]
mod tests;
mod texting;
mod totp;

pub use self::{api::docs, nightly::schedule, prepare::prepare};
pub use activation::{Channel, Invitation, VALID_DAYS, invite, invited_lately, issue_codes, shown};
pub use assist::{
    Grounds, Message, State, change_phone, decide_share, send_phone_code, state, unlock, waive_phone,
};
pub use create::{NewAccount, account_names, create, create_many, create_named, loaded};
pub use delegation::{Delegation, Wish, hand_over};
pub use door::{
    AccountSessions, Locked, id_number_lookups, index_id_numbers, indexed_name, is_one_of, is_party,
    paper_lookup, paper_lookups, phone_lookups, records_of, replace_id_number,
};
pub use ended::{SESSIONS_ENDED, SessionsEnded, end_session, sign_out};
pub use fresh::{bound_phone, fresh};
pub use pages::{Contact, contact_here};
pub use programs::{NewProgram, ProgramToken, end_program_token, make_program_token, program_tokens};
pub use rehearsal::{Participant, Rehearsal, end_rehearsal, rehearse};
pub use reset::{OneTimePassword, reset_password};
pub use roles::{Held, end as end_role, give, grant, grant_many, held, held_at};
pub use sessions::{Standing, standing};
pub use store::rehome::{close, move_staff, rehome};
pub use texting::{Texting, reachable, text};

/// The slice's routes.
pub fn routes() -> site::Routes {
    api::routes().and(pages::routes()).for_former()
}

/// The slice's background work.
pub fn jobs() -> jobs::Handlers<site::Site> {
    let jobs = jobs::Handlers::default().in_lane(codes::SEND, jobs::Lane::Messages);
    jobs.on(codes::SEND, codes::send).on(nightly::NIGHTLY, nightly::run)
}
