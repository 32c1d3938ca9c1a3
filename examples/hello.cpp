// Greets, and sorts what it greets.
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

int main() {
    std::vector<std::string> names = {"world", "C++", "sandbox"};
    std::sort(names.begin(), names.end());
    for (const auto &name : names) {
        std::cout << "Hello, " << name << "!\n";
    }
}
