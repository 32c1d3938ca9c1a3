"""Files and directories by way of the standard library."""

import hashlib
import os
import shutil
import tempfile

os.makedirs("/a/b/c")
for number in range(30):
    with open(f"/a/b/{number:02}.txt", "w") as file:
        file.write("line\n" * number)
os.symlink("b", "/a/link")
shutil.copytree("/a/b", "/copy")
os.rename("/copy/07.txt", "/copy/c/moved")
for folder, folders, files in os.walk("/"):
    for name in files:
        path = os.path.join(folder, name)
        about = os.stat(path)
        print(path, about.st_size, about.st_mtime_ns, about.st_ino, about.st_nlink)
print(os.listdir("/a"), os.readlink("/a/link"))
with open("/a/link/09.txt", "rb+") as file:
    file.seek(1 << 20)
    file.write(b"far away")
    file.seek(0)
    print(hashlib.sha256(file.read()).hexdigest())
os.mkdir("/tmp")
with tempfile.NamedTemporaryFile("w", delete=False) as file:
    file.write("kept")
    print(file.name)
shutil.rmtree("/copy")
for path in ["/missing", "/a", "/a/b/00.txt/x"]:
    try:
        open(path)
    except OSError as error:
        print(type(error).__name__, error.errno, error)
