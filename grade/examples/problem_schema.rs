//! Prints the JSON Schema of problem.toml, which `cargo xtask generate` keeps as docs/schema/problem.json.

fn main() {
    print!("{}", grade::problem_schema());
}
