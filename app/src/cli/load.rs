//! `xueshi load`: bounded load against a platform of one's own; one JSON summary on stdout.
mod crowd;
mod heartbeats;
mod http;
mod pages;
mod records;
mod seen;
mod training_records;
mod year_end;

use clap::{Args, Subcommand};
use url::Url;

use super::{Done, Fault, block_on};
use crate::config::Config;

#[derive(Subcommand)]
pub(crate) enum Load {
    /// Heartbeats of many learners at a course platform, whose database the configuration names (`XUESHI_DATABASE_URL`).
    Heartbeats(Bounds),
    /// The pages that people open, at a management platform whose database the configuration names.
    Pages(Bounds),
    /// The last day of the year there: looking, claiming, asking for the certificate, signing in, all at once.
    YearEnd(Bounds),
    /// Statements at an xAPI Learning Record Store, ours or another: written one by one, in batches, or asked for.
    Records(records::Store),
    /// Training records of 12 credits for `xueshi assess`, one JSON object a line, on stdout; the same for the same seed.
    TrainingRecords {
        /// How many.
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
        count: u64,
        /// The training year; its policy is `policies/hunan-<year>.toml`.
        #[arg(long, default_value_t = 2023)]
        year: u16,
        /// The same seed makes the same records.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

/// How much load, and where.
#[derive(Args)]
pub(crate) struct Bounds {
    /// The platform's address.
    #[arg(long)]
    url: Url,
    /// How many clients at a time.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    clients: u32,
    /// For so many seconds.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    seconds: u32,
    /// At most so many a second in all; as many as go without it.
    #[arg(long)]
    rate: Option<u32>,
    /// Allow an address beyond this machine.
    #[arg(long)]
    anywhere: bool,
}

pub(super) fn run(load: &Load) -> Done {
    match load {
        Load::TrainingRecords { count, year, seed } => training_records::run(*count, *year, *seed),
        Load::Records(store) => {
            refuse_far(&store.bounds)?;
            block_on(records::run(store))
        }
        Load::Heartbeats(bounds) => {
            let config = near(bounds)?;
            block_on(heartbeats::run(&config, bounds))
        }
        Load::Pages(bounds) => {
            let config = near(bounds)?;
            block_on(crowd::run(&config, bounds, pages::step))
        }
        Load::YearEnd(bounds) => {
            let config = near(bounds)?;
            block_on(crowd::run(&config, bounds, year_end::step))
        }
    }
}

/// The configuration for a load on an address that may be loaded.
fn near(bounds: &Bounds) -> Result<Config, Fault> {
    refuse_far(bounds)?;
    Ok(Config::load(None)?)
}

/// Load goes to this machine unless another is asked for.
fn refuse_far(bounds: &Bounds) -> Done {
    let is_near = match bounds.url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    if is_near || bounds.anywhere {
        return Ok(());
    }
    Err(Fault("the address is not on this machine; --anywhere allows it".into()))
}
