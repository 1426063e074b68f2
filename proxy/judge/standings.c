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

/* no [SIDE] STATE longer than DURATION; at most NUMBER [SIDE] STATE; no spinning */
static struct standing_watch watch_of(const struct standing *standing)
{
    const struct phrase *phrase = &standing->phrase;
    const struct value *side = phrase_value(phrase, SLOT_SIDE), *state = phrase_value(phrase, SLOT_STATE);
    const struct value *time = phrase_value(phrase, SLOT_DURATION), *number = phrase_value(phrase, SLOT_NUMBER);
    return (struct standing_watch){
        .standing = standing,
        .kind = (enum standing_id)phrase->row->id,
        .one_side = side != NULL,
        .side = side ? side->side : SIDE_CLIENT,
        .state = state ? state->state : 0,
        .limit = time ? time->range.high : 0,
        .most = number ? number->range.high : 0,
    };
}

struct standing_watch *standings_add(struct standings *standings, const struct standing *standing)
{
    for (size_t i = 0; i < standings->count; i++) {
        if (standings->list[i].standing == standing)
            return NULL;
    }
    standings->list = xrealloc(standings->list, (standings->count + 1) * sizeof *standings->list);
    struct standing_watch *watch = &standings->list[standings->count++];
    *watch = watch_of(standing);
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

static bool concerns(const struct standing_watch *watch, enum tcp_state state, enum side side)
{
    return !watch->over && watch->state && watch->state == state && (!watch->one_side || watch->side == side);
}

void standing_entered(struct standing_watch *watch, enum tcp_state state, enum side side, uint64_t at)
{
    if (!concerns(watch, state, side) || ++watch->now <= watch->peak)
        return;
    watch->peak = watch->now;
    watch->peak_at = at;
}

void standings_entered(struct standings *standings, enum tcp_state state, enum side side, uint64_t at)
{
    for (size_t i = 0; i < standings->count; i++)
        standing_entered(&standings->list[i], state, side, at);
}

void standings_left(struct standings *standings, enum tcp_state state, const struct offender *stay)
{
    for (size_t i = 0; i < standings->count; i++) {
        struct standing_watch *watch = &standings->list[i];
        if (!concerns(watch, state, stay->side))
            continue;
        watch->now--;
        watch->count++;
        watch->longest = stay->lasted > watch->longest ? stay->lasted : watch->longest;
        if (watch->kind == STANDING_NONE_LONGER && stay->lasted >= watch->limit)
            offend(watch, stay);
    }
}

void standings_truncated(struct standings *standings, const struct offender *who, bool goes_on)
{
    for (size_t i = 0; i < standings->count; i++) {
        struct standing_watch *watch = &standings->list[i];
        if (watch->over || watch->kind != STANDING_TRUNCATION)
            continue;
        if (goes_on)
            offend(watch, who);
        else
            watch->count++;
    }
}

void standings_spinning(struct standings *standings, const struct offender *offender)
{
    for (size_t i = 0; i < standings->count; i++) {
        if (standings->list[i].kind == STANDING_SPINNING && !standings->list[i].over)
            offend(&standings->list[i], offender);
    }
}

void standings_unseen(struct standings *standings, enum side side)
{
    for (size_t i = 0; i < standings->count; i++) {
        if (concerns(&standings->list[i], standings->list[i].state, side))
            standings->list[i].unseen++;
    }
}

/* Where a state cannot be inferred, silence about who was not seen would be a lie. */
static char *unseen(const struct standing_watch *watch)
{
    if (watch->unseen == 0 || watch->state == STATE_CLOSE_WAIT || watch->state == STATE_FIN_WAIT2)
        return words("%s", "");
    return words("; %" PRIu64 " socket%s not seen", watch->unseen, watch->unseen == 1 ? " was" : "s were");
}

static char *how_many(const struct standing_watch *watch)
{
    if (watch->peak == 0)
        return words("nobody was in %s", tcp_state_name(watch->state));
    return words("%" PRIu64 " at one time, first after %s", watch->peak, words_time(watch->peak_at).text);
}

static char *how_long(const struct standing_watch *watch)
{
    if (watch->count == 0)
        return words("nobody was in %s", tcp_state_name(watch->state));
    return words("%" PRIu64 " %s, the longest for %s", watch->count, watch->count == 1 ? "was" : "were", words_time(watch->longest).text);
}

static char *how_torn(const struct standing_watch *watch)
{
    if (watch->count == 0)
        return words("nobody got a bare FIN");
    return words("%" PRIu64 " got a bare FIN, and nobody is known to have taken it for a clean end", watch->count);
}

static char *all_well(const struct standing_watch *watch)
{
    if (watch->kind == STANDING_TRUNCATION)
        return how_torn(watch);
    if (watch->kind == STANDING_SPINNING)
        return words("no process was seen to spin");
    char *what = watch->kind == STANDING_AT_MOST ? how_many(watch) : how_long(watch), *rest = unseen(watch);
    char *text = words("%s%s", what, rest);
    free(what);
    free(rest);
    return text;
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
        if (watch->kind == STANDING_TRUNCATION) {
            fprintf(out, "%s%s #%" PRIu64 " %s said close_notify at %s, after a bare FIN", i > 0 ? "; " : "", worst->relay->name,
                    worst->number, side_name(worst->side), words_time(worst->until).text);
            continue;
        }
        if (watch->kind == STANDING_SPINNING) {
            fprintf(out, "%s%s #%" PRIu64 " %s: %s", i > 0 ? "; " : "", worst->relay->name, worst->number, side_name(worst->side),
                    worst->who);
            continue;
        }
        fprintf(out, "%s%s #%" PRIu64 " %s for %s (%s), ", i > 0 ? "; " : "", worst->relay->name, worst->number, side_name(worst->side),
                words_time(worst->lasted).text, worst->who);
        fprintf(out, worst->still ? "still" : "until %s", words_time(worst->until).text);
    }
    if (watch->offender_count > named)
        fprintf(out, "; and %" PRIu64 " more", watch->offender_count - named);
    fclose(out);
    return text;
}

struct finding standing_finding(const struct standing_watch *watch, uint64_t at)
{
    bool failed = watch->offender_count > 0 || (watch->kind == STANDING_AT_MOST && watch->peak > watch->most);
    return (struct finding){
        .outcome = failed ? OUTCOME_FAILED : OUTCOME_PASSED,
        .standing = watch->standing,
        .at = at,
        .took = TIME_NEVER,
        .seen = failed && watch->kind != STANDING_AT_MOST ? offences(watch) : all_well(watch),
    };
}
