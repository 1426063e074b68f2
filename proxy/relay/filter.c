/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The chain of filters in a flow: putting in, taking out, handing on.
 */
#include "relay/filter.h"

#include <assert.h>

#include "relay/link.h"

void filter_insert(struct filter *filter, struct flow *flow, struct filter *behind)
{
    assert(filter->flow == NULL);
    filter->flow = flow;
    filter->previous = behind;
    filter->next = behind == NULL ? flow->first : behind->next;
    if (filter->next == NULL) {
        flow->last = filter;
    } else {
        filter->next->previous = filter;
    }
    if (behind == NULL) {
        flow->first = filter;
    } else {
        behind->next = filter;
    }
}

void filter_remove(struct filter *filter)
{
    struct flow *flow = filter->flow;

    if (flow == NULL) {
        return;
    }
    filter_keep(filter, 0);
    if (filter->previous == NULL) {
        flow->first = filter->next;
    } else {
        filter->previous->next = filter->next;
    }
    if (filter->next == NULL) {
        flow->last = filter->previous;
    } else {
        filter->next->previous = filter->previous;
    }
    filter->flow = NULL;
    filter->next = filter->previous = NULL;
}

void filter_pass(struct filter *filter, const struct piece *piece)
{
    struct filter *next = filter->next;

    if (piece->length == 0) {
        return;
    }
    if (next != NULL) {
        next->ops->data(next, piece);
    } else {
        end_put(flow_sink(filter->flow), piece);
    }
}

void filter_pass_ending(struct filter *filter, enum ending ending)
{
    struct filter *next = filter->next;

    if (next != NULL) {
        next->ops->ending(next, ending);
    } else {
        end_put_ending(flow_sink(filter->flow), ending);
    }
}

void filter_keep(struct filter *filter, size_t bytes)
{
    struct flow *flow = filter->flow;

    flow->kept = flow->kept - filter->kept + bytes;
    filter->kept = bytes;
    flow_room_made(flow);
}
