# Compares each word with every order of the letters of every other.
from itertools import permutations


def anagrams(words):
    while True:
        for word in words:
            list(permutations(word[:5]))
