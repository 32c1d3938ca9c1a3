"""What a program can ask of its world: arguments, environment, time, entropy, input."""

import os
import random
import sys
import time
import uuid

print(sys.argv, dict(os.environ), os.getcwd())
start = time.monotonic_ns()
print(time.time_ns(), start, time.perf_counter_ns(), time.process_time_ns(), time.ctime())
time.sleep(2.5)
print(time.monotonic_ns() - start, time.time_ns())
print(os.urandom(8).hex(), random.random(), random.sample(range(1000), 5), uuid.uuid4())
for number, line in enumerate(sys.stdin):
    print(number, len(line), line[::-1].strip())
    sys.stdout.flush()
print("end", file=sys.stderr)
sys.exit(42)
