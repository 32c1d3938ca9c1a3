# Waits for a question. The other waits for a guess.
input()
