// Never gets past the last number.
import * as std from "std";

const numbers = std.in.readAsString().split(/\s+/);
let sum = 0;
for (let at = 1; at < numbers.length; ) sum += Number(numbers[at]);
print(sum);
