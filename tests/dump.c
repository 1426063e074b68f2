/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compiles rule files and prints what came of it: the messages, or the rule set value by value. tests/lang.sh compares that with what
 * is expected. `--bare` leaves out where things stand, so that a file and its normal form print the same.
 */
#include "cli/vocabulary.h"
#include "rules/needs.h"
#include "rules/ruleset.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_phrase(const struct phrase *phrase);

static void print_range(const struct range *range)
{
    static const char *const shapes[] = { "", " normal", " pareto", " in-turn" };

    printf("%" PRIu64, range->low);
    if (range->high == UINT64_MAX)
        printf("..");
    else if (range->high != range->low)
        printf("..%" PRIu64, range->high);
    printf("%s", shapes[range->shape]);
    if (range->shape == SHAPE_IN_TURN)
        printf("/%" PRIu64, range->unit);
}

static void print_bytes(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] >= ' ' && bytes[i] <= '~' && bytes[i] != '\\')
            putchar(bytes[i]);
        else
            printf("\\x%02x", (unsigned char)bytes[i]);
    }
}

static void print_ordinals(const struct value *value)
{
    for (size_t i = 0; i < value->ordinals.count; i++) {
        fputs(i > 0 ? "," : "", stdout);
        print_range(&value->ordinals.list[i]);
    }
}

static void print_prefix(const struct prefix *prefix)
{
    for (unsigned i = 0; i < (prefix->bits + 7) / 8; i++)
        printf("%02x", prefix->address[i]);
    printf("/%u", prefix->bits);
}

static const char *sides_name(enum sides sides)
{
    static const char *const names[] = { "client", "server", "both" };

    return names[sides];
}

static void print_value(const struct value *value)
{
    switch (value->slot) {
    case SLOT_WORDS: printf("word %u", value->word); break;
    case SLOT_NUMBER:
    case SLOT_NUMBERS:
    case SLOT_DURATION:
    case SLOT_SIZE:
    case SLOT_RATE: print_range(&value->range); break;
    case SLOT_ORDINALS: print_ordinals(value); break;
    case SLOT_NTH: printf("%" PRIu64, value->nth); break;
    case SLOT_PERCENT: printf("%g", value->share); break;
    case SLOT_STRING: print_bytes(value->string.bytes, value->string.length); break;
    case SLOT_TEXT:
        fputs(value->text.pattern ? "pattern " : "text ", stdout);
        print_bytes(value->text.bytes, value->text.length);
        break;
    case SLOT_NAME: printf("%s", value->name); break;
    case SLOT_RELAY: printf("relay %s", value->name); break;
    case SLOT_PREFIX: print_prefix(&value->prefix); break;
    case SLOT_SIDE: printf("%s", side_name(value->side)); break;
    case SLOT_WHAT: printf("%s %s", sides_name(value->flow.sides), what_name(value->flow.what)); break;
    case SLOT_STATE: printf("%s", tcp_state_name(value->state)); break;
    case SLOT_ERRNO: printf("%d", value->error); break;
    case SLOT_ALERT:
    case SLOT_KIND: printf("%u", value->code); break;
    case SLOT_DEED: print_phrase(value->deed); break;
    }
}

static void print_phrase(const struct phrase *phrase)
{
    printf("<%s>", phrase->row->syntax);
    for (size_t i = 0; i < PHRASE_VALUES; i++) {
        if (phrase->values[i].present) {
            printf(" %zu=(", i);
            print_value(&phrase->values[i]);
            printf(")");
        }
    }
}

static void print_place(const struct place *place, bool bare)
{
    if (!bare)
        printf("  @%s:%u:%u", place->file, place->line, place->column);
    printf("\n");
}

static void print_event(const char *front, const struct event *event)
{
    printf("    %s %s ", front, sides_name(event->subject));
    print_phrase(&event->deed);
    printf("\n");
}

static void print_moment(const char *front, const struct moment *moment)
{
    printf(" %s ", front);
    if (moment->signal)
        printf("signal %s", moment->signal);
    else
        print_range(&moment->after);
}

static void print_window(const struct window *window, bool bare)
{
    printf("   ");
    print_moment("from", &window->from);
    if (window->has_end)
        print_moment("to", &window->to);
    if (window->repeats)
        printf(" every %" PRIu64, window->every);
    print_place(&window->place, bare);
}

static void print_step(const struct step *step, bool bare)
{
    printf("    %u \"%s\"", step->index, step->text);
    print_place(&step->place, bare);
    printf("      ");
    switch (step->kind) {
    case STEP_ACTION:
        printf("then ");
        print_phrase(&step->action.effect);
        if (step->action.has_time) {
            printf(" for ");
            print_range(&step->action.time);
        }
        printf("\n");
        if (step->action.until)
            print_event("  until", step->action.until);
        break;
    case STEP_EXPECTATION:
        printf("expect %s ", side_name(step->expectation.side));
        print_phrase(&step->expectation.phrase);
        printf("\n");
        break;
    }
}

static void print_rule(const struct rule *rule, bool bare)
{
    static const char *const occasions[] = { "when", "each time", "nth", "first" };

    printf("rule %u %s%s", rule->index, rule->name, rule->by_chance ? " by chance" : "");
    print_place(&rule->place, bare);
    for (size_t i = 0; i < rule->selector_count; i++) {
        printf("    for %s", rule->selectors[i].negated ? "not " : "");
        print_phrase(&rule->selectors[i].phrase);
        printf("\n");
    }
    if (rule->window.present)
        print_window(&rule->window, bare);
    if (rule->event) {
        printf("    %s %" PRIu64 "\n", occasions[rule->occasion], rule->count);
        print_event("event", rule->event);
    }
    for (size_t i = 0; i < rule->step_count; i++)
        print_step(&rule->steps[i], bare);
}

static void print_relay(const struct relay_spec *relay, bool bare)
{
    printf("relay %s %d %s %u -> %d %s %u window %" PRIu64 " segments %" PRIu64 " proxy %d", relay->name, relay->listen.kind,
           relay->listen.host, relay->listen.port, relay->server.kind, relay->server.host, relay->server.port, relay->window,
           relay->segments, relay->proxy);
    if (relay->late_acks)
        printf(" acks late");
    for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        if (relay->tls[side])
            printf(" tls to %s", side_name(side));
    }
    if (relay->trust_anyone || relay->trust)
        printf(" trust %s", relay->trust_anyone ? "anyone" : relay->trust);
    if (relay->certificate)
        printf(" certificate %s key %s", relay->certificate, relay->key);
    if (relay->client_certificate)
        printf(" client certificate %s key %s", relay->client_certificate, relay->client_key);
    if (relay->has_version)
        printf(" version %s", tls_version_name(relay->version));
    if (relay->ciphers)
        printf(" ciphers %s", relay->ciphers);
    print_place(&relay->place, bare);
}

static void print_set(const struct ruleset *set, bool bare)
{
    if (set->has_seed)
        printf("seed %" PRIu64 "\n", set->seed);
    for (size_t i = 0; i < set->relay_count; i++)
        print_relay(&set->relays[i], bare);
    for (size_t i = 0; i < set->rule_count; i++)
        print_rule(&set->rules[i], bare);
    for (size_t i = 0; i < set->standing_count; i++) {
        printf("standing \"%s\" ", set->standings[i].text);
        print_phrase(&set->standings[i].phrase);
        print_place(&set->standings[i].place, bare);
    }
}

int main(int argc, char **argv)
{
    bool bare = argc > 1 && strcmp(argv[1], "--bare") == 0, ordinary = argc > 1 && strcmp(argv[1], "--ordinary") == 0;
    int first = 1 + (bare || ordinary);
    struct means nothing = { .allowed = { [NEED_NOTHING] = true }, .remedy = "the remedy" };
    struct rules_input input = { .files = (const char *const *)argv + first, .file_count = (size_t)(argc - first), .checking = true };
    struct diag *diag = diag_new();

    for (enum need need = NEED_NOTHING + 1; need < NEEDS; need++)
        nothing.reason[need] = "the reason";
    if (ordinary)
        input.means = &nothing;
    struct ruleset *set = rules_compile(&input, &vocabulary, diag);
    int code = set ? 0 : 2;

    if (!bare)
        diag_print(diag, stdout, false);
    if (set)
        print_set(set, bare);
    ruleset_unref(set);
    diag_free(diag);
    return code;
}
