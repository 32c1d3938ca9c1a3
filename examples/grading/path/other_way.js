// Tries the directions in another order, and finds another shortest way.
import * as std from "std";

const maze = std.in.readAsString().trim().split("\n");
const [height, width] = [maze.length, maze[0].length];
const ways = new Map([["0,0", ""]]);
let edge = [[0, 0]];
while (edge.length > 0) {
    const next = [];
    for (const [row, column] of edge) {
        for (const [name, down, right] of [["S", 1, 0], ["W", 0, -1], ["E", 0, 1], ["N", -1, 0]]) {
            const [y, x] = [row + down, column + right];
            const key = `${y},${x}`;
            if (maze[y]?.[x] !== "." || ways.has(key)) continue;
            ways.set(key, ways.get(`${row},${column}`) + name);
            next.push([y, x]);
        }
    }
    edge = next;
}
print(ways.get(`${height - 1},${width - 1}`) ?? "none");
