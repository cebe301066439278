//! `xueshi import roster`: the web import from the command line.
use std::path::PathBuf;

use clap::Subcommand;

use super::{Done, Fault, block_on, check::print};
use crate::{
    compose::{self, Nature},
    config::Config,
};

#[derive(Subcommand)]
pub(crate) enum Import {
    /// Import a roster (xlsx or csv) into a unit, all or nothing.
    Roster {
        /// The file.
        file: PathBuf,
        /// The unit's code.
        #[arg(long)]
        unit: String,
        /// Only say what would happen.
        #[arg(long)]
        dry_run: bool,
    },
}

pub(super) fn run(Import::Roster { file, unit, dry_run }: Import) -> Done {
    let bytes = std::fs::read(&file).map_err(|e| Fault(format!("{}: {e}", file.display())))?;
    let config = Config::load(None)?;
    block_on(async {
        let site = compose::hub_site(&config, &Nature::default(), None).await?;
        let unit =
            org::by_code(&site.db, &unit).await.map_err(|_| Fault(format!("there is no unit {unit}")))?;
        let outcome =
            org::import_file(&site, &unit, bytes, org::How { is_dry_run: dry_run, ..org::How::default() })
                .await?;
        let text = |key: String| site.texts.get(&key);
        let errors: Vec<_> = outcome
            .errors
            .iter()
            .map(|e| {
                serde_json::json!({
                    "row": e.row, "column": text(format!("column-{}", e.column)), "code": e.code,
                    "message": e.text(&site.texts),
                })
            })
            .collect();
        let line = serde_json::json!({
            "rows": outcome.rows, "created": outcome.created, "updated": outcome.updated, "errors": errors,
        });
        print(line.to_string().as_bytes())?;
        if outcome.errors.is_empty() {
            Ok(())
        } else {
            Err(Fault("the roster has errors; nothing was imported".into()))
        }
    })
}
