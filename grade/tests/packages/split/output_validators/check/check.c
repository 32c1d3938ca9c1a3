/* Accepts two numbers above 0 that add up to the one in the input. With the argument `large`, a first number above 1 is
   worth everything and a 1 half of it. */
#include <stdio.h>
#include <string.h>

enum { ACCEPT = 42, REJECT = 43 };

static FILE *feedback(const char *folder, const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s%s", folder, name);
    return fopen(path, "w");
}

static int reject(const char *folder, const char *why) {
    FILE *file = feedback(folder, "judgemessage.txt");
    if (file) {
        fprintf(file, "%s\n", why);
        fclose(file);
    }
    return REJECT;
}

int main(int argc, char **argv) {
    long long wanted, one, other;
    char rest;
    FILE *input = argc > 3 ? fopen(argv[1], "r") : NULL;
    if (!input || fscanf(input, "%lld", &wanted) != 1) return 1;
    if (scanf("%lld %lld", &one, &other) != 2) return reject(argv[3], "two numbers are expected");
    if (scanf(" %c", &rest) == 1) return reject(argv[3], "there is more behind the numbers");
    if (one < 1 || other < 1) return reject(argv[3], "a number is not above 0");
    if (one + other != wanted) return reject(argv[3], "the sum is another");
    if (argc > 4 && strcmp(argv[4], "large") == 0) {
        FILE *score = feedback(argv[3], "score.txt");
        if (!score) return 1;
        fprintf(score, "%d\n", one > 1 ? 60 : 30);
        fclose(score);
    }
    return ACCEPT;
}
