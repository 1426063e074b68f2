/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole vocabulary in one place, for whoever compiles rules or prints rows.
 */
#ifndef HANGUP_CLI_VOCABULARY_H
#define HANGUP_CLI_VOCABULARY_H

#include "rules/vocab.h"

extern const struct vocab vocabulary;

#endif
