/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Amounts on the command line and in requests, in the words of the language: `30s`, `16MiB`. Used by the commands' option switches.
 */
#ifndef HANGUP_RULES_AMOUNT_H
#define HANGUP_RULES_AMOUNT_H

#include <stdbool.h>
#include <stdint.h>

bool amount_duration(const char *text, uint64_t *ns);
bool amount_size(const char *text, uint64_t *bytes);
bool amount_number(const char *text, uint64_t *number);

#endif
