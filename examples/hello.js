// Greets, and computes with numbers that need more than 53 bits.
const factorial = (n) => (n === 0n ? 1n : n * factorial(n - 1n));
console.log(`Hello from JavaScript. 25! is ${factorial(25n)}.`);
