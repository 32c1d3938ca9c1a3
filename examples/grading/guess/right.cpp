#include <iostream>
#include <string>

int main() {
    // Bits of the number minus one, the highest first.
    int below = 0;
    std::string answer;
    for (int bit = 512; bit > 0; bit /= 2) {
        if (below + bit > 1000) continue;
        std::cout << below + bit << std::endl;
        std::cin >> answer;
        if (answer == "correct") return 0;
        if (answer == "higher") below += bit;
    }
}
