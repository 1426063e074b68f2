/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An engine that records what a fault does, for the faults' unit tests.
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "fake_engine.h"

#include <pcre2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <cmocka.h>

#include "faults/table.h"
#include "relay/squeeze.h"

/* The engine's own to define: here it is only a way from a fault to its fake. */
struct instance {
    struct fake *fake;
};

static struct fake *fake_of(const struct fault *fault)
{
    return fault->instance->fake;
}

/* --- the world ------------------------------------------------------------------------------------------------------------------ */

static uint64_t world_now(const struct clock *clock)
{
    return ((const struct fake_world *)clock)->now;
}

void fake_world_init(struct fake_world *world)
{
    *world = (struct fake_world){.clock = {.now = world_now}, .now = NS_PER_S, .seed = 42};
    timers_init(&world->timers, &world->clock);
}

void fake_world_release(struct fake_world *world)
{
    timers_release(&world->timers);
    free(world->shared);
}

int fake_set_up(void **state)
{
    struct fake_world *world = malloc(sizeof *world);

    assert_non_null(world);
    fake_world_init(world);
    *state = world;
    return 0;
}

int fake_tear_down(void **state)
{
    fake_world_release(*state);
    free(*state);
    return 0;
}

static bool run_timers(struct fake_world *world, uint64_t until)
{
    uint64_t next = timers_run(&world->timers);
    if (next > until) {
        return false;
    }
    world->now = next;
    return true;
}

void fake_advance(struct fake_world *world, uint64_t ns)
{
    uint64_t until = world->now + ns;
    while (run_timers(world, until)) {
    }
    world->now = until;
}

void fake_settle(struct fake_world *world)
{
    while (run_timers(world, TIME_NEVER - 1)) {
    }
}

/* --- one fault ------------------------------------------------------------------------------------------------------------------- */

static void fire(struct timer *timer)
{
    struct fault *fault = (struct fault *)(void *)((char *)timer - offsetof(struct fault, wake));
    fault->kind->timer(fault);
}

struct fake *fake_new(struct fake_world *world, const char *syntax)
{
    for (const struct row *const *row = fault_rows; *row; row++) {
        if (fault_kind_of(*row) && strcmp((*row)->syntax, syntax) == 0) {
            return fake_new_of(world, fault_kind_of(*row));
        }
    }
    fail_msg("no fault has the syntax \"%s\"", syntax);
    return NULL;
}

struct fake *fake_new_of(struct fake_world *world, const struct fault_kind *kind)
{
    struct fake *fake = calloc(1, sizeof(*fake));
    fake->world = world;
    fake->phrase.row = &kind->row;
    fake->fault = calloc(1, kind->size);
    fake->fault->kind = kind;
    fake->fault->phrase = &fake->phrase;
    fake->fault->wake.fire = fire;
    fake->fault->instance = calloc(1, sizeof(struct instance));
    fake->fault->instance->fake = fake;
    return fake;
}

static struct value *value_at(struct fake *fake, size_t i, enum slot slot)
{
    struct value *value = &fake->phrase.values[i];
    value->slot = slot;
    value->present = true;
    return value;
}

void fake_what(struct fake *fake, size_t i, enum what what)
{
    value_at(fake, i, SLOT_WHAT)->flow.what = what;
}

void fake_range(struct fake *fake, size_t i, uint64_t low, uint64_t high)
{
    value_at(fake, i, SLOT_SIZE)->range = (struct range){.low = low, .high = high, .unit = 1};
}

void fake_share(struct fake *fake, size_t i, double share)
{
    value_at(fake, i, SLOT_PERCENT)->share = share;
}

void fake_nth(struct fake *fake, size_t i, uint64_t nth)
{
    value_at(fake, i, SLOT_NTH)->nth = nth;
}

void fake_errno(struct fake *fake, size_t i, int error)
{
    value_at(fake, i, SLOT_ERRNO)->error = error;
}

void fake_word(struct fake *fake, size_t i, unsigned word)
{
    value_at(fake, i, SLOT_WORDS)->word = word;
}

void fake_string(struct fake *fake, size_t i, const char *string)
{
    struct value *value = value_at(fake, i, SLOT_STRING);
    value->string.bytes = string;
    value->string.length = strlen(string);
}

void fake_literal(struct fake *fake, size_t i, const char *literal)
{
    value_at(fake, i, SLOT_TEXT)->text = (struct text){.bytes = literal, .length = strlen(literal)};
}

void fake_pattern(struct fake *fake, size_t i, const char *pattern, uint32_t pcre2_options)
{
    int error;
    size_t offset;
    struct text *text = &value_at(fake, i, SLOT_TEXT)->text;
    *text = (struct text){.bytes = pattern, .length = strlen(pattern), .pattern = true};
    text->greedy = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, pcre2_options, &error, &offset, NULL);
    assert_non_null(text->greedy);
}

void fake_start(struct fake *fake)
{
    if (fake->fault->kind->start) {
        fake->fault->kind->start(fake->fault);
    }
}

void fake_bytes(struct fake *fake, const void *bytes, size_t length, unsigned flags)
{
    uint8_t *copy = malloc(length + 1);
    memcpy(copy, bytes, length);
    struct piece piece = {.bytes = copy, .length = length, .stamp = fake->world->now, .flags = flags};
    if (fake->done == 0 && fake->fault->kind->data) {
        fake->fault->kind->data(fake->fault, &piece);
    } else {
        fault_pass(fake->fault, &piece);
    }
    free(copy);
}

void fake_data(struct fake *fake, const char *text)
{
    fake_bytes(fake, text, strlen(text), 0);
}

void fake_ending(struct fake *fake, enum ending ending)
{
    if (fake->done == 0 && fake->fault->kind->ending) {
        fake->fault->kind->ending(fake->fault, ending);
    } else {
        fault_pass_ending(fake->fault, ending);
    }
}

void fake_segment(struct fake *fake, char name, struct segment segment)
{
    struct segment *heard = malloc(sizeof(segment) + 1);

    assert_non_null(heard);
    *heard = segment;
    heard->tcp[0] = (uint8_t)name;
    heard->length = 1;
    fake->fault->kind->segment(fake->fault, heard);
}

void fake_stop(struct fake *fake)
{
    timer_cancel(&fake->world->timers, &fake->fault->wake);
    if (fake->fault->kind->stop) {
        fake->fault->kind->stop(fake->fault);
    }
    assert_int_equal(fault_kept(fake->fault), 0);
    fake->done++;
}

static void free_patterns(struct phrase *phrase)
{
    for (size_t i = 0; i < PHRASE_VALUES; i++) {
        if (phrase->values[i].slot == SLOT_TEXT && phrase->values[i].text.pattern) {
            pcre2_code_free((pcre2_code *)(uintptr_t)phrase->values[i].text.greedy);
        }
    }
}

void fake_free(struct fake *fake)
{
    timer_cancel(&fake->world->timers, &fake->fault->wake);
    if (fake->fault->kind->release) {
        fake->fault->kind->release(fake->fault);
    }
    queue_clear(&fake->fault->kept);
    free_patterns(&fake->phrase);
    free(fake->fault->instance);
    free(fake->fault);
    free(fake->out);
    free(fake->writes);
    free(fake);
}

const char *fake_text(struct fake *fake)
{
    fake->out = realloc(fake->out, fake->out_length + 1);
    fake->out_capacity = fake->out_length + 1;
    fake->out[fake->out_length] = '\0';
    return (const char *)fake->out;
}

/* --- what faults call -------------------------------------------------------------------------------------------------------------- */

void fault_pass(struct fault *fault, const struct piece *piece)
{
    struct fake *fake = fake_of(fault);
    assert_true(piece->length > 0);
    if (fake->write_count == fake->write_capacity) {
        fake->write_capacity = fake->write_capacity ? 2 * fake->write_capacity : 16;
        fake->writes = realloc(fake->writes, fake->write_capacity * sizeof(*fake->writes));
    }
    fake->writes[fake->write_count++] = (struct fake_write){
        .at = fake->world->now, .stamp = piece->stamp, .offset = fake->out_length, .length = piece->length, .flags = piece->flags};
    if (fake->out_length + piece->length > fake->out_capacity) {
        fake->out_capacity = 2 * (fake->out_length + piece->length);
        fake->out = realloc(fake->out, fake->out_capacity);
    }
    memcpy(fake->out + fake->out_length, piece->bytes, piece->length);
    fake->out_length += piece->length;
    memset(piece->bytes, '?', piece->length); /* rules below may change it in place: nobody may rely on it any more */
}

void fault_pass_ending(struct fault *fault, enum ending ending)
{
    struct fake *fake = fake_of(fault);
    assert_true(fake->ending_count < FAKE_ENDINGS);
    fake->endings[fake->ending_count++] =
        (struct fake_ending){.at = fake->world->now, .offset = fake->out_length, .ending = ending};
}

void fault_keep(struct fault *fault, const struct piece *piece)
{
    queue_append(&fault->kept, piece);
}

void fault_keep_ending(struct fault *fault, enum ending ending)
{
    fault->endings |= 1u << ending;
}

size_t fault_kept(const struct fault *fault)
{
    return fault->kept.bytes;
}

void fault_let_go(struct fault *fault, size_t bytes)
{
    struct piece front;
    for (; bytes > 0 && queue_front(&fault->kept, bytes, &front); bytes -= front.length) {
        front.stamp = fault_now(fault);
        fault_pass(fault, &front);
        queue_consume(&fault->kept, front.length);
    }
    assert_int_equal(bytes, 0);
}

void fault_let_go_front(struct fault *fault, size_t bytes, unsigned flags)
{
    struct piece front, whole = {.bytes = malloc(bytes), .stamp = fault_now(fault)};
    for (; whole.length < bytes && queue_front(&fault->kept, bytes - whole.length, &front); whole.length += front.length) {
        memcpy(whole.bytes + whole.length, front.bytes, front.length);
        whole.flags = front.flags | flags;
        queue_consume(&fault->kept, front.length);
    }
    assert_int_equal(whole.length, bytes);
    fault_pass(fault, &whole);
    free(whole.bytes);
}

void fault_let_go_ending(struct fault *fault)
{
    unsigned endings = fault->endings;
    fault->endings = 0;
    for (enum ending ending = ENDING_CLOSE_NOTIFY; ending <= ENDING_RST; ending++) {
        if ((endings & 1u << ending) != 0) {
            fault_pass_ending(fault, ending);
        }
    }
}

void fault_let_go_all(struct fault *fault)
{
    fault_let_go(fault, fault->kept.bytes);
    fault_let_go_ending(fault);
}

void fault_shared_lock(struct fault *fault)
{
    (void)fault;
}

void fault_shared_unlock(struct fault *fault)
{
    (void)fault;
}

void *fault_shared(struct fault *fault, size_t size)
{
    struct fake_world *world = fake_of(fault)->world;
    world->shared = world->shared ? world->shared : calloc(1, size);
    return world->shared;
}

struct tls_records fault_records(const struct fault *fault, size_t *in_front)
{
    *in_front = fault->instance->fake->in_front;
    return fault->instance->fake->records;
}

bool fault_is_plain(const struct fault *fault)
{
    return fault->instance->fake->plain;
}

void fault_happened(struct fault *fault)
{
    fake_of(fault)->happened++;
}

void fault_done(struct fault *fault)
{
    assert_int_equal(fault_kept(fault), 0);
    fake_of(fault)->done++;
    fake_of(fault)->done_offset = fake_of(fault)->out_length;
}

void fault_time_starts(struct fault *fault)
{
    fake_of(fault)->time_started++;
}

uint64_t fault_now(const struct fault *fault)
{
    return fake_of(fault)->world->now;
}

void fault_wake_at(struct fault *fault, uint64_t at)
{
    timer_set(&fake_of(fault)->world->timers, &fault->wake, at);
}

/* --- draws --------------------------------------------------------------------------------------------------------------------------- */

/* Mixes a number as splitmix64 does at its end. */
static uint64_t mixed(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

uint64_t fault_draw(struct fault *fault, const struct range *range)
{
    return range->low + mixed(fake_of(fault)->world->seed + ++fault->uses) % (range->high - range->low + 1);
}

bool fault_draw_byte(const struct fault *fault, uint64_t offset, double share)
{
    return (double)mixed(fake_of(fault)->world->seed ^ mixed(offset + 1)) < share * 18446744073709551616.0;
}

uint64_t fault_draw_at(const struct fault *fault, uint64_t offset, uint64_t bound)
{
    return mixed(fake_of(fault)->world->seed + mixed(offset + 7)) % bound;
}

/* --- sides
 * ----------------------------------------------------------------------------------------------------------------------------- */

static void asked(struct fault *fault, const char *what)
{
    struct fake *fake = fake_of(fault);
    size_t length = strlen(fake->asked);
    snprintf(fake->asked + length, sizeof(fake->asked) - length, "%s%s", length ? ", " : "", what);
}

void fault_send(struct fault *fault, const struct piece *piece)
{
    asked(fault, "send");
    fault_pass(fault, piece);
}

void fault_send_ending(struct fault *fault, enum ending ending)
{
    asked(fault, ending == ENDING_FIN ? "fin" : "rst");
}

bool fault_speaks_tls(const struct fault *fault)
{
    (void)fault;
    return false;
}

bool fault_updates_keys(const struct fault *fault)
{
    return !fake_of(fault)->no_keys;
}

void fault_send_message(struct fault *fault, enum ending ending, unsigned alert)
{
    char what[32];
    if (ending == ENDING_ALERT)
        snprintf(what, sizeof(what), "alert %u", alert);
    asked(fault, ending == ENDING_ALERT ? what : "close_notify");
}

void fault_flaw_certificate(struct fault *fault, unsigned kind)
{
    char what[32];
    snprintf(what, sizeof(what), "certificate %u", kind);
    asked(fault, what);
}

void fault_refuse_resumption(struct fault *fault)
{
    asked(fault, "no resumption");
}

void fault_request_certificate(struct fault *fault)
{
    asked(fault, "client certificate");
}

void fault_close_side(struct fault *fault)
{
    asked(fault, "close");
}

void fault_reset_at_once(struct fault *fault)
{
    asked(fault, "reset at once");
}

void fault_stop_reading(struct fault *fault)
{
    asked(fault, "stop reading");
}

void fault_read_again(struct fault *fault)
{
    asked(fault, "read again");
}

void fault_vanish(struct fault *fault)
{
    asked(fault, "vanish");
}

void fault_appear(struct fault *fault)
{
    asked(fault, "appear");
}

void fault_forget(struct fault *fault)
{
    asked(fault, "forget");
}

void fault_forge_rst(struct fault *fault)
{
    asked(fault, "forge rst");
}

void fault_destroy(struct fault *fault)
{
    asked(fault, "destroy");
}

void fault_unreachable(struct fault *fault, int error)
{
    (void)error;
    asked(fault, "unreachable");
}

void fault_lose(struct fault *fault, struct loss *loss)
{
    asked(fault, "lose");
    fake_of(fault)->loss = *loss;
}

void fault_squeeze(struct fault *fault, struct squeeze *squeeze)
{
    char text[48];

    (void)snprintf(text, sizeof(text), "squeeze to %u%s", squeeze->bytes, squeeze->at_once ? " at once" : "");
    asked(fault, text);
}

void fault_squeeze_no_more(struct fault *fault, struct squeeze *squeeze)
{
    (void)squeeze;
    asked(fault, "squeeze no more");
}

void fault_lose_no_more(struct fault *fault, struct loss *loss)
{
    (void)loss;
    asked(fault, "lose no more");
}

bool fault_segments(const struct fault *fault, struct segments *segments)
{
    *segments = fake_of(fault)->segments;
    return !fake_of(fault)->unconnected;
}

bool fault_origin(const struct fault *fault, const struct segments *segments, struct sequence *origin)
{
    (void)segments;
    *origin = fake_of(fault)->origin;
    return !fake_of(fault)->unconnected;
}

static void note_segment(struct fault *fault, const struct segment *segment, const char *mark)
{
    char *came = fake_of(fault)->came;
    size_t length = strlen(came), room = sizeof(fake_of(fault)->came) - length;

    (void)snprintf(came + length, room, "%s%s%c", length > 0 ? " " : "", mark, segment->tcp[0]);
}

void fault_pass_segment(struct fault *fault, struct segment *segment)
{
    note_segment(fault, segment, "");
    free(segment);
}

void fault_double_segment(struct fault *fault, const struct segment *segment)
{
    note_segment(fault, segment, "");
}

void fault_lose_segment(struct fault *fault, struct segment *segment)
{
    note_segment(fault, segment, "-");
    free(segment);
}

void fault_without_server(struct fault *fault)
{
    asked(fault, "without server");
}

void fault_refuse(struct fault *fault, int error, bool refuse)
{
    (void)error;
    asked(fault, refuse ? "refuse" : "accept again");
}

void fault_done_when_acknowledged(struct fault *fault)
{
    asked(fault, "wait for acknowledgement");
}

void fault_hold_syn(struct fault *fault, bool hold)
{
    (void)fault;
    (void)hold;
}

void fault_lose_syn(struct fault *fault, bool lose)
{
    asked(fault, lose ? "lose syn" : "hear syn");
}
