"""Work that is all the interpreter's: queens by backtracking, words counted in a table, a sieve, numbers as text."""


def queens(size, row=0, columns=0, rising=0, falling=0):
    if row == size:
        return 1
    found = 0
    for column in range(size):
        mask, up, down = 1 << column, 1 << (row + column), 1 << (row - column + size)
        if not (columns & mask or rising & up or falling & down):
            found += queens(size, row + 1, columns | mask, rising | up, falling | down)
    return found


def words(count):
    seen, state = {}, 1
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2147483648
        word = "w" + str(state // 65536 % 500)
        seen[word] = seen.get(word, 0) + 1
    return sum(times * times for times in seen.values())


def sieve(limit):
    prime = [True] * (limit + 1)
    for number in range(2, int(limit**0.5) + 1):
        if prime[number]:
            for multiple in range(number * number, limit + 1, number):
                prime[multiple] = False
    return sum(1 for number in range(2, limit + 1) if prime[number])


def digits(count):
    return sum(len(str(number * number)) for number in range(count))


print(queens(7), words(20000), sieve(80000), digits(20000))
