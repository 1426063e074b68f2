/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The filter behind a goodbye of a rule's: what comes to it goes no further, and is answered where life would answer it.
 */
#include "engine/cut.h"

#include <stdlib.h>

#include "engine/instance.h"

struct cut {
    struct filter filter;
    struct cut *next;
    enum side speaker;
    enum cut_kind kind;
};

/* The side that was only sent a FIN may have been closed or reset since. */
static bool is_said_to_nobody(const struct cut *cut)
{
    const struct end *sink = flow_sink(cut->filter.flow);

    return cut->kind == CUT_IS_OVER || (cut->kind == CUT_DROPS && (sink->closed_on || sink->rst_due || sink->state == END_GONE));
}

static void cut_data(struct filter *filter, const struct piece *piece)
{
    const struct cut *cut = (const struct cut *)(const void *)filter;
    struct end *source = flow_source(filter->flow);

    (void)piece;
    if (is_said_to_nobody(cut)) {
        link_said_to_gone(filter->flow->link, side_other(cut->speaker));
    } else if (cut->kind == CUT_SILENCES && source->closed_on) {
        end_put_ending(source, ENDING_RST);
    }
}

static void cut_ending(struct filter *filter, enum ending ending)
{
    const struct cut *cut = (const struct cut *)(const void *)filter;

    if (ending == ENDING_RST) {
        filter_pass_ending(filter, ending);
    } else if (is_said_to_nobody(cut) && !flow_source(filter->flow)->closed_on) { /* else our kernel takes that FIN, as after close(2) */
        link_said_to_gone(filter->flow->link, side_other(cut->speaker));
    }
}

static const struct filter_ops cut_ops = {.data = cut_data, .ending = cut_ending};

void cut_flow(struct instance *instance, enum side speaker, enum cut_kind kind)
{
    struct cut *cut = instance->cuts;

    while (cut != NULL && (cut->speaker != speaker || cut->kind != kind)) {
        cut = cut->next;
    }
    if (cut != NULL) { /* an earlier firing has placed it */
        return;
    }
    cut = calloc(1, sizeof(*cut));
    if (cut == NULL) {
        abort();
    }
    cut->filter.ops = &cut_ops;
    cut->speaker = speaker;
    cut->kind = kind;
    cut->next = instance->cuts;
    instance->cuts = cut;
    gate_add(&instance->gates[speaker], &cut->filter);
}

void cut_free_all(struct instance *instance)
{
    while (instance->cuts != NULL) {
        struct cut *cut = instance->cuts;

        instance->cuts = cut->next;
        gate_remove(&instance->gates[cut->speaker], &cut->filter);
        free(cut);
    }
}
