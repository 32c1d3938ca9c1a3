# Tries every way that there is, shortest first.
import sys
from itertools import count, product

maze = sys.stdin.read().split()
moves = {"N": (-1, 0), "E": (0, 1), "S": (1, 0), "W": (0, -1)}


def arrives(way):
    row = column = 0
    for move in way:
        row, column = row + moves[move][0], column + moves[move][1]
        if not (0 <= row < len(maze) and 0 <= column < len(maze[0])) or maze[row][column] != ".":
            return False
    return (row, column) == (len(maze) - 1, len(maze[0]) - 1)


for length in count(1):
    for way in product("NESW", repeat=length):
        if arrives(way):
            print("".join(way))
            sys.exit()
