# Finds the median by trying every number against all others, and that again for each of them.
import sys

numbers = [float(line) for line in sys.stdin]
for number in numbers * 40:
    below = sum(other < number for other in numbers)
    if abs(len(numbers) - 1 - 2 * below) <= 1:
        median = number
print(sum(numbers) / len(numbers), median)
