/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Subjects, in a hash table, and their claims.
 */
#include "judge/subject.h"

#include <stdlib.h>
#include <string.h>

#include "rules/memory.h"

struct claim *subject_claim(struct subject *subject, const struct rule *rule, const struct step *step)
{
    struct claim *claim = subject->claims;
    while (claim && claim->step != step)
        claim = claim->next;
    if (claim)
        return claim;
    claim = xmalloc(sizeof *claim);
    *claim = (struct claim){
        .next = subject->claims, .subject = subject, .rule = rule, .step = step, .expectation = &step->expectation, .took = TIME_NEVER};
    subject->claims = claim;
    return claim;
}

void claim_merge(struct claim *claim, enum outcome outcome, uint64_t at, uint64_t took, char *seen)
{
    if (claim->has_outcome && outcome <= claim->outcome) {
        free(seen);
        return;
    }
    free(claim->seen);
    claim->seen = seen;
    claim->outcome = outcome;
    claim->has_outcome = true;
    claim->at = at;
    claim->took = took;
}

bool claim_repeats(const struct claim *claim)
{
    const struct rule *rule = claim->rule;
    return rule->occasion == OCCASION_EACH || (rule->occasion == OCCASION_FIRST && rule->count > 1) || rule->window.repeats;
}

static struct subject **bucket(const struct subjects *subjects, const struct relay *relay, uint64_t number)
{
    uint64_t value = (number ^ ((uint64_t)(uintptr_t)relay << 20)) * UINT64_C(0x9e3779b97f4a7c15);
    return &subjects->buckets[(value >> 32) % subjects->bucket_count];
}

static void grow(struct subjects *subjects)
{
    struct subjects grown = {.bucket_count = subjects->bucket_count ? 2 * subjects->bucket_count : 256, .count = subjects->count};
    grown.buckets = xmalloc(grown.bucket_count * sizeof *grown.buckets);
    memset(grown.buckets, 0, grown.bucket_count * sizeof *grown.buckets);
    for (size_t i = 0; i < subjects->bucket_count; i++) {
        for (struct subject *subject = subjects->buckets[i], *next; subject; subject = next) {
            struct subject **place = bucket(&grown, subject->relay, subject->number);
            next = subject->next;
            subject->next = *place;
            *place = subject;
        }
    }
    free(subjects->buckets);
    *subjects = grown;
}

struct subject *subjects_add(struct subjects *subjects, const struct relay *relay, uint64_t number)
{
    if (subjects->count >= subjects->bucket_count)
        grow(subjects);
    struct subject **place = bucket(subjects, relay, number);
    struct subject *subject = xmalloc(sizeof *subject);
    *subject = (struct subject){.next = *place, .relay = relay, .number = number};
    *place = subject;
    subjects->count++;
    return subject;
}

struct subject *subjects_find(const struct subjects *subjects, const struct relay *relay, uint64_t number)
{
    if (subjects->count == 0)
        return NULL;
    struct subject *subject = *bucket(subjects, relay, number);
    while (subject && (subject->relay != relay || subject->number != number))
        subject = subject->next;
    return subject;
}

void subjects_remove(struct subjects *subjects, struct subject *subject)
{
    struct subject **at = bucket(subjects, subject->relay, subject->number);
    while (*at != subject)
        at = &(*at)->next;
    *at = subject->next;
    subjects->count--;
    for (struct claim *claim = subject->claims, *next; claim; claim = next) {
        next = claim->next;
        free(claim->seen);
        free(claim);
    }
    free(subject);
}

void subjects_release(struct subjects *subjects)
{
    free(subjects->buckets);
    *subjects = (struct subjects){.buckets = NULL};
}
