# Forgets to sort.
import sys

numbers = [float(line) for line in sys.stdin]
print(sum(numbers) / len(numbers), numbers[len(numbers) // 2])
