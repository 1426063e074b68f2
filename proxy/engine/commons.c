/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks by rule, asked for only when a rule comes or goes.
 */
#include "engine/commons.h"

#include <stdlib.h>
#include <string.h>

#include "engine/fault.h"
#include "relay/link.h"
#include "relay/relay.h"
#include "rules/memory.h"

struct shared {
    struct shared *next;
    const struct phrase *phrase; /* the action's: there is one in the rule set for each */
    unsigned relay;              /* its index */
    enum side side;
    max_align_t memory[];
};

void commons_init(struct commons *commons)
{
    *commons = (struct commons){.buckets = {NULL}};
    pthread_mutex_init(&commons->lock, NULL);
}

void commons_release(struct commons *commons)
{
    pthread_mutex_destroy(&commons->lock);
}

/* Rules of a set stand one behind the other in memory. */
static struct common **bucket(struct commons *commons, const struct rule *rule)
{
    return &commons->buckets[(uintptr_t)rule / sizeof(*rule) % COMMONS_BUCKETS];
}

struct common *commons_use(struct commons *commons, const struct rule *rule)
{
    struct common **place = bucket(commons, rule), *common;

    pthread_mutex_lock(&commons->lock);
    for (common = *place; common != NULL && common->rule != rule; common = common->next) {
    }
    if (common == NULL) {
        common = xmalloc(sizeof(*common));
        *common = (struct common){.next = *place, .rule = rule};
        pthread_mutex_init(&common->lock, NULL);
        *place = common;
    }
    common->users++;
    pthread_mutex_unlock(&commons->lock);
    return common;
}

static void common_free(struct common *common)
{
    while (common->shared != NULL) {
        struct shared *shared = common->shared;

        common->shared = shared->next;
        free(shared);
    }
    pthread_mutex_destroy(&common->lock);
    free(common);
}

void commons_drop(struct commons *commons, struct common *common)
{
    struct common **place = bucket(commons, common->rule);

    pthread_mutex_lock(&commons->lock);
    if (--common->users == 0) {
        while (*place != common) {
            place = &(*place)->next;
        }
        *place = common->next;
        common_free(common);
    }
    pthread_mutex_unlock(&commons->lock);
}

void *common_memory(struct common *common, const struct fault *fault, size_t size)
{
    unsigned relay = (fault->link != NULL ? fault->link->relay : fault->relay)->index;
    struct shared *shared;

    pthread_mutex_lock(&common->lock);
    for (shared = common->shared; shared != NULL; shared = shared->next) {
        if (shared->phrase == fault->phrase && shared->relay == relay && shared->side == fault->side) {
            break;
        }
    }
    if (shared == NULL) {
        shared = xmalloc(sizeof(*shared) + size);
        *shared = (struct shared){.next = common->shared, .phrase = fault->phrase, .relay = relay, .side = fault->side};
        memset(shared->memory, 0, size);
        common->shared = shared;
    }
    pthread_mutex_unlock(&common->lock);
    return shared->memory;
}
