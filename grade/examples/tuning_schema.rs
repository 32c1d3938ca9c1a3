//! Prints the JSON Schema of stepwell.toml, which `cargo xtask generate` keeps as docs/schema/stepwell.json.

fn main() {
    print!("{}", grade::tuning_schema());
}
