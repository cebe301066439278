//! `xueshi stats`: making results and figures anew, and comparing them with a full assessment.
use base::Year;
use clap::{Args, Subcommand};

use super::{Done, Fault, block_on, check::print};
use crate::{
    compose::{self, Nature},
    config::Config,
};

#[derive(Subcommand)]
pub(crate) enum Stats {
    /// Assess everyone in full and keep the results.
    Rebuild(Years),
    /// Compare what is kept with a full assessment; names those who differ.
    Verify(Years),
}

#[derive(Args)]
pub(crate) struct Years {
    /// One training year; all published ones without it.
    #[arg(long)]
    year: Option<i64>,
}

pub(super) fn run(command: &Stats) -> Done {
    let config = Config::load(None)?;
    block_on(async {
        let site = compose::hub_site(&config, &Nature::default(), None).await?;
        let mut differing = 0;
        let (Stats::Rebuild(asked) | Stats::Verify(asked)) = command;
        let years = match asked.year {
            None => hours::published_years(&site.db).await?,
            Some(year) => vec![Year::new(year).ok_or_else(|| Fault(format!("{year} is no training year")))?],
        };
        for year in years {
            match command {
                Stats::Rebuild(_) => {
                    let people = statistics::rebuild(&site, year).await?;
                    supervision::count(&site, year).await?;
                    print(format!("{year}: {people} people").as_bytes())?;
                }
                Stats::Verify(_) => {
                    let found = statistics::verify(&site, year).await?;
                    for d in &found {
                        print(
                            format!("{year}: {} differs: {:?}, should be {:?}", d.person, d.kept, d.assessed)
                                .as_bytes(),
                        )?;
                    }
                    let drifts = statistics::verify_figures(&site, year).await?;
                    for drift in &drifts {
                        print(format!("{year}: {drift}").as_bytes())?;
                    }
                    differing += found.len() + drifts.len();
                }
            }
        }
        if differing == 0 { Ok(()) } else { Err(Fault(format!("{differing} results differ"))) }
    })
}
