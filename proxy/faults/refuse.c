/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * refuse: connect fails, and the server is not dialled; open links are left alone. Where SYNs are held each attempt is turned away by
 * itself, with whatever errno; else the relay does not listen meanwhile. What that takes is the relay's.
 */
#include "faults/kinds.h"

#include <errno.h>

#include "rules/needs.h"

static int error_of(const struct fault *fault)
{
    const struct value *named = phrase_value(fault->phrase, SLOT_ERRNO);

    return named != NULL ? named->error : ECONNREFUSED;
}

static void start(struct fault *fault)
{
    fault_refuse(fault, error_of(fault), true);
    fault_happened(fault);
}

static void stop(struct fault *fault)
{
    fault_refuse(fault, error_of(fault), false);
}

const struct fault_kind kind_refuse = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "refuse",
        .help = "the client's connect fails with ECONNREFUSED and the server is not dialled; open connections live on",
        .asks = (const struct row_need[]){
            {NEED_HELD_SYN, "by number, share or client, or with an expectation", needs_the_rest}, {0}},
        .traits = ROW_TAKES_TIME | ROW_STAYS | ROW_AT_CONNECT | ROW_UNHEARD,
    },
    .place = FAULT_ON_RELAY,
    .size = sizeof(struct fault),
    .start = start,
    .stop = stop,
};

const struct fault_kind kind_refuse_with = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "refuse with ERRNO",
        .help = "the client's connect fails with this errno and the server is not dialled; open connections live on",
        .asks = (const struct row_need[]){{NEED_HELD_SYN, NULL, NULL}, {0}},
        .traits = ROW_STAYS | ROW_AT_CONNECT | ROW_UNHEARD,
    },
    .place = FAULT_ON_RELAY,
    .size = sizeof(struct fault),
    .start = start,
    .stop = stop,
};
