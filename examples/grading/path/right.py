import sys
from collections import deque

maze = sys.stdin.read().split()
moves = {"N": (-1, 0), "E": (0, 1), "S": (1, 0), "W": (0, -1)}
goal = len(maze) - 1, len(maze[0]) - 1
ways = {(0, 0): ""}
waiting = deque(ways)
while waiting and goal not in ways:
    row, column = waiting.popleft()
    for name, (down, right) in moves.items():
        field = row + down, column + right
        inside = 0 <= field[0] <= goal[0] and 0 <= field[1] <= goal[1]
        if inside and maze[field[0]][field[1]] == "." and field not in ways:
            ways[field] = ways[row, column] + name
            waiting.append(field)
print(ways.get(goal, "none"))
