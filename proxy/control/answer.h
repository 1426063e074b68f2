/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the handlers of the API have in common: how a change is answered, and how relays and rules look as JSON.
 */
#ifndef HANGUP_CONTROL_ANSWER_H
#define HANGUP_CONTROL_ANSWER_H

#include "control/call.h"
#include "control/desk.h"

/* For a change's done(): true: it was made. Else its call, the change's context, was answered. */
bool answer_change(struct change *change);

/* Made, and no more to say: 204. */
void answer_nothing(struct change *change);

/* NULL is fine. False: there is no relay of that name, which was answered with a 404. */
bool answer_relay_is_there(struct call *call, const char *name);

json_t *answer_relay(const struct part_relay *relay, const struct part *part);
json_t *answer_rule(const struct rule *rule, const struct part *part);
json_t *answer_text(const char *text); /* whatever it is: what is no UTF-8 becomes a word that says so */

void answer_set(json_t *object, const char *name, const char *text); /* NULL: not set */
void answer_set_number(json_t *object, const char *name, uint64_t number);

#endif
