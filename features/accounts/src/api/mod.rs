//! Accounts over the JSON API (contract).
mod account;
mod activation;
mod codes;
mod delegations;
mod locked;
mod own;
mod passkeys;
mod sessions;

use site::{Access, Routes};
use utoipa::OpenApi;

use crate::door::locked::HELPERS;

/// Also while forced steps are open.
pub(crate) const FORCED: Access = Access::Forced;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/sessions", Access::Public, sessions::open)
        .verifies_credential()
        .post("/api/v1/activations", Access::Public, activation::redeem)
        .verifies_credential()
        .post("/api/v1/passkey-challenges", Access::Public, sessions::passkey_challenge)
        .post("/api/v1/passkey-sessions", Access::Public, sessions::open_by_passkey)
        .verifies_credential()
        .get("/api/v1/me/passkeys", FORCED, passkeys::list)
        .post("/api/v1/me/passkeys/offer", FORCED, passkeys::offer)
        .verifies_credential()
        .post("/api/v1/me/passkeys", FORCED, passkeys::add)
        .delete("/api/v1/me/passkeys/{id}", Access::SignedIn, passkeys::remove)
        .verifies_credential()
        .delete("/api/v1/sessions/current", FORCED, sessions::close)
        .get("/api/v1/sessions/current", FORCED, sessions::current)
        .passive()
        .put("/api/v1/sessions/current/role", Access::SignedIn, sessions::act_as)
        .get("/api/v1/me/privacy-notice", Access::SignedIn, account::notice)
        .put("/api/v1/me/privacy-notice", Access::SignedIn, account::read_notice)
        .get("/api/v1/me/phone-shares", Access::SignedIn, account::phone_shares)
        .post("/api/v1/me/phone-shares/{id}", Access::SignedIn, account::answer_share)
        .get("/api/v1/me/draft-key", Access::SignedIn, account::draft_key)
        .passive()
        .get("/api/v1/me/sessions", Access::SignedIn, own::sessions)
        .delete("/api/v1/me/sessions/{id}", Access::SignedIn, own::end_session)
        .delete("/api/v1/me/sessions", Access::SignedIn, own::end_other_sessions)
        .get("/api/v1/me/roles", Access::SignedIn, delegations::roles)
        .get("/api/v1/me/delegations", Access::SignedIn, delegations::list)
        .post("/api/v1/me/delegations", Access::SignedIn, delegations::hand_over)
        .delete("/api/v1/me/delegations/{id}", Access::SignedIn, delegations::end)
        .get("/api/v1/locked-accounts", Access::Roles(HELPERS), locked::list)
        .post("/api/v1/sms-codes", FORCED, codes::request)
        .post("/api/v1/sms-codes/verify", FORCED, codes::verify)
        .verifies_credential()
        .put("/api/v1/me/password", FORCED, own::change_password)
        .verifies_credential()
        .put("/api/v1/me/phone", FORCED, own::put_phone)
        .verifies_credential()
        .post("/api/v1/me/totp", FORCED, own::offer_totp)
        .put("/api/v1/me/totp", FORCED, own::put_totp)
        .verifies_credential()
        .delete("/api/v1/me/totp", Access::SignedIn, own::end_totp)
        .verifies_credential()
        .post("/api/v1/password-resets", Access::Public, codes::start_reset)
        .put("/api/v1/password-resets/{id}", Access::Public, codes::finish_reset)
        .verifies_credential()
}

#[derive(OpenApi)]
#[openapi(
    paths(
        sessions::open,
        sessions::close,
        sessions::current,
        sessions::act_as,
        sessions::passkey_challenge,
        sessions::open_by_passkey,
        passkeys::list,
        passkeys::offer,
        passkeys::add,
        passkeys::remove,
        account::notice,
        account::read_notice,
        account::phone_shares,
        account::answer_share,
        account::draft_key,
        own::sessions,
        own::end_session,
        own::end_other_sessions,
        activation::redeem,
        delegations::roles,
        delegations::list,
        delegations::hand_over,
        delegations::end,
        locked::list,
        codes::request,
        codes::verify,
        own::change_password,
        own::put_phone,
        own::offer_totp,
        own::put_totp,
        own::end_totp,
        codes::start_reset,
        codes::finish_reset
    ),
    components(schemas(
        sessions::Credentials,
        sessions::Opened,
        sessions::PersonInfo,
        sessions::RoleInfo,
        sessions::Current,
        activation::ActivationBody,
        delegations::Handable,
        delegations::DelegationInfo,
        delegations::NewDelegation,
        locked::LockedInfo,
        locked::SourceInfo,
        sessions::HeldInfo,
        passkeys::PasskeyInfo,
        passkeys::Proof,
        crate::passkeys::Created,
        crate::passkeys::Assertion,
        sessions::Acting,
        account::NoticeInfo,
        account::NoticeRead,
        account::ShareInfo,
        account::ShareAnswer,
        account::DraftKey,
        own::NewPassword,
        own::NewPhone,
        own::SessionInfo,
        own::TotpOffer,
        own::TotpFirst,
        own::TotpEnd,
        codes::CodeRequest,
        codes::CodeEntered,
        codes::CodeSent,
        codes::ResetStart,
        codes::ResetStarted,
        codes::ResetFinish
    ))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}
