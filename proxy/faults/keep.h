/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kinds that keep bytes do alike: hold, throttle, slice. The queue and its counting are the engine's (fault_keep() and its kin).
 */
#ifndef HANGUP_FAULTS_KEEP_H
#define HANGUP_FAULTS_KEEP_H

#include "engine/fault.h"

/* Keeps a piece without the time at which it was read, so that small reads share memory. */
void keep_bytes(struct fault *fault, const struct piece *piece);

/* Keeps an ending behind what is kept; where nothing is, it passes. */
void keep_ending(struct fault *fault, enum ending ending);

/* Whether an action on `what` is about this ending. */
bool is_ending(enum what what, enum ending ending);

#endif
