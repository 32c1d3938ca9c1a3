# Thinks first about everything that the number could be.
thoughts = 0
while True:
    thoughts += 1
