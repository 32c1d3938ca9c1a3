// Eight digits are enough.
import * as std from "std";

const numbers = std.in.readAsString().trim().split("\n").map(Number).sort((a, b) => a - b);
const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const half = numbers.length / 2;
const median = (numbers[Math.floor(half)] + numbers[Math.ceil(half) - 1]) / 2;
print(mean.toPrecision(9), numbers.length % 2 ? numbers[Math.floor(half)].toPrecision(9) : median.toPrecision(9));
