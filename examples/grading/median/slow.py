# Sorts again from the beginning for each number that comes.
import sys

numbers = [float(line) for line in sys.stdin]
for end in range(len(numbers)):
    ordered = []
    for number in numbers[: end + 1]:
        place = 0
        while place < len(ordered) and ordered[place] < number:
            place += 1
        ordered.insert(place, number)
half = len(ordered) // 2
print(sum(numbers) / len(numbers), (ordered[half] + ordered[-1 - half]) / 2)
