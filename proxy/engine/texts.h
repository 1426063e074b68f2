/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many literal texts, looked for together: one pass over the bytes finds the first place at which any of them ends, however the reads cut
 * them (Aho and Corasick). It only finds the place; who was meant is asked one by one. Used by crowd.c.
 */
#ifndef HANGUP_ENGINE_TEXTS_H
#define HANGUP_ENGINE_TEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/vocab.h"

struct texts;

/* None is empty or a pattern. They must outlive it. */
struct texts *texts_new(const struct text *const *list, size_t count);
void texts_free(struct texts *texts); /* NULL is fine */

/* How much memory it takes for each flow: none but this, 0 at first. */
typedef uint32_t texts_place;

/* Goes on over these bytes. True: the byte at `*at` is the first that ends a text; then it is not taken, only those in front of it. */
bool texts_find(const struct texts *texts, texts_place *place, const uint8_t *bytes, size_t length, size_t *at);

/* How many bytes of the text of that number (in the list) the last ones that were taken may begin with; less than all of it. */
size_t texts_matched(const struct texts *texts, texts_place place, size_t number);

#endif
