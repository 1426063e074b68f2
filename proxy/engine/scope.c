/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scopes whose texts are kept.
 */
#include "engine/scope.h"

#include <stdlib.h>
#include <string.h>

#include "rules/memory.h"

static bool texts_are_same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

struct scope scope_copy(const struct scope *scope)
{
    struct scope copy = *scope;

    copy.relay = scope->relay != NULL ? xstrdup(scope->relay) : NULL;
    copy.lot = scope->lot != NULL ? xstrdup(scope->lot) : NULL;
    return copy;
}

void scope_release(const struct scope *scope)
{
    free((char *)(uintptr_t)scope->relay);
    free((char *)(uintptr_t)scope->lot);
}

bool scope_is_same(const struct scope *a, const struct scope *b)
{
    return a->link == b->link && a->open_only == b->open_only && texts_are_same(a->relay, b->relay) && texts_are_same(a->lot, b->lot);
}
