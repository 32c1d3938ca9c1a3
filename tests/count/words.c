// Counts the words of standard input in a hash table, and prints them by number and then by name.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 64

struct word {
    struct word *next;
    unsigned count;
    char text[];
};

static struct word *slots[SLOTS];

static void add(const char *text) {
    unsigned hash = 5381;
    for (const char *c = text; *c; c++) hash = hash * 33 + (unsigned char)*c;
    struct word **slot = &slots[hash % SLOTS];
    for (struct word *word = *slot; word; word = word->next) {
        if (strcmp(word->text, text) == 0) {
            word->count++;
            return;
        }
    }
    struct word *word = malloc(sizeof *word + strlen(text) + 1);
    strcpy(word->text, text);
    word->count = 1;
    word->next = *slot;
    *slot = word;
}

static int compare(const void *left, const void *right) {
    const struct word *a = *(struct word *const *)left, *b = *(struct word *const *)right;
    return a->count != b->count ? (a->count < b->count) - (a->count > b->count) : strcmp(a->text, b->text);
}

int main(void) {
    char text[64];
    size_t length = 0;
    for (int c = 0; c != EOF;) {
        c = getchar();
        if (c != EOF && isalpha(c) && length < sizeof text - 1) {
            text[length++] = (char)tolower(c);
        } else if (length > 0) {
            text[length] = 0;
            add(text);
            length = 0;
        }
    }
    size_t used = 0;
    struct word **all = NULL;
    for (int slot = 0; slot < SLOTS; slot++) {
        for (struct word *word = slots[slot]; word; word = word->next) {
            all = realloc(all, (used + 1) * sizeof *all);
            all[used++] = word;
        }
    }
    qsort(all, used, sizeof *all, compare);
    for (size_t at = 0; at < used; at++) printf("%6u %s\n", all[at]->count, all[at]->text);
    return 0;
}
