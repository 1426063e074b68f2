/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Standing expectations.
 */
#include "judge/standings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/words.h"
#include "rules/memory.h"

struct standing_watch *standings_add(struct standings *standings, const struct standing *standing)
{
    const struct value *values = standing->phrase.values; /* no [SIDE] STATE longer than DURATION */
    if (standing->phrase.row->id != STANDING_NONE_LONGER)
        return NULL; /* the language refuses them as not built yet */
    for (size_t i = 0; i < standings->count; i++) {
        if (standings->list[i].standing == standing)
            return NULL;
    }
    standings->list = xrealloc(standings->list, (standings->count + 1) * sizeof *standings->list);
    struct standing_watch *watch = &standings->list[standings->count++];
    *watch = (struct standing_watch){
        .standing = standing,
        .one_side = values[0].present,
        .side = values[0].side,
        .state = values[1].state,
        .limit = values[2].range.high,
    };
    ruleset_ref(standing->set);
    return watch;
}

void standings_release(struct standings *standings)
{
    for (size_t i = 0; i < standings->count; i++) {
        struct standing_watch *watch = &standings->list[i];
        for (size_t j = 0; j < watch->offender_count && j < STANDINGS_WORST; j++)
            ruleset_unref(watch->worst[j].relay->set);
        ruleset_unref(watch->standing->set);
    }
    free(standings->list);
    *standings = (struct standings){.list = NULL};
}

static void offend(struct standing_watch *watch, const struct offender *offender)
{
    size_t known = watch->offender_count < STANDINGS_WORST ? (size_t)watch->offender_count : STANDINGS_WORST;
    size_t place = known;
    watch->offender_count++;
    while (place > 0 && watch->worst[place - 1].lasted < offender->lasted)
        place--;
    if (place == STANDINGS_WORST)
        return;
    if (known == STANDINGS_WORST)
        ruleset_unref(watch->worst[known - 1].relay->set);
    ruleset_ref(offender->relay->set);
    size_t behind = (known < STANDINGS_WORST ? known : STANDINGS_WORST - 1) - place;
    memmove(&watch->worst[place + 1], &watch->worst[place], behind * sizeof *watch->worst);
    watch->worst[place] = *offender;
}

void standings_told(struct standings *standings, enum tcp_state state, const struct offender *stay)
{
    for (size_t i = 0; i < standings->count; i++) {
        struct standing_watch *watch = &standings->list[i];
        if (watch->over || watch->state != state || (watch->one_side && watch->side != stay->side))
            continue;
        watch->count++;
        watch->longest = stay->lasted > watch->longest ? stay->lasted : watch->longest;
        if (stay->lasted >= watch->limit)
            offend(watch, stay);
    }
}

static char *all_well(const struct standing_watch *watch)
{
    if (watch->count == 0)
        return words("nobody was in %s", tcp_state_name(watch->state));
    return words("%" PRIu64 " %s, the longest for %s", watch->count, watch->count == 1 ? "was" : "were", words_time(watch->longest).text);
}

static char *offences(const struct standing_watch *watch)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    size_t named = watch->offender_count < STANDINGS_WORST ? (size_t)watch->offender_count : STANDINGS_WORST;
    for (size_t i = 0; i < named; i++) {
        const struct offender *worst = &watch->worst[i];
        fprintf(out, "%s%s #%" PRIu64 " %s for %s, ", i > 0 ? "; " : "", worst->relay->name, worst->number, side_name(worst->side),
                words_time(worst->lasted).text);
        fprintf(out, worst->still ? "still" : "until %s", words_time(worst->until).text);
    }
    if (watch->offender_count > named)
        fprintf(out, "; and %" PRIu64 " more", watch->offender_count - named);
    fclose(out);
    return text;
}

struct finding standing_finding(const struct standing_watch *watch, uint64_t at)
{
    bool failed = watch->offender_count > 0;
    return (struct finding){
        .outcome = failed ? OUTCOME_FAILED : OUTCOME_PASSED,
        .standing = watch->standing,
        .at = at,
        .took = TIME_NEVER,
        .seen = failed ? offences(watch) : all_well(watch),
    };
}
