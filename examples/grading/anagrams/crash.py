def anagrams(words):
    return [words[0], words[-1], words[len(words)]]
