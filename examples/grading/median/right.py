import sys
from statistics import fmean, median

numbers = [float(line) for line in sys.stdin]
print(fmean(numbers), median(numbers))
