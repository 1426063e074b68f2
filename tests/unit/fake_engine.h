/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fake engine for the unit tests of faults/: it implements engine/fault.h on a clock that stands still until the test moves it, with no
 * link and no socket. One `struct fake` is one running fault; it records what passed, when, and what was asked of the sides. The tests link
 * it in the place of engine/fault.c.
 */
#ifndef HANGUP_TESTS_FAKE_ENGINE_H
#define HANGUP_TESTS_FAKE_ENGINE_H

#include "engine/fault.h"
#include "kernel/loss.h"
#include "kernel/segments.h"
#include "relay/timers.h"

/* What faults of one worker have in common: the time, and the memory of fault_shared(). */
struct fake_world {
    struct clock clock; /* first, so that a clock leads back to its world */
    uint64_t now;       /* ns; begins at 1 s */
    struct timers timers;
    void *shared;
    uint64_t seed;
};

struct fake_write {
    uint64_t at, stamp; /* ns */
    size_t offset, length;
    unsigned flags;
};

struct fake_ending {
    uint64_t at; /* ns */
    size_t offset; /* bytes that passed before it */
    enum ending ending;
};

#define FAKE_ENDINGS 8

struct fake {
    struct fake_world *world;
    struct phrase phrase;
    struct fault *fault;
    uint8_t *out; /* all bytes that passed */
    size_t out_length, out_capacity;
    struct fake_write *writes;
    size_t write_count, write_capacity;
    struct fake_ending endings[FAKE_ENDINGS];
    size_t ending_count;
    unsigned happened, done, time_started; /* how often it said so */
    size_t done_offset; /* bytes that had passed when it said that it is done */
    struct tls_records records; /* where its place stands: at a flow's beginning, unless a test says otherwise */
    size_t in_front;
    bool plain; /* TLS of ours has taken the records out of its flow */
    char asked[256]; /* what was asked of the side, link or relay: "send 3, fin, " */
    bool patterns_compiled;
    struct loss loss;         /* what is lost, as it was asked for last */
    struct segments segments; /* what the kernel counts */
    struct sequence origin;   /* where both streams began */
    char came[256];           /* the names of the segments that came to our TCP, "a c b"; of one that was lost, "-d" */
    bool unconnected;         /* there is no socket yet */
    bool no_keys;             /* nor TLS 1.3 towards its side */
};

void fake_world_init(struct fake_world *world);
void fake_world_release(struct fake_world *world);

/* For cmocka: each test has a world of its own, *state. */
int fake_set_up(void **state);
int fake_tear_down(void **state);

/* A fault by its row's syntax, word for word. The values are set next, by their place in the syntax; then it is started. */
struct fake *fake_new(struct fake_world *world, const char *syntax);
struct fake *fake_new_of(struct fake_world *world, const struct fault_kind *kind); /* where several have that syntax */
void fake_what(struct fake *fake, size_t i, enum what what);
void fake_range(struct fake *fake, size_t i, uint64_t low, uint64_t high); /* SIZE, RATE, DURATION … */
void fake_share(struct fake *fake, size_t i, double share);
void fake_nth(struct fake *fake, size_t i, uint64_t nth);
void fake_errno(struct fake *fake, size_t i, int error);
void fake_word(struct fake *fake, size_t i, unsigned word); /* makes it present */
void fake_string(struct fake *fake, size_t i, const char *string);
void fake_literal(struct fake *fake, size_t i, const char *literal);
void fake_pattern(struct fake *fake, size_t i, const char *pattern, uint32_t pcre2_options);
void fake_start(struct fake *fake);

void fake_data(struct fake *fake, const char *text);
void fake_bytes(struct fake *fake, const void *bytes, size_t length, unsigned flags);
void fake_ending(struct fake *fake, enum ending ending);
void fake_segment(struct fake *fake, char name, struct segment segment); /* its numbers, flags and bytes */
void fake_stop(struct fake *fake);
void fake_free(struct fake *fake); /* as when the link is gone */

/* Moves the time on, firing timers each at its own time; fake_settle(): until none is set. */
void fake_advance(struct fake_world *world, uint64_t ns);
void fake_settle(struct fake_world *world);

/* What passed, as a string. */
const char *fake_text(struct fake *fake);

#endif
