/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A cut: a filter behind which nothing goes on but an RST, because a rule has said goodbye there. Placed by fault.c for close, reset and send fin; stays until
 * the link is gone.
 */
#ifndef HANGUP_ENGINE_CUT_H
#define HANGUP_ENGINE_CUT_H

#include "rules/vocab.h"

struct instance;

/* Cuts what this speaker says at the end of the rule's place. */
void cut_flow(struct instance *instance, enum side speaker);
void cut_free_all(struct instance *instance);

#endif
