/* Linked lists: nodes in random places of memory, searched, reversed, merge-sorted. */
#include <stdint.h>
#include <stdio.h>

#define NODES 4000
#define ROUNDS 180

struct node {
    struct node *next;
    uint32_t key;
    uint32_t value;
};

static struct node nodes[NODES];
static uint32_t state = 1;

static uint32_t next_random(void) {
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

static struct node *reversed(struct node *list) {
    struct node *done = NULL;
    while (list) {
        struct node *next = list->next;
        list->next = done;
        done = list;
        list = next;
    }
    return done;
}

static struct node *merged(struct node *a, struct node *b, int by_value) {
    struct node head, *last = &head;
    while (a && b) {
        int first = by_value ? a->value <= b->value : a->key <= b->key;
        struct node **taken = first ? &a : &b;
        last->next = *taken;
        last = *taken;
        *taken = last->next;
    }
    last->next = a ? a : b;
    return head.next;
}

static struct node *sorted(struct node *list, int by_value) {
    struct node *bins[16] = {0};
    while (list) {
        struct node *run = list;
        list = list->next;
        run->next = NULL;
        int i = 0;
        for (; i < 15 && bins[i]; i++) {
            run = merged(bins[i], run, by_value);
            bins[i] = NULL;
        }
        bins[i] = bins[i] ? merged(bins[i], run, by_value) : run;
    }
    struct node *all = NULL;
    for (int i = 0; i < 16; i++) all = merged(bins[i], all, by_value);
    return all;
}

int main(void) {
    struct node *list = NULL;
    for (uint32_t i = 0; i < NODES; i++) {
        struct node *node = &nodes[i * 1021u % NODES];
        node->key = next_random() % 10007;
        node->value = next_random();
        node->next = list;
        list = node;
    }
    uint32_t sum = 0;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        list = sorted(list, round & 1);
        uint32_t at = 0, wanted = next_random() % 10007;
        for (struct node *node = list; node; node = node->next, at++) {
            if (node->key == wanted) sum += at;
            sum = sum * 31 + (node->value ^ at);
        }
        list = reversed(list);
    }
    printf("%08x\n", (unsigned)sum);
    return 0;
}
