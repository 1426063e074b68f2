/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replace: each match of a text or pattern goes on as another string, wherever the reads cut it. The bytes that may belong to a match wait
 * in a window; an ending decides, and so does a window that has grown to 64 KiB: then all in it is decided as if nothing followed. The
 * window is not counted as kept bytes, so that the flow can always fill it. In front of the window the last bytes that have gone on stay in
 * memory: a pattern may look back at them.
 */
#include "faults/kinds.h"

#include "faults/portion.h"
#include "faults/search.h"
#include "rules/memory.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_LIMIT ((size_t)64 * 1024) /* bytes that wait; a longer literal has room for itself */
#define NOWHERE SIZE_MAX

struct replace {
    struct fault fault;
    struct search search;
    uint8_t *bytes;      /* what has gone on and may be looked back at, then what waits */
    size_t gone, length; /* bytes[0 … gone) have gone on, bytes[gone … length) wait */
    size_t capacity;
    size_t urgent; /* index of the urgent byte among those that wait, or NOWHERE */
};

static void start(struct fault *fault)
{
    struct replace *replace = (struct replace *)fault;
    search_start(&replace->search, &fault->phrase->values[0].text);
    replace->urgent = NOWHERE;
}

static size_t window_limit(const struct replace *replace)
{
    return search_longest(&replace->search) > WINDOW_LIMIT ? search_longest(&replace->search) : WINDOW_LIMIT;
}

/* Passes on a copy: rules below may change what passes in place, but the window is looked back at, and the string is the rule's. If the
 * urgent byte is in what these bytes stand for, up to bytes[end], their last one is urgent. */
static void pass_copy(struct replace *replace, const void *bytes, size_t length, size_t end, const struct piece *like)
{
    struct piece copy = {.length = length, .stamp = like->stamp, .flags = like->flags & ~(unsigned)PIECE_URGENT};
    if (replace->urgent != NOWHERE && replace->urgent < end) {
        copy.flags |= PIECE_URGENT;
        replace->urgent = NOWHERE;
    }
    replace->gone = end;
    if (length > 0) {
        copy.bytes = xmalloc(length);
        memcpy(copy.bytes, bytes, length);
        fault_pass(&replace->fault, &copy);
        free(copy.bytes);
    }
}

/* Lets bytes[gone … end) go on as they are. */
static void let_go(struct replace *replace, size_t end, const struct piece *like)
{
    if (replace->urgent != NOWHERE && replace->urgent < end) {
        size_t behind = replace->urgent + 1;
        pass_copy(replace, replace->bytes + replace->gone, behind - replace->gone, behind, like);
    }
    pass_copy(replace, replace->bytes + replace->gone, end - replace->gone, end, like);
}

static void put_string(struct replace *replace, size_t end, const struct piece *like)
{
    const struct value *string = &replace->fault.phrase->values[1];
    fault_happened(&replace->fault);
    pass_copy(replace, string->string.bytes, string->string.length, end, like);
}

/* Keeps what may be looked back at, and what waits. */
static void shift(struct replace *replace)
{
    size_t back = search_lookback(&replace->search);
    size_t first = replace->gone > back ? replace->gone - back : 0;
    memmove(replace->bytes, replace->bytes + first, replace->length - first);
    replace->gone -= first;
    replace->length -= first;
    if (replace->urgent != NOWHERE) {
        replace->urgent -= first;
    }
}

/* Decides what can be decided; if the window is all there is (`last`), everything. `like`: whose stamp and flags the bytes go on with. */
static void decide(struct replace *replace, bool last, const struct piece *like)
{
    while (replace->gone < replace->length) {
        size_t start = replace->gone, end = replace->length;
        enum search_result found = search_next(&replace->search, replace->bytes, replace->length, last, &start, &end);
        let_go(replace, found == SEARCH_NOTHING ? replace->length : start, like);
        if (found == SEARCH_MATCH) {
            put_string(replace, end, like);
        } else {
            break;
        }
    }
    if (replace->length > 0) {
        shift(replace);
    }
}

static void append(struct replace *replace, const struct piece *piece)
{
    size_t length = replace->length + piece->length;
    if (length > replace->capacity) {
        replace->capacity = length > 2 * replace->capacity ? length : 2 * replace->capacity;
        replace->bytes = xrealloc(replace->bytes, replace->capacity);
    }
    memcpy(replace->bytes + replace->length, piece->bytes, piece->length);
    replace->length = length;
    if ((piece->flags & PIECE_URGENT) != 0) {
        replace->urgent = length - 1;
    }
}

static void data(struct fault *fault, const struct piece *piece)
{
    struct replace *replace = (struct replace *)fault;
    size_t limit = window_limit(replace);
    for (size_t offset = 0, run; offset < piece->length; offset += run) {
        size_t room = limit - (replace->length - replace->gone);
        run = piece->length - offset < room ? piece->length - offset : room;
        struct piece part = portion_of_piece(piece, offset, run);
        append(replace, &part);
        decide(replace, false, &part);
        if (replace->length - replace->gone == limit) {
            decide(replace, true, &part);
        }
    }
}

static struct piece nothing_now(const struct fault *fault)
{
    return (struct piece){.stamp = fault_now(fault)};
}

static void ending(struct fault *fault, enum ending ending)
{
    struct piece like = nothing_now(fault);
    decide((struct replace *)fault, true, &like);
    fault_pass_ending(fault, ending);
}

static void stop(struct fault *fault)
{
    struct replace *replace = (struct replace *)fault;
    struct piece like = nothing_now(fault);
    let_go(replace, replace->length, &like);
}

static void release(struct fault *fault)
{
    struct replace *replace = (struct replace *)fault;
    search_release(&replace->search);
    free(replace->bytes);
}

const struct fault_kind kind_replace = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "replace TEXT with STRING in WHAT",
        .help = "from the place on, each match of the text goes on as the string; bytes that may belong to one wait until that is decided",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct replace),
    .start = start,
    .data = data,
    .ending = ending,
    .stop = stop,
    .release = release,
};
