/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A cut: a filter behind which nothing goes on but an RST, because a rule has said goodbye there. Placed by fault.c for close, reset and
 * send fin; stays until the link is gone. It knows what becomes of what comes to it.
 */
#ifndef HANGUP_ENGINE_CUT_H
#define HANGUP_ENGINE_CUT_H

#include "rules/vocab.h"

struct instance;

enum cut_kind {
    CUT_DROPS,    /* send fin: what is said to that side is thrown away */
    CUT_IS_OVER,  /* close, reset: the side that it is said to is gone, and that is answered with RST, as in life */
    CUT_SILENCES, /* close, reset: what the side that is gone says itself; one that was closed on is answered */
};

/* Cuts what this speaker says at the end of the rule's place. */
void cut_flow(struct instance *instance, enum side speaker, enum cut_kind kind);
void cut_free_all(struct instance *instance);

#endif
