// A small machine with a stack, whose programs come from a file that is written first: tables of branches and of
// functions, recursion, files.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PUSH, ADD, MULTIPLY, DUPLICATE, SWAP, JUMP_IF, CALL, RETURN, APPLY, PRINT, HALT };

static const signed char program[] = {
    PUSH, 10, CALL, 6, PRINT, HALT,
    // The factorial of what is on top, by recursion.
    DUPLICATE, JUMP_IF, 12, APPLY, 2, RETURN,
    DUPLICATE, PUSH, -1, ADD, CALL, 6, MULTIPLY, RETURN,
};

static long long halve(long long x) { return x / 2; }
static long long negate(long long x) { return -x; }
static long long one(long long x) { return (void)x, 1; }
static long long (*const functions[])(long long) = {halve, negate, one};

static int run(FILE *file) {
    long long stack[256];
    int top = 0;
    fseek(file, 0, SEEK_END);
    long length = ftell(file);
    rewind(file);
    signed char code[128];
    if (fread(code, 1, (size_t)length, file) != (size_t)length) return 1;
    int returns[64], depth = 0;
    for (int at = 0;;) {
        switch (code[at++]) {
        case PUSH: stack[top++] = code[at++]; break;
        case ADD: top--; stack[top - 1] += stack[top]; break;
        case MULTIPLY: top--; stack[top - 1] *= stack[top]; break;
        case DUPLICATE: stack[top] = stack[top - 1]; top++; break;
        case SWAP: { long long x = stack[top - 1]; stack[top - 1] = stack[top - 2]; stack[top - 2] = x; break; }
        case JUMP_IF: at = stack[--top] ? code[at] : at + 1; break;
        case CALL: returns[depth++] = at + 1; at = code[at]; break;
        case RETURN: at = returns[--depth]; break;
        case APPLY: stack[top - 1] = functions[(int)code[at++]](stack[top - 1]); break;
        case PRINT: printf("%lld\n", stack[--top]); break;
        case HALT: return 0;
        }
    }
}

int main(int argc, char **argv) {
    printf("%d arguments, the last %s\n", argc, argv[argc - 1]);
    if (mkdir("/folder", 0777) != 0) return 2;
    FILE *file = fopen("/folder/program", "w+");
    if (file == NULL || fwrite(program, 1, sizeof program, file) != sizeof program) return 3;
    for (int times = 0; times < 50; times++) {
        if (run(file) != 0) return 4;
    }
    fclose(file);
    struct stat status;
    if (rename("/folder/program", "/folder/renamed") != 0) return 5;
    if (stat("/folder/program", &status) == 0 || errno != ENOENT) return 6;
    if (stat("/folder/renamed", &status) != 0) return 7;
    printf("%lld bytes\n", (long long)status.st_size);
    int fd = open("/folder/renamed", O_RDONLY);
    char half[64];
    if (lseek(fd, -4, SEEK_END) < 0 || read(fd, half, sizeof half) != 4) return 8;
    close(fd);
    if (unlink("/folder/renamed") != 0 || rmdir("/folder") != 0) return 9;
    return 0;
}
