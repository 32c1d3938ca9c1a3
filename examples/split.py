"""Writes each line of standard input to a file of its own, named in /out after the line's number."""

import os
import sys

os.mkdir("/out")
for number, line in enumerate(sys.stdin, start=1):
    with open(f"/out/{number}.txt", "w") as out:
        out.write(line)
print(sorted(os.listdir("/out")))
