import * as std from "std";
const n = BigInt(std.in.getline());
console.log("1 " + (n - 1n));
