/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults on the records that TLS of ours writes. They are called from within a write, so what is over is told later, from outside.
 */
#include "engine/outlet.h"

#include "engine/action.h"
#include "engine/fault.h"

/* ---- following ---- */

static void follow(struct wire_hook *hook, uint8_t *bytes, size_t length)
{
    struct outlet *outlet = (struct outlet *)((char *)hook - offsetof(struct outlet, hook));

    for (size_t at = 0, run; at < length; at += run) {
        size_t reach = tls_records_reach(&outlet->now);

        run = length - at < reach ? length - at : reach;
        outlet->before = outlet->now;
        tls_records_take(&outlet->now, bytes + at, run);
        wire_pass(hook, bytes + at, run);
    }
}

void outlet_open(struct outlet *outlet, struct flow *flow)
{
    outlet->hook.data = follow;
    outlet->now.lost = flow->link->flows[SIDE_CLIENT].bytes + flow->link->flows[SIDE_SERVER].bytes > 0; /* too late to know */
    (void)wire_attach(flow_sink(flow), WIRE_OUT, &outlet->hook); /* no TLS of ours: nothing to follow */
}

void outlet_close(struct outlet *outlet)
{
    wire_detach(&outlet->hook);
}

/* ---- a fault's place ---- */

static struct fault *fault_of_hook(struct wire_hook *hook)
{
    return (struct fault *)((char *)hook - offsetof(struct fault, hook));
}

static const struct end *end_of(const struct fault *fault)
{
    return &fault->link->ends[side_other(fault->side)];
}

/* What was in line in front of the place is being written. */
static bool is_in_front(const struct fault *fault)
{
    return end_of(fault)->delivered < fault->place;
}

static void hook_data(struct wire_hook *hook, uint8_t *bytes, size_t length)
{
    struct fault *fault = fault_of_hook(hook);
    struct piece piece = {.bytes = bytes, .length = length, .stamp = fault_now(fault)};

    if (fault->done || is_in_front(fault)) {
        wire_pass(hook, bytes, length);
        return;
    }
    if (!fault->begun) {
        fault->begun = true;
        fault->kind->start(fault);
    }
    fault->kind->data(fault, &piece);
}

/* What comes first behind the place must not share a record with what is in front. */
static void flow_data(struct filter *filter, const struct piece *piece)
{
    struct fault *fault = (struct fault *)((char *)filter - offsetof(struct fault, filter));
    struct piece first = *piece;

    first.flags |= fault->parted ? 0 : PIECE_OWN_WRITE;
    fault->parted = true;
    filter_pass(filter, &first);
}

static const struct filter_ops flow_ops = {.data = flow_data, .ending = filter_pass_ending};

void outlet_join(struct fault *fault)
{
    const struct end *end = end_of(fault);

    fault->place = end->delivered + end->out.bytes;
    fault->hook.data = hook_data;
    fault->filter.ops = &flow_ops;
    (void)wire_attach(&fault->link->ends[side_other(fault->side)], WIRE_OUT, &fault->hook);
}

void outlet_leave(struct fault *fault)
{
    wire_detach(&fault->hook);
}

void outlet_pass(struct fault *fault, const struct piece *piece)
{
    wire_pass(&fault->hook, piece->bytes, piece->length);
}
