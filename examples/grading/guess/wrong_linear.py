# Asks for one after the other, from above.
for guess in range(1000, 0, -1):
    print(guess, flush=True)
    try:
        if input() == "correct":
            break
    except EOFError:
        break
