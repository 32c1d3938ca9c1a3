// Numbers, text, regular expressions, sorting, dates and entropy.
const numbers = Array.from({ length: 2000 }, (_, n) => (n * 7919) % 10007);
console.log([...numbers].sort((a, b) => a - b).filter((_, n) => n % 250 === 0).join());
console.log(JSON.stringify({ third: 1 / 3, tiny: 5e-324, big: 2 ** 70, nothing: [NaN, -0, Infinity] }));
console.log([Math.sin(1e6), Math.exp(1.5), Math.pow(2, 0.5), Math.cbrt(3), Math.hypot(1, 2, 3)].join(' '));
console.log((0.1).toFixed(20), (255).toString(36), (1e21).toString(), parseFloat('1e-7'), (123.456).toPrecision(4));
console.log(3n ** 200n % 1000000007n, BigInt.asIntN(64, 2n ** 63n));
console.log('Grüße'.normalize('NFD').length, [...'a1b22'.matchAll(/[a-z](\d+)/g)].map((m) => m[1]).join());
console.log(new Date(0).toISOString(), Date.now(), Math.random(), Math.random());
const bits = new DataView(new ArrayBuffer(8));
bits.setFloat64(0, 0 / 0);
console.log(bits.getUint32(0), bits.getUint32(4), new Float32Array([0.1, 1e40, NaN]).join());
const seen = new Map();
for (const n of numbers) seen.set(n % 13, (seen.get(n % 13) ?? 0) + n);
console.log([...seen].join(';'));
Promise.resolve(1).then((n) => console.log('later', n));
