// What a script does without asking its host for anything that differs between hosts.
class Account {
  #balance = 0;
  static count = 0;
  constructor(owner) { this.owner = owner; Account.count++; }
  deposit(amount) { this.#balance += amount; return this; }
  get balance() { return this.#balance; }
}
const accounts = ['b', 'a', 'c'].map((owner, at) => new Account(owner).deposit(at * 1.5));
print(JSON.stringify(accounts.sort((x, y) => (x.owner < y.owner ? -1 : 1)).map(({ owner, balance }) => ({ owner, balance }))));
function* primes(limit) {
  const composite = new Uint8Array(limit);
  for (let n = 2; n < limit; n++) {
    if (composite[n]) continue;
    yield n;
    for (let m = n * n; m < limit; m += n) composite[m] = 1;
  }
}
print([...primes(3000)].slice(-5).join());
print('The quick brown fox'.replace(/(\w+) (\w+)/g, '$2 $1').split(' ').reverse().join(' '));
print((2n ** 200n).toString(), Math.hypot(3, 4), (0.1 + 0.2).toFixed(20));
try { null.x; } catch (error) { print(error.name); }
const map = new Map();
for (let at = 0; at < 2000; at++) map.set(`key${at % 97}`, (map.get(`key${at % 97}`) ?? 0) + at);
print(map.size, map.get('key42'));
