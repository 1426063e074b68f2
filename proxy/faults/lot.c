/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the words to the loss, and what is drawn for a place in the stream.
 */
#include "faults/lot.h"

#define FLAG_FIN 0x01u

static enum loss_what what_is_lost(const struct fault *fault)
{
    switch (phrase_value(fault->phrase, SLOT_WHAT)->flow.what) {
    case WHAT_DATA:
        return LOSS_DATA;
    case WHAT_FIN:
        return LOSS_FIN;
    case WHAT_ACKS:
        return LOSS_ACKS;
    case WHAT_SEGMENTS:
    case WHAT_RST:
    case WHAT_SYN:
    case WHAT_RECORDS:
    case WHAT_CLOSE_NOTIFY:
    case WHAT_WINDOW:
        break;
    }
    return LOSS_SEGMENTS;
}

static uint32_t size_in_segments(const struct fault *fault)
{
    const struct value *over = phrase_value(fault->phrase, SLOT_SIZE);
    uint64_t size = over != NULL ? over->range.low : 0;

    return size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
}

struct loss lot_loss(const struct fault *fault)
{
    return (struct loss){.what = what_is_lost(fault), .over = size_in_segments(fault)};
}

bool lot_is_drawn(const struct phrase *phrase)
{
    return phrase_value(phrase, SLOT_PERCENT) != NULL;
}

void lot_start(struct lot *lot, const struct fault *fault)
{
    const struct value *share = phrase_value(fault->phrase, SLOT_PERCENT);

    *lot = (struct lot){.loss = lot_loss(fault), .key = (uint32_t)(fault->key ^ fault->key >> 32)};
    lot->all = share == NULL || share->share >= 1;
    lot->share = lot->all ? UINT32_MAX : (uint32_t)(share->share * 4294967296.0);
}

/* A few rounds of mixing. */
bool lot_draws(const struct lot *lot, uint32_t place)
{
    uint32_t mixed = place ^ lot->key;

    mixed *= 0x9e3779b1;
    mixed ^= mixed >> 15;
    mixed *= 0x85ebca77;
    mixed ^= mixed >> 13;
    mixed *= 0xc2b2ae3d;
    mixed ^= mixed >> 16;
    return lot->all || mixed < lot->share;
}

static bool get_ready(struct lot *lot, const struct fault *fault)
{
    struct segments now;

    if (!lot->ready && fault_segments(fault, &now) && fault_origin(fault, &now, &lot->origin)) {
        lot->seen = (struct sequence){.send = (uint32_t)now.acknowledged, .receive = (uint32_t)now.received};
        lot->ready = true;
    }
    return lot->ready;
}

static bool is_ack(const struct segment *segment)
{
    const struct loss acks = {.what = LOSS_ACKS};

    return loss_means(&acks, segment->flags, segment->bytes);
}

/* Sequence numbers go round: what is less than half of that behind is in front. */
static bool is_behind(uint32_t place, uint32_t other)
{
    return (int32_t)(place - other) > 0;
}

bool lot_means(struct lot *lot, const struct fault *fault, const struct segment *segment, bool *is_new)
{
    bool ack = is_ack(segment), fresh, ready = get_ready(lot, fault);
    uint32_t place = ack ? segment->acknowledged - lot->origin.send : segment->sequence - lot->origin.receive;
    uint32_t reach = place + (ack ? 0 : (uint32_t)segment->bytes + ((segment->flags & FLAG_FIN) != 0));
    uint32_t *seen = ack ? &lot->seen.send : &lot->seen.receive;

    fresh = is_behind(reach, *seen) && (ack || !is_behind(*seen, place));
    if (is_behind(reach, *seen)) {
        *seen = reach;
    }
    if (is_new != NULL) {
        *is_new = fresh;
    }
    return loss_means(&lot->loss, segment->flags, segment->bytes) && (lot->all || (ready && lot_draws(lot, place)));
}
