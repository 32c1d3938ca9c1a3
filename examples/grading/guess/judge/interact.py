"""Answers guesses. Called `interact.py input output answer`; 0 accepts, 1 rejects, 2 is no conversation."""

import sys

ACCEPTED, WRONG, NO_CONVERSATION = 0, 1, 2
GUESSES_MAX = 10


def say(word):
    print(word, flush=True)


def talk(secret):
    for number in range(1, GUESSES_MAX + 1):
        line = sys.stdin.readline()
        if not line.endswith("\n"):
            return WRONG, f"it gave up before guess {number}"
        if not line.strip().isascii() or not line.strip().isdigit():
            return NO_CONVERSATION, f"guess {number} is no number"
        guess = int(line)
        if guess == secret:
            say("correct")
            return ACCEPTED, f"{number} guesses"
        say("lower" if guess > secret else "higher")
    return WRONG, f"not found with {GUESSES_MAX} guesses"


def main():
    with open(sys.argv[1]) as file:
        secret = int(file.read())
    status, message = talk(secret)
    print(message, file=sys.stderr)
    sys.exit(status)


main()
