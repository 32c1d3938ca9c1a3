# What a first course asks for: reads a text, counts its words, and prints the most frequent.
import sys
from collections import Counter

counts = Counter()
for line in sys.stdin:
    for word in line.lower().split():
        counts[word.strip(".,;:!?")] += 1
for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:20]:
    print(f"{count:5} {word}")
