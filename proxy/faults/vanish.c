/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vanish: the path to that application is cut. Nothing reaches it, what it sends is not acknowledged, and nobody says so, or a router does
 * (RFC 1122, section 4.2.3.9: a soft error); what the other side has for it waits. Lifted, each TCP repeats what was not acknowledged.
 */
#include "faults/kinds.h"

#include <errno.h>

#include "kernel/segments.h"

#define LOOK_LEAST (1 * NS_PER_MS)
#define LOOK_MOST (20 * NS_PER_MS)

struct vanish {
    struct fault fault;
    uint32_t dropped; /* of its segments, when it was looked at last */
    uint64_t pause;   /* ns until the next look */
};

static void start(struct fault *fault)
{
    fault_vanish(fault);
    fault_happened(fault);
}

static void stop(struct fault *fault)
{
    fault_appear(fault);
}

/* What it sends is answered soon behind it: our kernel counts what it has dropped. */
static void look(struct fault *fault)
{
    struct vanish *vanish = (struct vanish *)fault;
    struct segments segments;

    vanish->pause = vanish->pause < LOOK_MOST ? vanish->pause * 2 : LOOK_MOST;
    if (fault_segments(fault, &segments) && segments.dropped != vanish->dropped) {
        vanish->dropped = segments.dropped;
        vanish->pause = LOOK_LEAST;
        fault_unreachable(fault, phrase_value(fault->phrase, SLOT_ERRNO)->error);
    }
    fault_wake_at(fault, fault_now(fault) + vanish->pause);
}

static void start_with(struct fault *fault)
{
    struct vanish *vanish = (struct vanish *)fault;
    struct segments segments = {0};

    (void)fault_segments(fault, &segments);
    vanish->dropped = segments.dropped;
    vanish->pause = LOOK_LEAST;
    start(fault);
    fault_wake_at(fault, fault_now(fault) + vanish->pause);
}

const struct fault_kind kind_vanish = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "vanish [from SIDE]",
        .help = "that side gets nothing, and what it sends is not acknowledged; when this ends, TCP repeats and heals",
        .traits = ROW_TAKES_TIME | ROW_STAYS | ROW_DEAFENS_SIDE,
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = start,
    .stop = stop,
};

const struct fault_kind kind_vanish_with = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "vanish [from SIDE] with ERRNO",
        .help = "as vanish, and the ICMP error that becomes this errno answers what it sends: its calls fail with that in the end",
        .asks = (const struct row_need[]){{NEED_REPAIR, NULL, NULL}, {NEED_RAW, NULL, NULL}, {0}},
        .errnos = (const int[]){ENETUNREACH, EHOSTUNREACH, ENOPROTOOPT, EOPNOTSUPP, EHOSTDOWN, ENONET, EPROTO, EACCES, 0},
        .traits = ROW_TAKES_TIME | ROW_STAYS | ROW_DEAFENS_SIDE,
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct vanish),
    .start = start_with,
    .timer = look,
    .stop = stop,
};
