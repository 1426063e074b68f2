/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lose syn: an attempt is not heard. The client's SYN does not reach our TCP: its connect goes on with the first that it repeats when this
 * is over; where no SYN is held, those of all clients of the relay do not. The server's: its answer to our SYN does not reach our TCP, so
 * that it waits in SYN_RECV.
 */
#include "faults/kinds.h"

#include "kernel/loss.h"
#include "rules/needs.h"

struct lose_syn {
    struct fault fault;
    struct loss loss;
};

static struct lose_syn *lose_syn_of(struct fault *fault)
{
    return (struct lose_syn *)fault;
}

static void start(struct fault *fault)
{
    struct lose_syn *lose = lose_syn_of(fault);

    if (fault->relay == NULL && fault->side == SIDE_SERVER) {
        lose->loss = (struct loss){.what = LOSS_SEGMENTS};
        fault_lose(fault, &lose->loss);
    } else {
        fault_lose_syn(fault, true);
    }
    fault_happened(fault);
    fault_time_starts(fault);
}

static void stop(struct fault *fault)
{
    if (fault->relay == NULL && fault->side == SIDE_SERVER) {
        fault_lose_no_more(fault, &lose_syn_of(fault)->loss);
    } else {
        fault_lose_syn(fault, false);
    }
}

static void release(struct fault *fault)
{
    if (fault->relay == NULL && fault->side == SIDE_SERVER) {
        fault_lose_no_more(fault, &lose_syn_of(fault)->loss);
    }
}

const struct fault_kind kind_lose_syn = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "lose WHAT",
        .help = "the client's SYN is not heard, and its connect goes on when it is sent again after this; the server's: it stays in "
                "SYN_RECV",
        .asks = (const struct row_need[]){
            {NEED_HELD_SYN, "by number, share or client, for a time, or with an expectation", needs_the_rest}, {0}},
        .traits = ROW_TAKES_TIME | ROW_STAYS | ROW_AT_CONNECT | ROW_UNHEARD,
        .what = WHAT_BIT(WHAT_SYN),
    },
    .place = FAULT_ON_ATTEMPT,
    .size = sizeof(struct lose_syn),
    .start = start,
    .stop = stop,
    .release = release,
};
