/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory for reading rules: an arena that is freed in one call, and allocation that ends the program when there is none (rules are read at
 * start-up; a file is 1 MiB at most). Used by all of rules/, and by judge/ for the findings that it keeps.
 */
#ifndef HANGUP_RULES_MEMORY_H
#define HANGUP_RULES_MEMORY_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* calls what was deferred, last first; NULL is fine */

void *arena_alloc(struct arena *arena, size_t size); /* zeroed, aligned for anything */
char *arena_copy(struct arena *arena, const char *bytes, size_t length); /* with a NUL behind */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Has release(object) called when the arena is freed. */
void arena_defer(struct arena *arena, void (*release)(void *object), void *object);

/* Room for one more item behind `count` items: the same array, or a doubled copy. */
void *arena_room(struct arena *arena, void *items, size_t count, size_t item_size);

/* Appends a zeroed item to a list in the arena and yields its address. */
#define ARENA_PUSH(arena, items, count) \
    ((items) = arena_room((arena), (items), (count), sizeof *(items)), &(items)[(count)++])

#endif
