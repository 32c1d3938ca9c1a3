# Loses the last line, and divides by what is left of it.
import sys

numbers = [float(line) for line in sys.stdin]
print(sum(numbers) / (len(numbers) - len(numbers)))
