//! The programs of the folder `examples` print what the README and they themselves say.

mod common;

use common::Folder;

#[test]
fn each_example_greets() {
    let cases = [
        ("hello.py", "Hello from Python 3.12.0, inside a sandbox on wasi.\n"),
        ("hello.rb", "Hello from Ruby 3.2.0, inside a sandbox on wasm32-wasi.\n"),
        ("hello.js", "Hello from JavaScript. 25! is 15511210043330985984000000.\n"),
        ("hello.php", "Hello from PHP 8.2.0, inside a sandbox on Linux.\n"),
        ("hello.sql", "Hello from SQLite 3.26.0.\nC is from 1972.\nSQL is from 1974.\n"),
        ("hello.c", "Hello from C, compiled by clang 22 inside the same sandbox.\n"),
        ("hello.cpp", "Hello, C++!\nHello, sandbox!\nHello, world!\n"),
    ];
    let folder = Folder::new();
    for (name, greeting) in cases {
        let path = format!("{}/../examples/{name}", env!("CARGO_MANIFEST_DIR"));
        let ran = folder.run(["run", &path]);
        assert_eq!((ran.status, ran.stdout().as_str()), (Some(0), greeting), "{}", ran.stderr());
    }
}
