//! `xueshi admin`: the first accounts and the providers, from the command line.
use base::{Role, person::Code};
use clap::Subcommand;
use org::{NewUnit, UnitKind};
use providers::Listing;
use site::Site;

use super::{Done, Fault, block_on, check::print};
use crate::{
    compose::{self, Nature},
    config::Config,
    enrol::enrol,
};

#[derive(Subcommand)]
pub(crate) enum Admin {
    /// Create an account (and its unit if the code is new); prints only a one-time password.
    Create {
        /// The account's name.
        #[arg(long)]
        account: String,
        /// The person's name.
        #[arg(long)]
        name: String,
        /// One of the eleven roles.
        #[arg(long)]
        role: String,
        /// The unit's code.
        #[arg(long, default_value = "43")]
        unit: String,
    },
    /// Create the authority whose certificate documents are sealed under, once; prints where it stands.
    CreateCa {
        /// Who issues certificates, as the seal names it.
        #[arg(long)]
        organisation: String,
        /// What documents are signed in: `p256` (ECDSA with SHA-256) or `sm2` (SM2 with SM3).
        #[arg(long, default_value = "p256")]
        suite: String,
    },
    /// Register a course provider; prints one JSON line with its keys.
    Provider {
        /// Its short name.
        #[arg(long)]
        name: String,
        /// Where it may send people back to; its site is the first one's origin.
        #[arg(long = "redirect-uri", required = true)]
        redirect_uris: Vec<String>,
        /// Where it may send people back to after signing out.
        #[arg(long = "post-logout-redirect-uri")]
        post_logout: Vec<String>,
        /// Where it wants to hear that a session ended.
        #[arg(long = "backchannel-logout-uri")]
        backchannel: Option<String>,
        /// Its name as people read it; its short name where it is left out.
        #[arg(long, default_value = "")]
        title: String,
        /// Where people reach its service.
        #[arg(long, default_value = "")]
        telephone: String,
    },
    /// Invite someone to look after a course platform's courses, whose configuration it reads; prints an address that
    /// is good for a day, once.
    CourseManager {
        /// The platform's short name.
        #[arg(long)]
        name: String,
    },
    /// Make the next keys that seal and index personal data; programs write with them from ten minutes later on. Prints
    /// one JSON line: the files to bring to every node, and from when on they are written with.
    RotateDataKeys {
        /// Make a key that goes into every password's hash as well, where there is none yet.
        #[arg(long)]
        with_pepper: bool,
    },
    /// Seal and index personal data anew under the keys in use, while the platform serves; broken off, it goes on where it
    /// was. Prints one JSON line: what changed, what is left, which key files nothing needs any more.
    Reseal,
    /// Make the next key that signs certificates and checkpoints; it signs from ten minutes later on, and what earlier keys
    /// signed holds. Prints one JSON line: the files to bring to every node, and from when on it signs.
    RotateSigningKey,
    /// Replace the key of MACs after a leak, while no program of the platform runs: compares the chains with their checkpoints,
    /// then vouches for them anew. Broken off, run it again. Prints one JSON line: how many heads, which secrets hold no more,
    /// where the replaced key lies.
    ReplaceMacKey,
    /// Make a new key for the tokens of OpenID Connect; it signs in ten minutes, and the old one stays published for a day
    /// after. Prints the new key's id.
    RotateKeys,
}

pub(super) fn run(command: Admin) -> Done {
    let config = Config::load(None)?;
    if let Admin::CreateCa { organisation, suite } = &command {
        let suite =
            secrets::Suite::parse(suite).ok_or_else(|| Fault(format!("{suite} is no suite: p256 or sm2")))?;
        return create_ca(&config, (organisation, suite));
    }
    if let Admin::CourseManager { name } = &command {
        return block_on(async {
            let site = compose::provider_site(&config, &Nature::default(), name).await?;
            print(link::invite_manager(&site).await?.as_bytes())
        });
    }
    block_on(async {
        let site = compose::hub_site(&config, &Nature::default(), None).await?;
        match command {
            Admin::Create { account, name, role, unit } => {
                let role = Role::from_code(&role).ok_or_else(|| Fault(format!("{role} is no role")))?;
                let secret = create(&site, (&account, &name), role, &unit).await?;
                print(secret.as_bytes())
            }
            Admin::Provider { name, redirect_uris: redirect, post_logout, backchannel, title, telephone } => {
                let addresses = openid::Addresses { redirect, post_logout, backchannel };
                let listing = Listing { title, telephone, ..Listing::default() };
                let enrolled = enrol(&site, &name, &addresses, &listing).await?;
                print(enrolled.json().to_string().as_bytes())
            }
            Admin::RotateDataKeys { with_pepper } => {
                let made =
                    operations::rotate(&site, with_pepper).await.map_err(|e| begins_later(&site, e))?;
                print_keys(&made)
            }
            Admin::ReplaceMacKey => {
                if !site.keys.is_replacing_mac() {
                    super::audit::whole(&site).await?;
                }
                let done = operations::replace_mac(&site).await?;
                print(serde_json::to_string(&done).map_err(base::Error::internal)?.as_bytes())
            }
            Admin::RotateSigningKey => print_keys(&operations::rotate_signing(&site).await?),
            Admin::Reseal => {
                let done = operations::reseal(&site, operations::PORTION, |_| Ok(())).await;
                let done = done.map_err(|e| begins_later(&site, e))?;
                print(serde_json::to_string(&done).map_err(base::Error::internal)?.as_bytes())
            }
            Admin::RotateKeys => print(openid::rotate_keys(&site).await?.as_bytes()),
            Admin::CreateCa { .. } | Admin::CourseManager { .. } => Ok(()),
        }
    })
}

/// Where new keys lie and when they begin, as one JSON line.
fn print_keys(made: &operations::NewKeys) -> Done {
    let begins = base::day::rfc3339(made.begins);
    print(serde_json::json!({"files": made.files, "begins": begins}).to_string().as_bytes())
}

/// Says when keys that were made begin, where that is what is waited for.
fn begins_later(site: &Site, error: base::Error) -> Fault {
    if error.code() != "keys_not_begun" {
        return error.into();
    }
    let begins = site.keys.begins().or(site.keys.sealing().1);
    let begins = begins.map(base::day::rfc3339).unwrap_or_default();
    Fault(format!(
        "the newest keys begin to write at {begins}; personal data is sealed anew from a minute later on"
    ))
}

/// Makes authority and seal in the folder of the keys; a seal that signed already is never replaced.
fn create_ca(config: &Config, organisation: (&str, secrets::Suite)) -> Done {
    let nature = Nature::default();
    let folder = config.data_dir.join("keys");
    match secrets::authority::create(&folder, organisation, nature.clock.now(), &*nature.random) {
        Ok(()) => print(folder.join("document-ca.pem").display().to_string().as_bytes()),
        Err(e) if e.code() == "ca_exists" => {
            Err(Fault(format!("{} holds an authority already", folder.display())))
        }
        Err(e) => Err(e.into()),
    }
}

/// Makes person, account and role; answers a one-time password.
pub async fn create(
    site: &Site,
    (account, name): (&str, &str),
    role: Role,
    unit: &str,
) -> base::Result<String> {
    let kind = if role == Role::Authority { UnitKind::Authority } else { UnitKind::Unit };
    let tx = site.db.begin().await?;
    let unit = org::ensure(site, &tx, NewUnit { code: unit.into(), name: unit.into(), kind }).await?;
    let person = org::add_person(site, &tx, unit.id, name).await?;
    accounts::create(site, &tx, person, account).await?;
    accounts::grant(site, &tx, person, (role, unit.id), None).await?;
    let deed = audit::Deed {
        actor: None,
        action: "account.create",
        object: &person.to_string(),
        unit_path: &unit.path,
        details: serde_json::json!({"role": role, "by": "command line"}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(accounts::reset_password(site, person, None, ("created on the command line", &unit.path)).await?.0)
}
