/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The automaton: a tree of the texts' beginnings, made breadth first from the sorted texts, so that a node's children stand side by side
 * and each node knows which of the sorted texts begin with it.
 */
#include "engine/texts.h"

#include <stdlib.h>
#include <string.h>

#include "rules/memory.h"

#define ROOT 0

struct node {
    uint32_t first_child, children;
    uint32_t shorter; /* the longest beginning of a text, shorter than this one, that the same bytes end with */
    uint32_t depth;
    uint32_t low, high; /* of the sorted texts, those that begin so: low … high - 1 */
    uint8_t byte;       /* the last one */
    bool ends;          /* a text ends with it: all of it, or its end */
};

struct texts {
    struct node *nodes;
    size_t count, capacity;
    const struct text **sorted;
    size_t *ranks; /* of the texts as they were given: their place among the sorted */
    uint32_t starts[256]; /* the root's children by their byte, ROOT: none */
};

/* ---- making it ---- */

struct numbered {
    const struct text *text;
    size_t number;
};

static int compare(const void *a, const void *b)
{
    const struct text *x = ((const struct numbered *)a)->text, *y = ((const struct numbered *)b)->text;
    int difference = memcmp(x->bytes, y->bytes, x->length < y->length ? x->length : y->length);

    return difference != 0 ? difference : (x->length > y->length) - (x->length < y->length);
}

static void sort(struct texts *texts, const struct text *const *list, size_t count)
{
    struct numbered *numbered = xmalloc((count + 1) * sizeof(*numbered));

    for (size_t i = 0; i < count; i++) {
        numbered[i] = (struct numbered){.text = list[i], .number = i};
    }
    if (count > 0) {
        qsort(numbered, count, sizeof(*numbered), compare);
    }
    texts->sorted = xmalloc((count + 1) * sizeof(*texts->sorted));
    texts->ranks = xmalloc((count + 1) * sizeof(*texts->ranks));
    for (size_t i = 0; i < count; i++) {
        texts->sorted[i] = numbered[i].text;
        texts->ranks[numbered[i].number] = i;
    }
    free(numbered);
}

static uint32_t add_node(struct texts *texts, struct node node)
{
    if (texts->count == texts->capacity) {
        texts->capacity = texts->capacity == 0 ? 256 : texts->capacity * 2;
        texts->nodes = xrealloc(texts->nodes, texts->capacity * sizeof(*texts->nodes));
    }
    texts->nodes[texts->count] = node;
    return (uint32_t)texts->count++;
}

static uint8_t byte_of(const struct texts *texts, uint32_t rank, uint32_t depth)
{
    return (uint8_t)texts->sorted[rank]->bytes[depth];
}

/* The texts that go on from this node are its children's, by their next byte. */
static void add_children(struct texts *texts, uint32_t parent)
{
    struct node node = texts->nodes[parent];
    uint32_t rank = node.low;

    while (rank < node.high && texts->sorted[rank]->length == node.depth) {
        node.ends = true;
        rank++;
    }
    node.first_child = (uint32_t)texts->count;
    while (rank < node.high) {
        struct node child = {.depth = node.depth + 1, .low = rank, .byte = byte_of(texts, rank, node.depth)};

        while (rank < node.high && byte_of(texts, rank, node.depth) == child.byte) {
            rank++;
        }
        child.high = rank;
        add_node(texts, child);
        node.children++;
    }
    texts->nodes[parent] = node;
}

static uint32_t child_of(const struct texts *texts, uint32_t at, uint8_t byte)
{
    const struct node *node = &texts->nodes[at];

    if (at == ROOT) {
        return texts->starts[byte];
    }
    for (uint32_t i = 0; i < node->children; i++) {
        if (texts->nodes[node->first_child + i].byte == byte) {
            return node->first_child + i;
        }
    }
    return ROOT;
}

static uint32_t step(const struct texts *texts, uint32_t at, uint8_t byte)
{
    uint32_t next;

    while ((next = child_of(texts, at, byte)) == ROOT && at != ROOT) {
        at = texts->nodes[at].shorter;
    }
    return next;
}

/* Shorter ones first: those that a node falls back on are done. */
static void link_children(struct texts *texts, uint32_t at)
{
    const struct node *node = &texts->nodes[at];

    for (uint32_t i = 0; i < node->children; i++) {
        struct node *child = &texts->nodes[node->first_child + i];

        child->shorter = at == ROOT ? ROOT : step(texts, node->shorter, child->byte);
        child->ends = child->ends || texts->nodes[child->shorter].ends;
    }
}

struct texts *texts_new(const struct text *const *list, size_t count)
{
    struct texts *texts = xmalloc(sizeof(*texts));

    *texts = (struct texts){0};
    sort(texts, list, count);
    add_node(texts, (struct node){.high = (uint32_t)count});
    for (uint32_t at = ROOT; at < texts->count; at++) {
        add_children(texts, at);
    }
    for (uint32_t i = 0; i < texts->nodes[ROOT].children; i++) {
        texts->starts[texts->nodes[texts->nodes[ROOT].first_child + i].byte] = texts->nodes[ROOT].first_child + i;
    }
    for (uint32_t at = ROOT; at < texts->count; at++) {
        link_children(texts, at);
    }
    return texts;
}

void texts_free(struct texts *texts)
{
    if (texts != NULL) {
        free(texts->nodes);
        free(texts->sorted);
        free(texts->ranks);
        free(texts);
    }
}

/* ---- looking ---- */

bool texts_find(const struct texts *texts, texts_place *place, const uint8_t *bytes, size_t length, size_t *at)
{
    uint32_t here = *place;

    for (size_t i = 0; i < length; i++) {
        uint32_t next;

        while (here == ROOT && i + 1 < length && texts->starts[bytes[i]] == ROOT) { /* most bytes of most flows */
            i++;
        }
        next = step(texts, here, bytes[i]);
        if (texts->nodes[next].ends) {
            *place = here;
            *at = i;
            return true;
        }
        here = next;
    }
    *place = here;
    return false;
}

size_t texts_matched(const struct texts *texts, texts_place place, size_t number)
{
    uint32_t rank = (uint32_t)texts->ranks[number];

    while (rank < texts->nodes[place].low || rank >= texts->nodes[place].high) {
        place = texts->nodes[place].shorter;
    }
    return texts->nodes[place].depth;
}
