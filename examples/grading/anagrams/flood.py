def anagrams(words):
    while True:
        print("thinking about", words)
