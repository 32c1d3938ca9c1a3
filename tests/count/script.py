import json

words = "the quick brown fox jumps over the lazy dog".split()
counts = {}
for number in range(400):
    word = words[number * number % len(words)]
    counts[word] = counts.get(word, 0) + 1
print(json.dumps(counts, sort_keys=True))
print(sum(x ** 0.5 for x in range(1000)))
