/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lose: segments of the speaker do not reach our TCP, all of a kind. A program in the kernel loses them (kernel/loss.h); what is lost by
 * lot or by count has files of its own. Our kernel counts what it dropped: when that number has grown, it can be felt.
 */
#include "faults/kinds.h"

#include "faults/lot.h"

#define LOOK (1 * NS_PER_MS)
#define PAUSE_MOST (20 * NS_PER_MS)

struct lose {
    struct fault fault;
    struct loss loss;
    bool connected;   /* `dropped` is set */
    uint32_t dropped; /* when it was looked at last */
    uint64_t pause;   /* ns until the next look */
};

static struct lose *lose_of(struct fault *fault)
{
    return (struct lose *)fault;
}

static void look(struct fault *fault)
{
    struct lose *lose = lose_of(fault);
    struct segments now;

    if (!fault_segments(fault, &now)) {
        return;
    }
    if (lose->connected && now.dropped != lose->dropped) {
        fault_happened(fault);
        fault_time_starts(fault);
    }
    lose->connected = true;
    lose->dropped = now.dropped;
}

static void look_again(struct fault *fault)
{
    struct lose *lose = lose_of(fault);

    lose->pause = lose->pause * 2 < PAUSE_MOST ? lose->pause * 2 : PAUSE_MOST;
    look(fault);
    if (!fault->happened) {
        fault_wake_at(fault, fault_now(fault) + lose->pause);
    }
}

static void start(struct fault *fault)
{
    lose_of(fault)->loss = lot_loss(fault);
    lose_of(fault)->pause = LOOK / 2;
    fault_lose(fault, &lose_of(fault)->loss); /* also where there is no socket yet */
    look_again(fault);
}

static void stop(struct fault *fault)
{
    fault_lose_no_more(fault, &lose_of(fault)->loss);
}

static bool is_not_everything(const struct phrase *phrase)
{
    return phrase_value(phrase, SLOT_WHAT)->flow.what != WHAT_SEGMENTS || phrase_value(phrase, SLOT_SIZE) != NULL;
}

const struct fault_kind kind_lose = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "lose WHAT [over SIZE]",
        .help = "from the place on, these segments do not reach our TCP and are not acknowledged: they are sent again; over: only those "
            "with more bytes than that",
        .asks = (const struct row_need[]){{NEED_FILTER, "but for all segments", is_not_everything}, {0}},
        .traits = ROW_TAKES_TIME | ROW_STAYS | ROW_LOSES,
        .what = WHAT_BIT(WHAT_FIN) | WHAT_BIT(WHAT_DATA) | WHAT_BIT(WHAT_ACKS) | WHAT_BIT(WHAT_SEGMENTS),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct lose),
    .start = start,
    .timer = look_again,
    .stop = stop,
    .release = stop,
};
