# Goes into the first direction that leads on, and so takes detours.
import sys

sys.setrecursionlimit(5000)
maze = sys.stdin.read().split()
seen = set()


def walk(row, column, way):
    if not (0 <= row < len(maze) and 0 <= column < len(maze[0])) or maze[row][column] != ".":
        return None
    if (row, column) in seen:
        return None
    seen.add((row, column))
    if (row, column) == (len(maze) - 1, len(maze[0]) - 1):
        return way
    for name, down, right in ("W", 0, -1), ("N", -1, 0), ("E", 0, 1), ("S", 1, 0):
        found = walk(row + down, column + right, way + name)
        if found is not None:
            return found
    return None


print(walk(0, 0, "") or "none")
