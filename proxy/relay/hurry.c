/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looks, every millisecond, whether a receiver that an RST waits for still reads.
 */
#include "relay/hurry.h"

#include <stdlib.h>

#include "relay/end.h"
#include "relay/link.h"
#include "relay/worker.h"
#include "rules/memory.h"

#define LOOK NS_PER_MS
#define PATIENCE_LEAST (12 * NS_PER_MS)

struct hurry {
    struct end *end;
    uint64_t progress;    /* bytes on the wire when it last looked */
    uint64_t progress_at; /* ns: when that last grew */
    struct timer timer;
};

static uint64_t on_the_wire(struct end *end)
{
    return end->delivered - end->stream.ops->unsent(&end->stream);
}

/* It reads after all (whoever has more for it begins again), or nobody knows whether it does. */
static bool is_over(struct end *end)
{
    return end->held_back > 0 || (!end->rst_due && end_waits(end) == 0 && end->stream.ops->unsent(&end->stream) == 0);
}

static void look(struct timer *timer)
{
    struct hurry *hurry = (struct hurry *)((char *)timer - offsetof(struct hurry, timer));
    struct end *end = hurry->end;
    struct timers *timers = &end->link->worker->timers;

    end_flush(end);
    if (end->hurry == hurry && is_over(end)) {
        hurry_end(end);
    } else if (end->hurry == hurry) {
        uint64_t now = timers_now(timers), progress = on_the_wire(end), patience = 2 * end->stream.ops->round_trip(&end->stream);

        if (progress != hurry->progress) {
            hurry->progress = progress;
            hurry->progress_at = now;
        }
        if (now - hurry->progress_at >= (patience > PATIENCE_LEAST ? patience : PATIENCE_LEAST)) {
            end_reset_now(end);
        } else {
            timer_set(timers, &hurry->timer, now + LOOK);
        }
    }
    link_again(end->link);
}

void hurry_begin(struct end *end)
{
    struct timers *timers = &end->link->worker->timers;

    if (end->hurry != NULL || end->state != END_OPEN || end->held_back > 0) {
        return;
    }
    end->hurry = xmalloc(sizeof(*end->hurry));
    *end->hurry = (struct hurry){.end = end, .progress = on_the_wire(end), .progress_at = timers_now(timers), .timer = {.fire = look}};
    timer_set(timers, &end->hurry->timer, end->hurry->progress_at + LOOK);
}

void hurry_end(struct end *end)
{
    if (end->hurry != NULL) {
        timer_cancel(&end->link->worker->timers, &end->hurry->timer);
        free(end->hurry);
        end->hurry = NULL;
    }
}
