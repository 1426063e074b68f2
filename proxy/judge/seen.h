/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was seen: the words of a finding behind the colon. Each yields a string that the caller owns; times in what it says count from the
 * run's beginning ("at 1.003 s") or from the expectation's clock ("after 0.412 s"). Called by vigil.c.
 */
#ifndef HANGUP_JUDGE_SEEN_H
#define HANGUP_JUDGE_SEEN_H

#include "judge/vigil.h"

/* passed: "after 0.412 s"; failed: "its FIN came after 12.301 s". `how`: more about it, or NULL. */
char *seen_deed_wanted(const struct vigil *vigil, uint64_t at, const char *how);
char *seen_deed_unwanted(const struct vigil *vigil, uint64_t at, const char *how);
char *seen_nothing(const struct vigil *vigil); /* failed: what was seen instead of the deed */
char *seen_times(const struct vigil *vigil);   /* both: how often, and the pauses */
char *seen_over(
    const struct vigil *vigil, uint64_t at, const char *what); /* never reached: "the run ended 0.800 s before its time was over" */

#endif
