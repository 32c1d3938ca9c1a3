import * as std from "std";

const [count, ...numbers] = std.in.readAsString().trim().split(/\s+/).map(BigInt);
print(String(numbers.slice(0, Number(count)).reduce((sum, number) => sum + number, 0n)));
