import * as std from "std";

let [low, high] = [1, 1000];
for (;;) {
    const guess = (low + high) >> 1;
    std.out.puts(`${guess}\n`);
    std.out.flush();
    const answer = std.in.getline();
    if (answer === "correct" || answer === null) break;
    if (answer === "lower") high = guess - 1;
    else low = guess + 1;
}
