"""Recurses until the interpreter objects, then fails in a way that nobody catches."""


def deeper(n):
    try:
        return deeper(n + 1)
    except RecursionError:
        return n


print(deeper(0))
nested = []
for _ in range(100_000):
    nested = [nested]
try:
    repr(nested)
except RecursionError as error:
    print(error)
del nested
raise ValueError("nobody catches this")
