//! The resources that say something: about the store, an Activity, a person (Communication 2.4, 2.5, 2.8).
use site::Site;

use crate::{identity, json, prepared, store, version::Version};

use super::{
    answer::{self, Said},
    call::{self, Call},
};

/// The versions that are spoken, the latest of each major version. The list of 1.0.x has no room for later ones
/// (Communication 2.8.s5), so those who say that they speak it hear of it only.
pub(super) fn about(call: Call) -> Said {
    call.params.only(&[])?;
    let versions = match call.version {
        Version::V1 => r#"{"version":["1.0.3"]}"#,
        Version::V2 => r#"{"version":["2.0.0","1.0.3"]}"#,
    };
    Ok(answer::json(versions.to_owned()))
}

/// An Activity with all that statements said of it; one that is not known, without a definition.
pub(super) async fn activity(site: &Site, call: Call) -> Said {
    call.params.only(&["activityId"])?;
    call.params.required("activityId")?;
    let id = call.params.iri("activityId")?.unwrap_or_default();
    let key = secrets::sha256_hex(id.as_bytes());
    let held = store::definitions(&site.db, &[call.door.tenant], std::slice::from_ref(&key)).await?;
    let definition = held.get(&(call.door.tenant, key)).and_then(|text| json::parse(text).ok());
    Ok(answer::json(prepared::activity(id, definition.as_ref())))
}

/// The person of an Agent.
pub(super) async fn person(site: &Site, call: Call) -> Said {
    call.params.only(&["agent"])?;
    let agent = call::agent(call.params.required("agent")?, "agent", false)?;
    let key = identity::key(&agent).unwrap_or_default();
    let names = store::names(&site.db, call.door.tenant, &secrets::sha256_hex(key.as_bytes())).await?;
    Ok(answer::json(prepared::person(&agent, &names)))
}
