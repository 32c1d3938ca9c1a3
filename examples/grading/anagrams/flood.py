def anagrams(words):
    while True:
        print("thinking about it, " * 200)
