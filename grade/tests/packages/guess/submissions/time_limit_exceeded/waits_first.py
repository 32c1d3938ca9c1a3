# It waits for an answer before it has asked: both wait for each other.
input()
print(500)
