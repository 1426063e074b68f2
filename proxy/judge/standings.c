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

void standings_init(struct standings *standings, const struct ruleset *ruleset)
{
    *standings = (struct standings){.list = NULL};
    if (ruleset->standing_count == 0)
        return;
    standings->list = xmalloc(ruleset->standing_count * sizeof *standings->list);
    for (size_t i = 0; i < ruleset->standing_count; i++) {
        const struct value *values = ruleset->standings[i].phrase.values; /* no [SIDE] STATE longer than DURATION */
        if (ruleset->standings[i].phrase.row->id != STANDING_NONE_LONGER)
            continue; /* the language refuses them as not built yet */
        standings->list[standings->count++] = (struct standing_watch){
            .standing = &ruleset->standings[i],
            .one_side = values[0].present,
            .side = values[0].side,
            .state = values[1].state,
            .limit = values[2].range.high,
        };
    }
}

void standings_release(struct standings *standings)
{
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
    size_t behind = (known < STANDINGS_WORST ? known : STANDINGS_WORST - 1) - place;
    memmove(&watch->worst[place + 1], &watch->worst[place], behind * sizeof *watch->worst);
    watch->worst[place] = *offender;
}

void standings_told(struct standings *standings, enum tcp_state state, const struct offender *stay)
{
    for (size_t i = 0; i < standings->count; i++) {
        struct standing_watch *watch = &standings->list[i];
        if (watch->state != state || (watch->one_side && watch->side != stay->side))
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
