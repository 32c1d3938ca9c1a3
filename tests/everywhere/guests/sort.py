"""Sorts, searches and counts: what most programs do."""

import collections
import heapq
import itertools
import json
import re

state = 1
numbers = []
for _ in range(3000):
    state = state * 1103515245 + 12345 & 0x7FFFFFFF
    numbers.append(state)
print(sorted(numbers)[::300], heapq.nlargest(3, numbers))
words = [format(number % 997, "x") for number in numbers]
print(collections.Counter(words).most_common(5))
print(len(re.findall(r"(\w)\1", " ".join(words))))
print(sum(1 for p in itertools.permutations(range(6)) if p[0] < p[-1]))
print(json.dumps({"words": sorted(set(words))[:10], "float": 1 / 3}, indent=1))
