/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An outlet: where an end that speaks TLS itself writes its records. Faults on records stand there as hooks, since the flow carries plain
 * text; an outlet is in front of them all from the link's beginning, and knows where among the records the bytes stand that come to them.
 * One for each flow of a rule that speaks of records; where TLS passes through there is none (look.h).
 */
#ifndef HANGUP_ENGINE_OUTLET_H
#define HANGUP_ENGINE_OUTLET_H

#include "relay/link.h"
#include "tls/record.h"
#include "tls/wire.h"

struct fault;

struct outlet {
    struct wire_hook hook;
    struct tls_records before, now; /* in front of the bytes that are being handed on, and behind them */
};

/* Of the end that this flow goes to, if that speaks TLS. */
void outlet_open(struct outlet *outlet, struct flow *flow);
void outlet_close(struct outlet *outlet);

/*
 * A fault joins: from the place on, which is behind all that the end has in line by now, what the end writes comes to its kind's functions.
 * It stands in the flow, too, so that what is in front of the place and what is behind get records of their own.
 */
void outlet_join(struct fault *fault);
void outlet_leave(struct fault *fault);
void outlet_pass(struct fault *fault, const struct piece *piece);

#endif
