import sys

numbers = [float(line) for line in sys.stdin]
