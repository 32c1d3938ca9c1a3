// Work that is all the interpreter's: queens by backtracking, words counted in a table, a sieve, numbers as text.

function queens(size, row = 0, columns = 0, rising = 0, falling = 0) {
  if (row === size) return 1;
  let found = 0;
  for (let column = 0; column < size; column++) {
    const mask = 1 << column, up = 1 << (row + column), down = 1 << (row - column + size);
    if (!(columns & mask || rising & up || falling & down)) {
      found += queens(size, row + 1, columns | mask, rising | up, falling | down);
    }
  }
  return found;
}

// A product of two numbers of 31 bits is not exact in a double; this one is, modulo 2^31.
function words(count) {
  const seen = new Map();
  let state = 1;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    const word = "w" + (Math.floor(state / 65536) % 500);
    seen.set(word, (seen.get(word) || 0) + 1);
  }
  let total = 0;
  for (const times of seen.values()) total += times * times;
  return total;
}

function sieve(limit) {
  const prime = new Array(limit + 1).fill(true);
  for (let number = 2; number * number <= limit; number++) {
    if (!prime[number]) continue;
    for (let multiple = number * number; multiple <= limit; multiple += number) prime[multiple] = false;
  }
  let count = 0;
  for (let number = 2; number <= limit; number++) if (prime[number]) count++;
  return count;
}

function digits(count) {
  let total = 0;
  for (let number = 0; number < count; number++) total += String(number * number).length;
  return total;
}

console.log(queens(7) + " " + words(60000) + " " + sieve(150000) + " " + digits(60000));
