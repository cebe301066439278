//! The command line (contract). Exit codes: 0 done, 1 the input or the state is at fault, 2 usage.
mod admin;
mod assess;
mod audit;
mod backup;
mod check;
mod doctor;
mod document;
mod import;
mod load;
mod policy;
mod seed;
mod serve;
mod stats;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::config::Config;

/// Xueshi: the yearly training of public-institution staff.
#[derive(Parser)]
#[command(name = "xueshi", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the management platform.
    Serve {
        /// A TOML file.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Run one course-provider platform.
    Provider {
        /// Which one.
        #[arg(long)]
        name: String,
        /// A TOML file.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Run the management platform and three providers with the notice's case.
    Demo {
        /// Where the demo keeps its data.
        #[arg(long, default_value = "./data")]
        data: PathBuf,
        /// The management platform's port; the providers take the next three.
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Print one JSON line when all four are ready.
        #[arg(long)]
        json: bool,
    },
    /// Bootstrap accounts and providers.
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Read training records, one JSON object a line; print each assessment.
    Assess {
        /// The policy.
        #[arg(long)]
        policy: PathBuf,
    },
    /// Read passwords, one a line; print what is wrong with each.
    CheckPassword(check::PasswordArgs),
    /// Read lock scenarios, one JSON object a line; print their outcomes.
    CheckLockout,
    /// Work on document templates.
    #[command(subcommand)]
    Document(document::Document),
    /// Work on policy files.
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Import files.
    #[command(subcommand)]
    Import(import::Import),
    /// Work on ledger and audit trail.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Put load on a platform of one's own.
    #[command(subcommand)]
    Load(load::Load),
    /// Copy database, keys and files into an empty folder, while serving.
    Backup {
        /// The folder.
        folder: PathBuf,
    },
    /// Put a backup into an empty data folder and an empty database.
    Restore {
        /// The backup's folder.
        folder: PathBuf,
    },
    /// Make a synthetic province for load tests.
    Seed(seed::Seed),
    /// Work on the figures.
    #[command(subcommand)]
    Stats(stats::Stats),
    /// Check fonts, database, storage, clock; say what to do about each failure.
    Doctor,
}

/// Why a command failed: one line for the terminal.
#[derive(Debug)]
pub(crate) struct Fault(pub String);

impl<E: std::fmt::Display> From<E> for Fault {
    fn from(e: E) -> Self {
        Self(e.to_string().replace('\n', " "))
    }
}

type Done = Result<(), Fault>;

pub use admin::create as create_account;
pub(crate) use serve::log_to_stderr;

/// Writes a line to stdout.
pub(crate) fn print_line(line: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Runs the command of the process's arguments.
pub fn run() -> ExitCode {
    let _ = rustls::crypto::ring::default_provider().install_default();
    match execute(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Fault(message)) => {
            tell(&message);
            ExitCode::from(1)
        }
    }
}

#[expect(clippy::print_stderr, reason = "the terminal is where a command answers")]
fn tell(message: &str) {
    if !message.is_empty() {
        eprintln!("xueshi: {message}");
    }
}

fn execute(command: Command) -> Done {
    match command {
        Command::Serve { config } => serve::hub(&Config::load(config.as_deref())?),
        Command::Provider { name, config } => serve::provider(&name, &Config::load(config.as_deref())?),
        Command::Demo { data, port, json } => crate::demo::run(&data, port, json),
        Command::Admin(command) => admin::run(command),
        Command::Assess { policy } => assess::run(&policy),
        Command::CheckPassword(args) => check::passwords(&args),
        Command::CheckLockout => check::lockouts(),
        Command::Document(command) => document::run(&command),
        Command::Policy(command) => policy::run(&command),
        Command::Import(command) => import::run(command),
        Command::Audit(command) => audit::run(&command),
        Command::Load(command) => load::run(&command),
        Command::Backup { folder } => backup::backup(&folder),
        Command::Restore { folder } => backup::restore(&folder),
        Command::Seed(seed) => seed::run(&seed),
        Command::Stats(command) => stats::run(&command),
        Command::Doctor => doctor::run(),
    }
}

/// Runs asynchronous work of a command.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
