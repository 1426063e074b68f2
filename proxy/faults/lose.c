/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lose: segments of the speaker do not reach our TCP. Which ones a program in the kernel decides (kernel/loss.h), and it forgets at once:
 * so what is to be lost once only, by lot or by count, is looked after from here. Our kernel counts what it dropped; when that number has
 * grown and the stream has not, the segment at its end was lost, and its repetition is let pass.
 */
#include "faults/kinds.h"

#include "kernel/loss.h"
#include "kernel/segments.h"

#define LOOK (1 * NS_PER_MS)
#define PAUSE_MOST (20 * NS_PER_MS)

struct lose {
    struct fault fault;
    struct loss loss;
    uint32_t every;         /* 0: not by count */
    bool ready;             /* its places count from where the stream began; what follows is set */
    uint32_t dropped;       /* when it was looked at last */
    uint32_t progress;      /* how far the stream had come then, in places */
    uint32_t counted_from;  /* by count: how many had come when the last one was lost */
    uint64_t pause;         /* ns until the next look */
};

static struct lose *lose_of(struct fault *fault)
{
    return (struct lose *)fault;
}

static bool needs_places(const struct lose *lose)
{
    return lose->loss.which != LOSS_ALL;
}

/* ACKs have no bytes: their place is what they acknowledge. */
static uint32_t place_reached(const struct lose *lose, const struct segments *segments)
{
    return (uint32_t)(lose->loss.what == LOSS_ACKS ? segments->acknowledged : segments->received);
}

static uint32_t count(const struct lose *lose, const struct segments *segments)
{
    switch (lose->loss.what) {
    case LOSS_DATA:
        return segments->with_data;
    case LOSS_ACKS:
        return segments->came - segments->with_data;
    case LOSS_SEGMENTS:
    case LOSS_FIN:
        break;
    }
    return segments->came;
}

/* Where places count from: the beginning of the stream, so that it is the same on every run. False: there is no connection yet. */
static bool find_first(struct lose *lose, const struct segments *segments)
{
    struct sequence sequence;

    if (!fault_sequence(&lose->fault, &sequence)) {
        return false;
    }
    if (lose->loss.what == LOSS_ACKS) {
        lose->loss.first = sequence.send - (uint32_t)segments->written;
    } else {
        lose->loss.first = sequence.receive - (uint32_t)segments->received;
    }
    return true;
}

static bool get_ready(struct lose *lose, const struct segments *segments)
{
    if (needs_places(lose) && !find_first(lose, segments)) {
        return false;
    }
    lose->ready = true;
    lose->dropped = segments->dropped;
    lose->progress = place_reached(lose, segments);
    lose->counted_from = count(lose, segments);
    if (needs_places(lose)) {
        lose->loss.place = lose->progress - 1; /* what is there has passed */
        fault_lose(&lose->fault, &lose->loss);
    }
    return true;
}

static void one_was_lost(struct lose *lose, const struct segments *segments)
{
    fault_happened(&lose->fault);
    fault_time_starts(&lose->fault);
    if (lose->every == 0 && !needs_places(lose)) {
        return;
    }
    if (lose->every > 0) {
        lose->loss.which = LOSS_NONE;
        lose->counted_from = count(lose, segments);
    } else {
        lose->loss.place = lose->loss.what == LOSS_ACKS ? (uint32_t)segments->written : lose->progress;
    }
    fault_lose(&lose->fault, &lose->loss);
}

/* By count: the next one is to be lost. What passed meanwhile has moved its place. */
static void take_aim(struct lose *lose, const struct segments *segments)
{
    if (count(lose, segments) - lose->counted_from + 1 < lose->every) {
        return;
    }
    if (lose->loss.what == LOSS_ACKS) {
        if (lose->loss.which != LOSS_ALL) {
            lose->loss.which = LOSS_ALL;
            fault_lose(&lose->fault, &lose->loss);
        }
    } else if (lose->loss.which != LOSS_PLACE || lose->loss.place != lose->progress) {
        lose->loss.which = LOSS_PLACE;
        lose->loss.place = lose->progress;
        fault_lose(&lose->fault, &lose->loss);
    }
}

static void look(struct lose *lose)
{
    struct segments now;
    uint32_t progress;

    if (!fault_segments(&lose->fault, &now) || (!lose->ready && !get_ready(lose, &now))) {
        return;
    }
    progress = place_reached(lose, &now);
    if (now.dropped != lose->dropped && (progress == lose->progress || !needs_places(lose) || lose->loss.what == LOSS_ACKS)) {
        one_was_lost(lose, &now);
    }
    lose->dropped = now.dropped;
    lose->progress = progress;
    if (lose->every > 0) {
        take_aim(lose, &now);
    }
}

static void look_again(struct lose *lose)
{
    bool by_place = needs_places(lose) || lose->every > 0;

    if (by_place) {
        lose->pause = LOOK;
    } else {
        lose->pause = lose->pause * 2 < PAUSE_MOST ? lose->pause * 2 : PAUSE_MOST;
    }
    if (by_place || !lose->fault.happened) {
        fault_wake_at(&lose->fault, fault_now(&lose->fault) + lose->pause);
    }
}

static void timer(struct fault *fault)
{
    look(lose_of(fault));
    look_again(lose_of(fault));
}

static void data(struct fault *fault, const struct piece *piece)
{
    fault_pass(fault, piece);
    if (needs_places(lose_of(fault))) {
        look(lose_of(fault)); /* before its speaker hears an answer and goes on */
    }
}

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

static void start(struct fault *fault)
{
    struct lose *lose = lose_of(fault);
    const struct value *share = phrase_value(fault->phrase, SLOT_PERCENT), *nth = phrase_value(fault->phrase, SLOT_NTH);

    lose->loss = (struct loss){
        .what = what_is_lost(fault), .over = size_in_segments(fault), .key = (uint32_t)(fault->key ^ fault->key >> 32)};
    lose->pause = LOOK / 2;
    if (nth != NULL && nth->nth > 1) {
        lose->every = nth->nth < UINT32_MAX ? (uint32_t)nth->nth : UINT32_MAX;
        lose->loss.which = LOSS_NONE;
    } else if (share != NULL && share->share < 1) {
        lose->loss.which = LOSS_LOT;
        lose->loss.share = (uint32_t)(share->share * 4294967296.0);
    }
    if (!needs_places(lose)) {
        fault_lose(fault, &lose->loss); /* also where there is no socket yet */
    }
    look(lose);
    look_again(lose);
}

static void stop(struct fault *fault)
{
    fault_lose_no_more(fault, &lose_of(fault)->loss);
}

static bool is_some_of_them(const struct phrase *phrase)
{
    return phrase_value(phrase, SLOT_PERCENT) != NULL;
}

static bool is_not_everything(const struct phrase *phrase)
{
    return phrase_value(phrase, SLOT_WHAT)->flow.what != WHAT_SEGMENTS || phrase_value(phrase, SLOT_SIZE) != NULL
           || is_some_of_them(phrase);
}

const struct fault_kind kind_lose = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "lose [PERCENT of] WHAT [over SIZE]",
        .help = "from the place on, these segments, all or each by lot, do not reach our TCP and are not acknowledged: they are sent "
            "again; over: only those with more bytes than that",
        .asks = (const struct row_need[]){
            {NEED_FILTER, "but for all segments", is_not_everything}, {NEED_REPAIR, "with PERCENT", is_some_of_them}, {0}},
        .traits = ROW_TAKES_TIME | ROW_STAYS | ROW_LOSES,
        .what = WHAT_BIT(WHAT_FIN) | WHAT_BIT(WHAT_DATA) | WHAT_BIT(WHAT_ACKS) | WHAT_BIT(WHAT_SEGMENTS),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct lose),
    .start = start,
    .data = data,
    .timer = timer,
    .stop = stop,
    .release = stop,
};

const struct fault_kind kind_lose_every = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "lose every NTH WHAT [over SIZE]",
        .help = "from the place on, every so many of these segments one does not reach our TCP and is not acknowledged: it is sent "
            "again",
        .asks = (const struct row_need[]){{NEED_FILTER, NULL, NULL}, {NEED_REPAIR, NULL, NULL}, {0}},
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA) | WHAT_BIT(WHAT_ACKS) | WHAT_BIT(WHAT_SEGMENTS),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct lose),
    .start = start,
    .data = data,
    .timer = timer,
    .stop = stop,
    .release = stop,
};
