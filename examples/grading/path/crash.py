# Never looks whether it is still in the maze.
import sys

maze = sys.stdin.read().split()
row = 0
while maze[row][0] != "#":
    row += 1
raise SystemExit(f"there is a wall in row {row}")
