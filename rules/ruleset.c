/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes rule sets: reads, checks, and copies the draft into its final, immutable form. The counted reference is the only thing that
 * ever changes in one.
 */
#include "rules/ruleset.h"

#include "rules/address.h"
#include "rules/check.h"
#include "rules/parser.h"
#include "rules/source.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

struct ruleset_memory {
    struct arena *arena;
    atomic_uint references;
};

/* A place whose file name lives as long as the rule set. One copy a file: places of a file come one behind the other. */
static struct place keep_place(struct arena *arena, struct place place, const char **last)
{
    if (!*last || strcmp(*last, place.file) != 0)
        *last = arena_copy(arena, place.file, strlen(place.file));
    place.file = *last;
    return place;
}

static struct phrase keep_phrase(struct arena *arena, const struct parsed *parsed)
{
    struct phrase phrase = parsed->phrase;

    for (size_t i = 0; i < PHRASE_VALUES; i++) {
        if (phrase.values[i].present && phrase.values[i].slot == SLOT_DEED) {
            struct phrase *deed = arena_alloc(arena, sizeof *deed);

            *deed = keep_phrase(arena, parsed_of(phrase.values[i].deed));
            phrase.values[i].deed = deed;
        }
    }
    return phrase;
}

static const struct event *keep_event(struct arena *arena, const struct draft_event *draft)
{
    struct event *event;

    if (!draft)
        return NULL;
    event = arena_alloc(arena, sizeof *event);
    event->subject = draft->subject;
    event->deed = keep_phrase(arena, draft->deed);
    return event;
}

static struct step keep_step(struct arena *arena, const struct draft_step *draft, const char **file)
{
    struct step step = { .kind = draft->kind, .text = draft->text, .place = keep_place(arena, draft->place, file) };

    switch (draft->kind) {
    case STEP_ACTION:
        step.action = (struct action){ .has_time = draft->has_time, .time = draft->time };
        step.action.effect = keep_phrase(arena, draft->phrase);
        step.action.until = keep_event(arena, draft->until);
        break;
    case STEP_EXPECTATION:
        step.expectation.side = draft->side;
        step.expectation.phrase = keep_phrase(arena, draft->phrase);
        break;
    }
    return step;
}

const struct value *phrase_value(const struct phrase *phrase, enum slot slot)
{
    for (size_t i = 0; i < PHRASE_VALUES; i++) {
        if (phrase->values[i].present && phrase->values[i].slot == slot)
            return &phrase->values[i];
    }
    return NULL;
}

static bool is_signal(const struct draft_event *event)
{
    return event && event->deed->phrase.row->id == DEED_SIGNAL && event->deed->phrase.row->table == ROW_EVENT;
}

/* Does a percentage (of connections, or of the first action's bytes) or a signal decide whether it fires? */
static bool is_by_chance(const struct draft_rule *draft)
{
    bool by_chance = draft->window.from.signal || draft->window.to.signal || is_signal(draft->event);

    for (size_t i = 0; i < draft->selector_count; i++)
        by_chance |= draft->selectors[i].phrase->phrase.row->id == SELECT_SHARE;
    if (draft->step_count > 0)
        by_chance |= is_signal(draft->steps[0].until) || phrase_value(&draft->steps[0].phrase->phrase, SLOT_PERCENT);
    return by_chance;
}

static void keep_rule(struct arena *arena, const struct draft_rule *draft, struct rule *rule, const char **file)
{
    struct selector *selectors = arena_alloc(arena, draft->selector_count * sizeof *selectors);
    struct step *steps = arena_alloc(arena, draft->step_count * sizeof *steps);

    for (size_t i = 0; i < draft->selector_count; i++)
        selectors[i] = (struct selector){ draft->selectors[i].negated, keep_phrase(arena, draft->selectors[i].phrase) };
    for (size_t i = 0; i < draft->step_count; i++) {
        steps[i] = keep_step(arena, &draft->steps[i], file);
        steps[i].index = (unsigned)i;
    }
    rule->name = draft->name;
    rule->text = draft->text;
    rule->place = keep_place(arena, draft->place, file);
    rule->selectors = selectors;
    rule->selector_count = draft->selector_count;
    rule->window = draft->window;
    if (draft->window.present)
        rule->window.place = keep_place(arena, draft->window.place, file);
    rule->occasion = draft->occasion;
    rule->count = draft->count;
    rule->event = keep_event(arena, draft->event);
    rule->steps = steps;
    rule->step_count = draft->step_count;
    rule->by_chance = is_by_chance(draft);
}

static void keep_relays(
    struct arena *arena, const struct draft *draft, unsigned first, struct ruleset *set, const char **file)
{
    struct relay_spec *relays = arena_alloc(arena, draft->relay_count * sizeof *relays);

    for (size_t i = 0; i < draft->relay_count; i++) {
        relays[i] = draft->relays[i].spec;
        relays[i].place = keep_place(arena, relays[i].place, file);
        relays[i].index = first + (unsigned)i;
        relays[i].set = set;
    }
    set->relays = relays;
    set->relay_count = draft->relay_count;
}

static struct ruleset *keep(struct arena *arena, const struct draft *draft, const struct rules_input *input)
{
    struct ruleset *set = arena_alloc(arena, sizeof *set);
    struct rule *rules = arena_alloc(arena, draft->rule_count * sizeof *rules);
    struct standing *standings = arena_alloc(arena, draft->standing_count * sizeof *standings);
    const char *file = NULL;

    set->has_seed = draft->has_seed;
    set->seed = draft->seed;
    keep_relays(arena, draft, input->first_relay, set, &file);
    for (size_t i = 0; i < draft->rule_count; i++) {
        keep_rule(arena, &draft->rules[i], &rules[i], &file);
        rules[i].index = input->first_rule + (unsigned)i;
        rules[i].set = set;
    }
    set->rules = rules;
    set->rule_count = draft->rule_count;
    for (size_t i = 0; i < draft->standing_count; i++)
        standings[i] = (struct standing){ keep_phrase(arena, draft->standings[i].phrase), draft->standings[i].text,
                                          keep_place(arena, draft->standings[i].place, &file), set };
    set->standings = standings;
    set->standing_count = draft->standing_count;
    set->memory = arena_alloc(arena, sizeof *set->memory);
    set->memory->arena = arena;
    atomic_init(&set->memory->references, 1);
    return set;
}

/* A message that belongs to the command line as a whole. */
static void complain(struct diag *diag, const char *message)
{
    struct source *nothing = source_from_text("hangup", "", diag);

    diag_add(diag, DIAG_ERROR, source_start(nothing), "%s", message);
}

static struct span whole(const struct source *source)
{
    return (struct span){ source, 0, (uint32_t)source->length };
}

static bool read_option(struct parser *parser, const char *option, const char *text, struct address *address, struct span *span)
{
    struct source *source = source_from_text(option, text, parser->reader.diag);
    const char *problem;

    if (!source)
        return false;
    *span = whole(source);
    problem = address_read(source->text, source->length, address, parser->reader.keep);
    if (problem)
        diag_add(parser->reader.diag, DIAG_ERROR, *span, "%s", problem);
    return problem == NULL;
}

static bool read_with(struct parser *parser, const char *text, struct draft_relay *relay)
{
    struct source *source = source_from_text("--with", text, parser->reader.diag);

    return source && parser_options(parser, source, relay);
}

static void add_relay(struct parser *parser, const struct rules_relay *input, const char *listen_name, const char *server_name)
{
    struct draft_relay relay = { .spec = { .name = arena_copy(parser->reader.keep, input->name, strlen(input->name)) } };
    bool listen = read_option(parser, listen_name, input->listen, &relay.spec.listen, &relay.listen_span);
    bool server = read_option(parser, server_name, input->server, &relay.spec.server, &relay.server_span);

    if (!listen || !server || (input->with && !read_with(parser, input->with, &relay)))
        return;
    relay.name_span = relay.listen_span;
    relay.spec.place = place_of(relay.listen_span);
    relay.spec.text =
        arena_printf(parser->reader.keep, "listen %s server %s %s", input->listen, input->server, input->with ? input->with : "");
    *ARENA_PUSH(parser->reader.scratch, parser->draft.relays, parser->draft.relay_count) = relay;
}

/* --listen and --server: a relay of the name "relay". */
static void add_options(struct parser *parser, const struct rules_input *input)
{
    struct rules_relay relay = { "relay", input->listen, input->server, input->with };

    if (input->with && !input->listen)
        complain(parser->reader.diag, "--with goes with --listen and --server: a relay in a file has its options in its block");
    if (!input->listen && !input->server)
        return;
    if (!input->listen || !input->server) {
        complain(parser->reader.diag, input->listen ? "--listen needs --server too: where do its connections go?" :
                                                      "--server needs --listen too: where do its connections come from?");
        return;
    }
    add_relay(parser, &relay, "--listen", "--server");
}

static void read_all(struct parser *parser, const struct rules_input *input)
{
    struct diag *diag = parser->reader.diag;

    add_options(parser, input);
    for (size_t i = 0; i < input->relay_count; i++)
        add_relay(parser, &input->relays[i], "listen", "server");
    for (size_t i = 0; i < input->file_count; i++)
        parser_file(parser, input->files[i]);
    if (input->document) {
        struct source *source = source_from_text(input->document_name, input->document, diag);

        if (source)
            parser_text(parser, source);
    }
    for (size_t i = 0; i < input->text_count; i++) {
        struct source *source = source_from_text("--rule", input->texts[i], diag);

        if (source)
            parser_sentence(parser, source, arena_printf(parser->reader.scratch, "rule-%zu", i + 1));
    }
    for (size_t i = 0; i < input->sentence_count; i++) {
        const struct rules_sentence *sentence = &input->sentences[i];
        struct source *source = source_from_text(sentence->where, sentence->text, diag);

        if (source)
            parser_sentence(parser, source, sentence->name);
    }
    if (diag_errors(diag) == 0 && parser->draft.relay_count == 0 && !input->checking && !input->known)
        complain(diag, "no relay: write --listen ADDRESS --server ADDRESS, or a relay block in a file");
}

struct ruleset *rules_compile(const struct rules_input *input, const struct vocab *vocab, struct diag *diag)
{
    struct arena *arena = arena_new(), *scratch = arena_new();
    struct parser *parser = arena_alloc(scratch, sizeof *parser);
    struct ruleset *set = NULL;

    parser_begin(parser, vocab, arena, scratch, diag);
    parser->sealed = input->sealed;
    read_all(parser, input);
    check_draft(&parser->draft, input, diag);
    if (diag_errors(diag) == 0)
        set = keep(arena, &parser->draft, input);
    else
        arena_free(arena);
    arena_free(scratch);
    return set;
}

struct ruleset *ruleset_ref(struct ruleset *set)
{
    atomic_fetch_add_explicit(&set->memory->references, 1, memory_order_relaxed);
    return set;
}

void ruleset_unref(struct ruleset *set)
{
    if (set && atomic_fetch_sub_explicit(&set->memory->references, 1, memory_order_acq_rel) == 1)
        arena_free(set->memory->arena);
}
