"""Walks the way. Called `check.py input answer feedback_dir < output`; 42 accepts, 43 rejects."""

import sys
from pathlib import Path

ACCEPT, REJECT = 42, 43
MOVES = {"N": (-1, 0), "E": (0, 1), "S": (1, 0), "W": (0, -1)}


def judge(maze, answer, output):
    words = output.split()
    if len(words) != 1:
        # The way from a field to itself has no moves, but no maze is that small.
        return f"{len(words)} words where one was expected"
    if answer == "none" or words[0] == "none":
        return "" if words[0] == answer else f"{words[0]!r:.40}, where the answer is {answer}"
    row = column = 0
    for number, move in enumerate(words[0], 1):
        if move not in MOVES:
            return f"move {number} is none"
        row, column = row + MOVES[move][0], column + MOVES[move][1]
        if not (0 <= row < len(maze) and 0 <= column < len(maze[0])) or maze[row][column] != ".":
            return f"move {number} does not lead to a field"
    if (row, column) != (len(maze) - 1, len(maze[0]) - 1):
        return "it does not end in the corner"
    if len(words[0]) != int(answer):
        return f"{len(words[0])} moves, where {answer} are enough"
    return ""


def main():
    maze = Path(sys.argv[1]).read_text().split()
    answer = Path(sys.argv[2]).read_text().strip()
    wrong = judge(maze, answer, sys.stdin.buffer.read().decode(errors="replace"))
    (Path(sys.argv[3]) / "judgemessage.txt").write_text(wrong + "\n")
    sys.exit(REJECT if wrong else ACCEPT)


main()
