//! C and C++: compile, link and run. The runtime is installed by the first test that needs it.

mod common;

use common::{Folder, archived, names};

#[test]
fn a_c_program_gets_its_arguments_environment_and_input() {
    let folder = Folder::new();
    folder.write(
        "prog.c",
        r#"#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
    char line[64];
    for (int i = 1; i < argc; i++) printf("%s.", argv[i]);
    printf("%s.%s", getenv("A"), fgets(line, sizeof line, stdin));
    fprintf(stderr, "said\n");
    return 42;
}
"#,
    );
    let ran = folder.run_with(["run", "--env", "A=b", "prog.c", "one", "", "--three"], b"input\n");
    assert_eq!(
        (ran.status, ran.stdout().as_str()),
        (Some(42), "one..--three.b.input\n"),
        "{}",
        ran.stderr()
    );
    assert_eq!(ran.stderr(), "said\n");
}

#[test]
fn a_compile_error_names_the_users_file_and_ends_with_1() {
    let folder = Folder::new();
    folder.write("sub/my prog.c", "int main(void) { return undeclared; }\n");
    let ran = folder.run(["run", "sub/my prog.c"]);
    assert_eq!((ran.status, ran.stdout().as_str()), (Some(1), ""), "{}", ran.stderr());
    assert!(ran.stderr().contains("my prog.c:1:25: error: "), "{}", ran.stderr());
    assert!(ran.stderr().contains("1 error generated."), "{}", ran.stderr());
    assert!(!ran.stderr().contains('\x1b'), "no colour where there is no terminal");
}

#[test]
fn a_warning_does_not_stop_the_program() {
    let folder = Folder::new();
    folder.write(
        "prog.c",
        "#include <stdio.h>\n#warning beware\nint main(void) { puts(\"ran\"); }\n",
    );
    let ran = folder.run(["run", "prog.c"]);
    assert_eq!((ran.status, ran.stdout().as_str()), (Some(0), "ran\n"));
    assert!(ran.stderr().contains("prog.c:2:2: warning: beware"), "{}", ran.stderr());
}

#[test]
fn a_missing_function_is_a_link_error() {
    let folder = Folder::new();
    folder.write("prog.c", "void missing(void);\nint main(void) { missing(); }\n");
    let ran = folder.run(["run", "prog.c"]);
    assert_eq!((ran.status, ran.stdout().as_str()), (Some(1), ""));
    assert!(ran.stderr().contains("missing"), "{}", ran.stderr());
}

#[test]
fn a_failed_assertion_traps_and_says_which() {
    let folder = Folder::new();
    folder.write("prog.c", "#include <assert.h>\nint main(void) { assert(1 + 1 == 3); }\n");
    let ran = folder.run(["run", "prog.c"]);
    assert_eq!(ran.status, Some(134), "{}", ran.stderr());
    assert!(ran.stderr().contains("1 + 1 == 3"), "{}", ran.stderr());
    assert!(ran.stderr().contains("stepwell: trap: "), "{}", ran.stderr());
    assert!(ran.stderr().contains("main (function"), "{}", ran.stderr());
}

#[test]
fn the_program_sees_its_own_files_and_the_difference_is_what_it_wrote() {
    let folder = Folder::new();
    folder.write("host/data", "from the host");
    folder.write(
        "prog.c",
        r#"#include <stdio.h>
#include <errno.h>
int main(void) {
    char text[64] = "";
    FILE *in = fopen("/d/data", "r"), *out = fopen("/made", "w");
    if (!in || !out) return 1;
    fprintf(out, "%s", fgets(text, sizeof text, in));
    fclose(out);
    return fopen("/missing", "r") || errno != ENOENT;
}
"#,
    );
    let ran = folder.run(["run", "--dir", "host::/d", "--save-diff", "out.tar", "prog.c"]);
    assert_eq!(ran.succeeds(), "");
    let expected = [("made".to_string(), b"from the host".to_vec())];
    assert_eq!(archived(&folder.read("out.tar")), expected);
}

#[test]
fn no_file_of_the_compilers_work_is_left() {
    let folder = Folder::new();
    folder.write("prog.c", "int main(void) { return 0; }\n");
    assert_eq!(folder.run(["run", "--save-fs", "out.tar", "prog.c"]).succeeds(), "");
    let names = names(&folder.read("out.tar"));
    assert!(names.iter().any(|name| name == "prog.c"), "{names:?}");
    assert!(!names.iter().any(|name| name.contains(".stepwell-")), "{names:?}");
}

#[test]
fn a_program_may_be_called_as_the_compilers_own_files_are() {
    let folder = Folder::new();
    for name in [".stepwell-object", ".stepwell-output", "a.out", "with space.c"] {
        folder.write(name, "int main(void) { return 3; }\n");
        let ran = folder.run(["run", "--runtime", "clang", "--", name]);
        assert_eq!(ran.status, Some(3), "{name}: {}", ran.stderr());
    }
}

#[test]
fn the_older_clang_runs_c_too() {
    let folder = Folder::new();
    folder.write("prog.c", "#include <stdio.h>\nint counter;\nint main(void) { printf(\"%d %d\\n\", __clang_major__, counter); return 6; }\n");
    let ran = folder.run(["run", "--runtime", "clang@8", "prog.c"]);
    assert_eq!((ran.status, ran.stdout().as_str()), (Some(6), "8 0\n"), "{}", ran.stderr());
}

#[test]
fn a_cpp_program_uses_the_standard_library() {
    let folder = Folder::new();
    folder.write(
        "prog.cpp",
        r#"#include <algorithm>
#include <iostream>
#include <map>
#include <string>
#include <vector>
int main(int argc, char **argv) {
    std::vector<int> numbers;
    for (int n; std::cin >> n;) numbers.push_back(n);
    std::sort(numbers.begin(), numbers.end());
    std::map<std::string, int> sizes{{argv[1], argc}};
    for (const auto &[name, size] : sizes) std::cout << name << size;
    for (int n : numbers) std::cout << ' ' << n;
    std::cerr << "said" << std::endl;
    return 5;
}
"#,
    );
    let ran = folder.run_with(["run", "prog.cpp", "x"], b"3 1 2");
    assert_eq!((ran.status, ran.stdout().as_str()), (Some(5), "x2 1 2 3"), "{}", ran.stderr());
    // The first program on a machine says that it compiles the headers.
    assert!(ran.stderr().ends_with("said\n"), "{}", ran.stderr());

    folder.write("bad.cc", "#include <iostream>\nint main() { std::cout << undeclared; }\n");
    let ran = folder.run(["run", "bad.cc"]);
    assert_eq!(ran.status, Some(1), "{}", ran.stderr());
    assert!(ran.stderr().contains("bad.cc:2:27: error: "), "{}", ran.stderr());
}

#[test]
fn a_source_name_is_never_an_option() {
    let folder = Folder::new();
    folder.write("-o.c", "#include <stdio.h>\nint main(void) { puts(\"ran\"); }\n");
    let ran = folder.run(["run", "--", "-o.c"]);
    assert_eq!((ran.status, ran.stdout().as_str()), (Some(0), "ran\n"), "{}", ran.stderr());
}

#[test]
fn a_program_without_main_is_told_so_and_its_files_are_kept() {
    let folder = Folder::new();
    folder.write("empty.c", "");
    let ran = folder.run(["run", "--save-fs", "out.tar", "empty.c"]);
    assert_eq!(ran.status, Some(1));
    assert_eq!(ran.stderr(), "stepwell: empty.c: undefined symbol: main\n");
    assert!(folder.path().join("out.tar").is_file());
}
