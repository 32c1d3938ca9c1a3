# Adds the first number, then the first two, then the first three...
import sys

numbers = list(map(int, sys.stdin.read().split()))[1:]
for end in range(len(numbers) + 1):
    total = 0
    for number in numbers[:end]:
        total += number
print(total)
