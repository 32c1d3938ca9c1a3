import sys

while True:
    sys.stdout.write("the sum is coming\n" * 100)
