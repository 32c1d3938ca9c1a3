#include <algorithm>
#include <iostream>
#include <queue>
#include <string>
#include <vector>

int main() {
    std::vector<std::string> maze;
    for (std::string line; std::cin >> line;) maze.push_back(line);
    const int height = maze.size(), width = maze[0].size();
    std::vector<std::vector<char>> came(height, std::vector<char>(width, 0));
    const std::string names = "NESW";
    const int down[] = {-1, 0, 1, 0}, right[] = {0, 1, 0, -1};
    std::queue<std::pair<int, int>> waiting;
    waiting.push({0, 0});
    came[0][0] = 'X';
    while (!waiting.empty()) {
        auto [row, column] = waiting.front();
        waiting.pop();
        for (int move = 0; move < 4; move++) {
            int y = row + down[move], x = column + right[move];
            if (y < 0 || x < 0 || y >= height || x >= width || maze[y][x] != '.' || came[y][x]) continue;
            came[y][x] = names[move];
            waiting.push({y, x});
        }
    }
    int row = height - 1, column = width - 1;
    if (!came[row][column]) {
        std::cout << "none\n";
        return 0;
    }
    std::string way;
    while (came[row][column] != 'X') {
        int move = names.find(came[row][column]);
        way += names[move];
        row -= down[move], column -= right[move];
    }
    std::reverse(way.begin(), way.end());
    std::cout << way << '\n';
}
