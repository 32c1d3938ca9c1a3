// Computes for a while, and fails.
const primes = [];
for (let n = 2; primes.length < 400; n += 1) {
  if (primes.every((p) => n % p !== 0 || p * p > n)) primes.push(n);
}
console.log(primes[primes.length - 1], primes.reduce((a, b) => a + b));
null.nothing;
