# What it prints is nobody's business: the value is what counts.
print("loading")


def anagrams(words):
    print("called with", words)
    groups = []
    for word in words:
        for group in groups:
            if sorted(group[0]) == sorted(word):
                group.append(word)
                break
        else:
            groups.append([word])
    return groups
