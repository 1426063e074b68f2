/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may be in the crowd, and the filters that stand for it.
 */
#include "engine/crowd.h"

#include <stdlib.h>

#include "engine/engine.h"
#include "engine/texts.h"
#include "rules/memory.h"

/* Fewer are as cheap as instances. */
#define CROWD_LEAST 8

/* Those that wait for the text of this speaker. */
struct listeners {
    struct texts *texts;
    struct rule_state **states; /* by the numbers of the texts */
    size_t count;
};

struct crowd {
    struct rule_state **states;
    size_t count;
    struct listeners listeners[2]; /* by speaker */
};

/* One flow of a link. */
struct crowd_filter {
    struct filter filter;
    struct crowd_link *among;
    texts_place place;
    uint64_t position; /* bytes that passed */
};

struct crowd_link {
    struct crowd *crowd;
    struct engine_link *rules;
    struct crowd_filter filters[2]; /* by speaker */
};

/* ---- who is in it ---- */

static bool draws_in_turn(const struct phrase *phrase)
{
    for (size_t i = 0; phrase->row != NULL && i < PHRASE_VALUES; i++) {
        const struct value *value = &phrase->values[i];
        bool ranges = value->slot == SLOT_NUMBER || value->slot == SLOT_NUMBERS || value->slot == SLOT_DURATION || value->slot == SLOT_SIZE
            || value->slot == SLOT_RATE;

        if (ranges && value->present && value->range.shape == SHAPE_IN_TURN) {
            return true;
        }
    }
    return false;
}

/* Its draws do not ask which of the rule's connections this is: that is counted when there is an instance. */
static bool counts_turns(const struct rule *rule)
{
    for (size_t i = 0; i < rule->step_count; i++) {
        const struct step *step = &rule->steps[i];

        if (step->kind == STEP_ACTION
            && (draws_in_turn(&step->action.effect) || (step->action.has_time && step->action.time.shape == SHAPE_IN_TURN)
                || (step->action.until != NULL && draws_in_turn(&step->action.until->deed)))) {
            return true;
        }
        if (step->kind == STEP_EXPECTATION && draws_in_turn(&step->expectation.phrase)) {
            return true;
        }
    }
    return false;
}

static bool waits_for_text(const struct event *event)
{
    return event != NULL && event->deed.row->id == DEED_SENDS_TEXT && !event->deed.values[0].text.pattern
        && event->deed.values[0].text.length > 0;
}

static bool is_for_all(const struct rule_state *state)
{
    return state->rule->selector_count == 0 && !state->rule->window.present && state->scope.relay == NULL && state->scope.link == 0
        && !state->scope.open_only && !state->on_relays;
}

static bool may_be_in(const struct rule_state *state)
{
    return is_for_all(state) && waits_for_text(state->rule->event) && !counts_turns(state->rule);
}

static bool listens_to(const struct rule_state *state, enum side speaker)
{
    enum sides subject = state->rule->event->subject;

    return subject == SIDES_BOTH || (subject == SIDES_CLIENT) == (speaker == SIDE_CLIENT);
}

static void gather(struct crowd *crowd, enum side speaker)
{
    struct listeners *listeners = &crowd->listeners[speaker];
    const struct text **list = xmalloc((crowd->count + 1) * sizeof(*list));

    listeners->states = xmalloc((crowd->count + 1) * sizeof(struct rule_state *));
    for (size_t i = 0; i < crowd->count; i++) {
        if (listens_to(crowd->states[i], speaker)) {
            list[listeners->count] = &crowd->states[i]->rule->event->deed.values[0].text;
            listeners->states[listeners->count++] = crowd->states[i];
        }
    }
    listeners->texts = texts_new(list, listeners->count);
    free(list);
}

struct crowd *crowd_new(struct rule_state *const *states, size_t count)
{
    struct crowd *crowd = xmalloc(sizeof(*crowd));

    *crowd = (struct crowd){.states = xmalloc((count + 1) * sizeof(struct rule_state *))};
    for (size_t i = 0; i < count; i++) {
        if (may_be_in(states[i])) {
            crowd->states[crowd->count++] = states[i];
        }
    }
    if (crowd->count < CROWD_LEAST) {
        crowd_free(crowd);
        return NULL;
    }
    gather(crowd, SIDE_CLIENT);
    gather(crowd, SIDE_SERVER);
    return crowd;
}

void crowd_free(struct crowd *crowd)
{
    if (crowd == NULL) {
        return;
    }
    for (int speaker = SIDE_CLIENT; speaker <= SIDE_SERVER; speaker++) {
        texts_free(crowd->listeners[speaker].texts);
        free(crowd->listeners[speaker].states);
    }
    free(crowd->states);
    free(crowd);
}

bool crowd_has(const struct crowd *crowd, const struct rule_state *state)
{
    return crowd != NULL && may_be_in(state);
}

struct rule_state *const *crowd_states(const struct crowd *crowd, size_t *count)
{
    *count = crowd != NULL ? crowd->count : 0;
    return crowd != NULL ? crowd->states : NULL;
}

/* ---- on a link ---- */

static void crowd_data(struct filter *filter, const struct piece *piece)
{
    struct crowd_filter *here = (struct crowd_filter *)((char *)filter - offsetof(struct crowd_filter, filter));
    struct crowd_link *among = here->among;
    struct flow *flow = filter->flow;
    struct piece front = *piece, rest = *piece;
    size_t at = piece->length;
    bool hit = texts_find(among->crowd->listeners[flow->speaker].texts, &here->place, piece->bytes, piece->length, &at);

    here->position += at;
    if (!hit) {
        filter_pass(filter, piece);
        return;
    }
    front.length = at;
    front.flags &= ~(unsigned)PIECE_URGENT;
    rest.bytes += at;
    rest.length -= at;
    filter_pass(filter, &front);
    crowd_dissolve(among->rules);
    flow_enter(flow, &rest);
}

static void crowd_ending(struct filter *filter, enum ending ending)
{
    filter_pass_ending(filter, ending);
}

static const struct filter_ops crowd_ops = {.data = crowd_data, .ending = crowd_ending};

void crowd_begin(struct crowd *crowd, struct engine_link *rules)
{
    struct crowd_link *among = xmalloc(sizeof(*among));

    *among = (struct crowd_link){.crowd = crowd, .rules = rules};
    rules->crowd = among;
    for (int speaker = SIDE_CLIENT; speaker <= SIDE_SERVER; speaker++) {
        struct crowd_filter *filter = &among->filters[speaker];

        *filter = (struct crowd_filter){.filter = {.ops = &crowd_ops}, .among = among};
        if (crowd->listeners[speaker].count > 0) {
            filter_insert(&filter->filter, &rules->link->flows[speaker], NULL);
        }
    }
}

void crowd_link_free(struct crowd_link *crowd)
{
    if (crowd != NULL) {
        filter_remove(&crowd->filters[SIDE_CLIENT].filter);
        filter_remove(&crowd->filters[SIDE_SERVER].filter);
        free(crowd);
    }
}

/* What it would have seen of that flow. */
static void catch_up(struct instance *instance, const struct crowd_filter *filter, enum side speaker, size_t number)
{
    const struct texts *texts = filter->among->crowd->listeners[speaker].texts;

    if (instance->event != NULL) {
        detector_resume(&instance->event->detectors[speaker], filter->position, texts_matched(texts, filter->place, number));
    }
}

void crowd_dissolve(struct engine_link *rules)
{
    struct crowd_link *among = rules->crowd;
    struct instance *instance;
    size_t numbers[2] = {0, 0};

    if (among == NULL) {
        return;
    }
    rules->crowd = NULL;
    engine_link_fill(rules, among->crowd->states, among->crowd->count);
    instance = rules->first;
    for (size_t i = 0; i < among->crowd->count; i++, instance = instance->next) {
        for (int speaker = SIDE_CLIENT; speaker <= SIDE_SERVER; speaker++) {
            if (listens_to(instance->state, (enum side)speaker)) {
                catch_up(instance, &among->filters[speaker], (enum side)speaker, numbers[speaker]++);
            }
        }
    }
    crowd_link_free(among);
}
