//! Prints the JSON Schema of a format: `problem`, `stepwell`, `report`, `results` or `calibration`. `cargo xtask generate` keeps them in
//! docs/schema.

use std::process::ExitCode;

fn main() -> ExitCode {
    let schema = match std::env::args().nth(1).as_deref() {
        Some("problem") => grade::problem_schema(),
        Some("stepwell") => grade::tuning_schema(),
        Some("report") => grade::report_schema(),
        Some("results") => grade::results_schema(),
        Some("calibration") => grade::calibration_schema(),
        _ => {
            eprintln!("schema problem|stepwell|report|results|calibration");
            return ExitCode::from(2);
        }
    };
    print!("{schema}");
    ExitCode::SUCCESS
}
