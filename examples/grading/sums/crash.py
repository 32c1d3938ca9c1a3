# Does not leave out the number of numbers, and takes the words for numbers.
import sys

print(sum(sys.stdin.read().split()))
