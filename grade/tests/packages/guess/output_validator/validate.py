"""Answers guesses: ten are enough for a thousand numbers."""
import sys

ACCEPT, REJECT = 42, 43


def reject(why):
    with open(sys.argv[3] + "judgemessage.txt", "w") as file:
        print(why, file=file)
    sys.exit(REJECT)


def main():
    with open(sys.argv[1]) as file:
        secret = int(file.read())
    for _ in range(10):
        line = sys.stdin.readline()
        if not line:
            reject("the guesses end too early")
        try:
            guess = int(line)
        except ValueError:
            reject(f"no number: {line.strip()[:20]!r}")
        if guess == secret:
            print("correct", flush=True)
            if sys.stdin.read().strip():
                reject("it guesses on")
            sys.exit(ACCEPT)
        print("lower" if secret < guess else "higher", flush=True)
    reject("ten guesses were not enough")


main()
