//! Everything of `std::fs` that compiles for WASI. The directory has `f` with "text", `d` with `d/g` in it, and the
//! link `l` to `f`; on a read-only mount each change is refused and the rest goes on.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use stepwell_guests::{show, tell};

fn main() {
    reading();
    writing();
    seeking();
    directories();
    links();
    attributes();
    refused();
}

fn names(path: &str) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let letter = if kind.is_dir() {
            'd'
        } else if kind.is_symlink() {
            'l'
        } else {
            'f'
        };
        names.push(format!("{letter} {}", entry.file_name().to_string_lossy()));
    }
    // The order of a directory in memory is that of its making, and of one of the host that of the names.
    names.sort();
    Ok(names)
}

fn reading() {
    tell("read", fs::read_to_string("f"));
    tell("read by the link", fs::read_to_string("/l"));
    tell("read what is missing", fs::read("nx"));
    tell("read below a file", fs::read("f/x"));
    tell("read a directory", fs::read("d"));
    tell("read above the root", fs::read("../etc/passwd"));
    tell("list the root", names("/"));
    tell("list a directory", names("d"));
    tell("list a file", names("f"));
    tell("exists", fs::exists("d/g"));
    tell("exists not", fs::exists("d/nx"));
}

fn writing() {
    tell("create", File::create("new").map(drop));
    tell("write", fs::write("new", "0123456789"));
    tell("create_new on a name that is taken", File::create_new("f").map(drop));
    tell("create_new", File::create_new("newer").map(drop));
    let appended = OpenOptions::new().append(true).open("new").and_then(|mut file| {
        file.seek(SeekFrom::Start(0))?;
        file.write_all(b"AB")?;
        file.stream_position()
    });
    tell("append", appended);
    tell("read what was appended", fs::read_to_string("new"));
    let truncated = OpenOptions::new().write(true).open("new").and_then(|file| {
        file.set_len(4)?;
        file.sync_all()?;
        file.sync_data()?;
        file.metadata().map(|stat| stat.len())
    });
    tell("set_len", truncated);
    let grown = OpenOptions::new().read(true).write(true).open("new").and_then(|mut file| {
        file.set_len(6)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    tell("set_len behind the end", grown);
    tell("truncate", OpenOptions::new().write(true).truncate(true).open("new").map(drop));
    tell("read nothing", fs::read_to_string("new"));
    tell("write without the right", File::open("f").and_then(|mut file| file.write(b"x")));
    tell("copy", fs::copy("f", "copy"));
    tell("read the copy", fs::read_to_string("copy"));
    tell("remove_file", fs::remove_file("copy"));
    tell("remove_file of nothing", fs::remove_file("copy"));
    tell("remove_file of a directory", fs::remove_file("d"));
    tell("remove_file of one more", fs::remove_file("newer"));
}

fn seeking() {
    let at = |from| File::open("f").and_then(|mut file| file.seek(from));
    tell("seek from the start", at(SeekFrom::Start(3)));
    tell("seek from the end", at(SeekFrom::End(-1)));
    tell("seek from here", at(SeekFrom::Current(2)));
    tell("seek far", at(SeekFrom::Start(1 << 40)));
    tell("seek before the start", at(SeekFrom::End(-9)));
    let rest = File::open("f").and_then(|mut file| {
        file.seek(SeekFrom::Start(2))?;
        io::read_to_string(file)
    });
    tell("read from an offset", rest);
    let sparse = File::create("sparse").and_then(|mut file| {
        file.seek(SeekFrom::Start(1 << 33))?;
        file.write_all(b"!")?;
        file.metadata().map(|stat| stat.len())
    });
    tell("write far behind the end", sparse);
    tell("remove what is large", fs::remove_file("sparse"));
}

fn directories() {
    tell("create_dir", fs::create_dir("made"));
    tell("create_dir again", fs::create_dir("made"));
    tell("create_dir below nothing", fs::create_dir("nx/made"));
    tell("create_dir_all", fs::create_dir_all("made/a/b/c"));
    let many = (0..300).try_for_each(|index| fs::write(format!("made/a/{index:03}"), b""));
    tell("write 300 files", many);
    tell("list 301 entries", names("made/a").map(|names| names.len()));
    tell("remove_dir of a full one", fs::remove_dir("made"));
    tell("rename a directory", fs::rename("made", "moved"));
    tell("rename into itself", fs::rename("moved", "moved/a/moved"));
    tell("list what was moved", names("moved"));
    tell("remove_dir", fs::remove_dir("moved/a/b/c"));
    tell("remove_dir_all", fs::remove_dir_all("moved"));
    tell("remove_dir_all of a file", fs::remove_dir_all("f/"));
    tell("is there anything left", fs::exists("moved"));
    tell("rename a file", fs::rename("f", "g"));
    tell("rename it back", fs::rename("g", "f"));
    tell("rename onto a directory", fs::rename("f", "d"));
    tell("rename a directory onto a file", fs::rename("d", "f"));
    tell("rename nothing", fs::rename("nx", "ny"));
}

/// For those functions of which the standard library has only a version of its own for WASI, not yet stable, the C
/// library is called.
fn symlink(target: &str, name: &str) -> io::Result<()> {
    unsafe extern "C" {
        safe fn symlink(target: &CPath, name: &CPath) -> i32;
    }
    if symlink(&CPath::new(target), &CPath::new(name)) == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// A path of less than 64 bytes and the NUL behind it.
#[repr(C)]
struct CPath([u8; 64]);

impl CPath {
    fn new(path: &str) -> Self {
        let mut bytes = [0; 64];
        bytes[..path.len()].copy_from_slice(path.as_bytes());
        Self(bytes)
    }
}

fn links() {
    tell("hard_link", fs::hard_link("f", "f2"));
    tell("write by one name", fs::write("f2", "both"));
    tell("read by the other", fs::read_to_string("f"));
    tell("write as it was", fs::write("f", "text"));
    tell("hard_link of a directory", fs::hard_link("d", "d2"));
    tell("hard_link onto a name that is taken", fs::hard_link("f", "l"));
    tell("remove one name", fs::remove_file("f2"));
    tell("symlink", symlink("d/g", "s"));
    tell("symlink to the outside", symlink("../out", "out"));
    tell("symlink to an absolute path", symlink("/f", "absolute"));
    tell("read_link", fs::read_link("s"));
    tell("read_link of a file", fs::read_link("f"));
    tell("read through it", fs::read_to_string("s"));
    tell("read what is outside", fs::read("out"));
    tell("symlink_metadata", fs::symlink_metadata("l").map(|stat| (stat.is_symlink(), stat.len())));
    tell("metadata through it", fs::metadata("l").map(|stat| (stat.is_file(), stat.len())));
    tell("remove a link", fs::remove_file("s"));
    tell("remove another", fs::remove_file("out"));
    tell("what it led to is there", fs::exists("d/g"));
}

fn attributes() {
    let kind = |path| fs::metadata(path).map(|stat| (stat.is_dir(), stat.is_file(), stat.len()));
    tell("metadata of a file", kind("f"));
    tell("metadata of a directory is one", fs::metadata("d").map(|stat| stat.is_dir()));
    tell("metadata of nothing", kind("nx"));
    tell("metadata below a file", kind("f/."));
    let at = UNIX_EPOCH + Duration::new(1_000_000_000, 7);
    let set = OpenOptions::new()
        .write(true)
        .open("f")
        .and_then(|file| file.set_times(FileTimes::new().set_modified(at).set_accessed(at)));
    tell("set_times", set);
    let times =
        fs::metadata("f").and_then(|stat| Ok((stat.modified()? == at, stat.accessed()? == at)));
    tell("the times that were set", times);
    let open = File::open("f").and_then(|file| file.metadata()).map(|stat| stat.len());
    tell("metadata of what is open", open);
}

fn refused() {
    let permissions = fs::metadata("f").map(|stat| stat.permissions());
    tell(
        "set_permissions",
        permissions.and_then(|mut permissions| {
            permissions.set_readonly(true);
            fs::set_permissions("f", permissions)
        }),
    );
    tell("a path with a NUL", fs::read("a\0b"));
    tell("an empty path", fs::read(""));
    tell("a name of 256 bytes", fs::read("n".repeat(256)));
    show("a path of 5000 bytes is an error", fs::read("n/".repeat(2500)).is_err());
    show("the parent of a path", Path::new("a/b").parent());
}
