import collections, json, re, math
class Account:
    def __init__(self, owner):
        self.owner, self.entries = owner, []
    def book(self, amount):
        if amount == 0:
            raise ValueError("nothing to book")
        self.entries.append(amount)
accounts = {}
for line in range(200):
    owner = "user%d" % (line % 17)
    try:
        accounts.setdefault(owner, Account(owner)).book((line * 37) % 101 - 50)
    except ValueError as error:
        print(error)
sums = collections.Counter({owner: sum(a.entries) for owner, a in accounts.items()})
words = re.findall(r"[a-z]+\d", " ".join(sorted(sums)))
print(json.dumps(sums.most_common(5)), len(words), round(math.sqrt(sum(map(abs, sums.values()))), 3))
