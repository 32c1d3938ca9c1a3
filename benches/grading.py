#!/usr/bin/env python3
"""How many cases `stepwell grade` grades in a second of one core, beside running programs natively with `subprocess`.

    python3 benches/grading.py target/release/stepwell [--cases 400]

Each program is graded on two numbers of cases, with one worker and without the cache. Their difference is what cases take:
starting the program, installing, compiling and warming are in both. Time is processor time of the program and its children,
and, in brackets, real time; on a machine that does something else the latter says little. Prints a table in Markdown.
"""

import argparse
import functools
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs" / "grading"
WORDS = "the quick brown fox jumps over a lazy dog and then it rests for the rest of the day".split()


def addition(number):
    return f"{number} {number * 7}\n", f"{number * 8}\n"


def text(number):
    """About 2000 words, other ones in each case."""
    words = [WORDS[(at * at + number) % len(WORDS)] + str(at % 50) * (at % 3 == 0) for at in range(2000)]
    lines = [" ".join(words[at : at + 12]) + "." for at in range(0, len(words), 12)]
    counts = Counter(word.strip(".,;:!?") for line in lines for word in line.split())
    ranks = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:20]
    return "\n".join(lines) + "\n", "".join(f"{count:5} {word}\n" for word, count in ranks)


@functools.cache
def accounts():
    command = [sys.executable, "-I", PROGRAMS / "accounts.py"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def nothing(_):
    """A program that reads nothing."""
    return "", accounts()


def write_problem(folder, case, count):
    (folder / "cases").mkdir(parents=True)
    (folder / "problem.toml").write_text('inputs = ["cases/*.in"]\n[checker]\ntype = "lines"\n')
    for number in range(count):
        given, answer = case(number)
        (folder / "cases" / f"{number:05}.in").write_text(given)
        (folder / "cases" / f"{number:05}.ans").write_text(answer)


def timed(action):
    """Processor time of what is waited for, and real time."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    action()
    after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, end - start


def graded(stepwell, program, case, count):
    """Seconds of each case."""
    times = []
    for cases in (count // 4, count + count // 4):
        with tempfile.TemporaryDirectory() as folder:
            problem = Path(folder) / "problem"
            write_problem(problem, case, cases)
            command = [stepwell, "grade", problem, program, "--no-cache", "--jobs", "1"]

            def grade():
                run = subprocess.run(command, capture_output=True, text=True)
                if run.returncode != 0:
                    sys.exit(f"{program.name} was not accepted:\n{run.stdout}{run.stderr}")

            times.append(timed(grade))
    return [(many - few) / count for few, many in zip(*times)]


def native(command, case, count):
    """Seconds of each case with Python's own `subprocess`, and without any confinement."""
    cases = [case(number) for number in range(count)]

    def run():
        for given, answer in cases:
            output = subprocess.run(command, input=given, capture_output=True, text=True, check=True).stdout
            assert output == answer, output

    return [seconds / count for seconds in timed(run)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stepwell", type=Path)
    parser.add_argument("--cases", type=int, default=400)
    options = parser.parse_args()
    stepwell = options.stepwell.resolve()
    rows = []
    for what, name, case in [
        ("C, adds two numbers", "add.c", addition),
        ("QuickJS, adds two numbers", "add.js", addition),
        ("CPython, adds two numbers", "add.py", addition),
        ("CPython, books on accounts", "accounts.py", nothing),
        ("CPython, counts 2000 words", "words.py", text),
    ]:
        # Compiling takes seconds, never quite the same; many short cases outweigh that.
        count = options.cases * (10 if name.endswith(".c") else 1)
        rows.append((f"stepwell grade: {what}", graded(stepwell, PROGRAMS / name, case, count)))
    with tempfile.TemporaryDirectory() as folder:
        compiler = shutil.which("cc")
        if compiler:
            program = Path(folder) / "add"
            subprocess.run([compiler, "-O2", PROGRAMS / "add.c", "-o", program], check=True)
            rows.append(("subprocess: C, adds two numbers", native([program], addition, options.cases)))
        python = [sys.executable, "-I"]
        rows.append(("subprocess: CPython, adds two numbers", native(python + [PROGRAMS / "add.py"], addition, options.cases)))
        rows.append(("subprocess: CPython, books on accounts", native(python + [PROGRAMS / "accounts.py"], nothing, options.cases)))
        rows.append(("subprocess: CPython, counts 2000 words", native(python + [PROGRAMS / "words.py"], text, options.cases)))
    print(f"load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors\n")
    print("| | cases per second and core | (in real time) | milliseconds of each case |\n|---|---|---|---|")
    for what, (processor, real) in rows:
        print(f"| {what} | {1 / processor:.0f} | ({1 / real:.0f}) | {processor * 1000:.2f} |")


main()
