import * as std from "std";

const [a, b] = std.in.getline().split(" ").map(Number);
print(a + b);
