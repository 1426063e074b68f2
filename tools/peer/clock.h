/* SPDX-License-Identifier: BSD-2-Clause */
/* The peer's clock: nanoseconds that only go forward. Deadlines are such times. */
#ifndef HANGUP_TOOLS_PEER_CLOCK_H
#define HANGUP_TOOLS_PEER_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

uint64_t clock_now(void);

/* Milliseconds until `deadline`, rounded up, for poll(); 0 when it has passed. */
int clock_left_ms(uint64_t deadline);

void clock_sleep(uint64_t ns);

/* Reads "30ms", "2s", "500us", "1min" into nanoseconds. */
bool clock_parse(const char *text, uint64_t *ns);

#endif
