/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sieve: which of very many rules may choose a link, found without asking each. A rule that is for some client, for some connections by
 * number or for one relay is found by that; all others are asked every time. What it finds may still say no. Made anew when rules change.
 */
#ifndef HANGUP_ENGINE_SIEVE_H
#define HANGUP_ENGINE_SIEVE_H

#include <stddef.h>

struct link;
struct rule_state;
struct sieve;

/* The states must outlive it. */
struct sieve *sieve_new(struct rule_state *const *states, size_t count);
void sieve_free(struct sieve *sieve); /* NULL is fine */

/* Those that may choose a link that opens, in their order; all others surely do not. The caller's until the next call. */
struct rule_state **sieve_find(struct sieve *sieve, const struct link *link, size_t *count);

#endif
