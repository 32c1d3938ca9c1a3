"""Makes 2000 files in 20 folders, reads, renames and removes them."""

import os

FOLDERS, FILES = 20, 100
top = "many"
os.mkdir(top)
for folder in range(FOLDERS):
    os.mkdir(f"{top}/{folder}")
    for number in range(FILES):
        with open(f"{top}/{folder}/{number}", "wb") as file:
            file.write(bytes([folder, number]) * (number + 1))

read = 0
for folder in range(FOLDERS):
    for name in os.listdir(f"{top}/{folder}"):
        with open(f"{top}/{folder}/{name}", "rb") as file:
            read += len(file.read())
        os.rename(f"{top}/{folder}/{name}", f"{top}/{folder}/{name}.old")

size = sum(os.stat(f"{path}/{name}").st_size for path, _, names in os.walk(top) for name in names)
removed = 0
for path, folders, names in os.walk(top, topdown=False):
    for name in names:
        os.remove(f"{path}/{name}")
        removed += 1
    os.rmdir(path)
print(read, size, removed, os.path.exists(top))
