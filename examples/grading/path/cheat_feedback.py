# Writes the checker's files, in a tree that the checker never sees.
import os

for folder in ["feedback_dir", "/feedback_dir", "/judge", "/output_validators"]:
    os.makedirs(folder, exist_ok=True)
    for name, text in [("score.txt", "10"), ("judgemessage.txt", "right"), ("check.py", "import sys; sys.exit(42)")]:
        with open(f"{folder}/{name}", "w") as file:
            file.write(text)
print("none at all")
