"""Reads two lines and writes them in the other order."""

first, second = input(), input()
print(second)
print(first)
