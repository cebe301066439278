//! The pages of accounts: signing in, the forced first steps, 忘记密码, and 账户信息 under 个人中心.
mod account;
mod activate;
mod contact;
mod delegations;
mod factors;
mod first;
mod forgot;
mod locked;
mod phone;
mod said;
mod sign_in;

pub use contact::{Contact, contact_here};

use site::{Access, Routes};

use crate::{api::FORCED, door::locked::HELPERS};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/sign-in", Access::Public, sign_in::sign_in_page)
        .post("/sign-in", Access::Public, sign_in::submit_sign_in)
        .verifies_credential()
        .post("/sign-in/passkey", Access::Public, sign_in::by_passkey)
        .verifies_credential()
        .get("/activate", Access::Public, activate::page)
        .post("/activate", Access::Public, activate::submit)
        .verifies_credential()
        .get("/first-sign-in", FORCED, first::first_page)
        .post("/first-sign-in", FORCED, first::submit_first)
        .verifies_credential()
        .post("/first-sign-in/code", FORCED, first::submit_code)
        .post("/sign-out", FORCED, sign_in::sign_out)
        .post("/session/extend", Access::SignedIn, sign_in::extend)
        .post("/session/role", Access::SignedIn, sign_in::act_as)
        .get("/forgot", Access::Public, forgot::page)
        .post("/forgot", Access::Public, forgot::start)
        .post("/forgot/{id}", Access::Public, forgot::finish)
        .verifies_credential()
        .get("/me/account", Access::SignedIn, account::page)
        .post("/me/account/password", Access::SignedIn, account::change_password)
        .verifies_credential()
        .post("/me/account/sessions", Access::SignedIn, account::end_session)
        .post("/me/account/phone-is-mine", Access::SignedIn, account::confirm_phone)
        .post("/me/account/phone-shares", Access::SignedIn, account::answer_share)
        .post("/me/account/privacy-notice", Access::SignedIn, account::read_notice)
        .post("/me/account/not-mine", Access::SignedIn, account::not_mine)
        .get("/me/delegations", Access::SignedIn, delegations::page)
        .post("/me/delegations", Access::SignedIn, delegations::submit)
        .get("/locked-accounts", Access::Roles(HELPERS), locked::page)
        .get("/me/account/totp", FORCED, factors::totp_page)
        .post("/me/account/totp", FORCED, factors::totp_on)
        .verifies_credential()
        .get("/me/account/passkeys", FORCED, factors::passkeys_page)
        .post("/me/account/passkeys/remove", Access::SignedIn, factors::remove_passkey)
        .verifies_credential()
        .post("/me/account/totp/off", Access::SignedIn, factors::totp_off)
        .verifies_credential()
        .get("/me/account/phone", Access::SignedIn, phone::page)
        .post("/me/account/phone/old", Access::SignedIn, phone::send_old)
        .post("/me/account/phone/verify", Access::SignedIn, phone::verify_old)
        .verifies_credential()
        .post("/me/account/phone/new", Access::SignedIn, phone::send_new)
        .post("/me/account/phone", Access::SignedIn, phone::change)
        .verifies_credential()
}
