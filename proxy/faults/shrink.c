/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shrink window: our TCP offers the speaker less than before. What it has offered already holds, as RFC 9293 asks for (section 3.8.6.2.1),
 * and is used up by what comes; or it is taken back at once, which peers must bear all the same. All that comes is read and goes on.
 */
#include "faults/kinds.h"

#include "relay/squeeze.h"

struct shrink {
    struct fault fault;
    struct squeeze squeeze;
};

static struct shrink *shrink_of(struct fault *fault)
{
    return (struct shrink *)fault;
}

static bool is_at_once(const struct phrase *phrase)
{
    return phrase_value(phrase, SLOT_WORDS) != NULL;
}

static void start(struct fault *fault)
{
    uint64_t bytes = fault_draw(fault, &phrase_value(fault->phrase, SLOT_SIZE)->range);

    bytes = bytes > 0 ? bytes : 1;
    shrink_of(fault)->squeeze =
        (struct squeeze){.bytes = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX, .at_once = is_at_once(fault->phrase)};
    fault_squeeze(fault, &shrink_of(fault)->squeeze);
}

static void data(struct fault *fault, const struct piece *piece)
{
    fault_happened(fault); /* what it says next is answered with less */
    fault_pass(fault, piece);
}

static void stop(struct fault *fault)
{
    fault_squeeze_no_more(fault, &shrink_of(fault)->squeeze);
}

const struct fault_kind kind_shrink = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "shrink WHAT to SIZE [at once]",
        .help = "from the place on, that side finds our window no larger than that (about 1 KiB at least), as soon as it has used up what "
            "it was offered before; at once: that is taken back",
        .asks = (const struct row_need[]){{NEED_REPAIR, "at once", is_at_once}, {0}},
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_WINDOW),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct shrink),
    .start = start,
    .data = data,
    .stop = stop,
    .release = stop,
};
