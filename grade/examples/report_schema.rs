//! Prints the JSON Schema of reports, which `cargo xtask generate` keeps as docs/schema/report.json.

fn main() {
    print!("{}", grade::report_schema());
}
