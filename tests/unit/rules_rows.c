/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The row matcher, on rows made for it; and of the real vocabulary, that one word always decides between its rows, and that each can be
 * read.
 */
#include "cli/vocabulary.h"
#include "rules/row.h"
#include "rules/source.h"
#include "rules/syntax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROW_CONNECT, ROW_CONNECT_TO, ROW_WORDS, ROW_AMOUNT, ROW_PLAIN, ROW_FLAGS };

static const struct row sample[] = {
    [ROW_CONNECT] = { .table = ROW_EFFECT, .syntax = "connects" },
    [ROW_CONNECT_TO] = { .table = ROW_EFFECT, .syntax = "connects to relay RELAY" },
    [ROW_WORDS] = { .table = ROW_EFFECT, .syntax = "stays ( open | shut ) for NUMBER time(s)" },
    [ROW_AMOUNT] = { .table = ROW_EFFECT, .syntax = "hold [SIZE of] WHAT [over SIZE]", .what = WHAT_BIT(WHAT_DATA) },
    [ROW_PLAIN] = { .table = ROW_DEED, .syntax = "hold everything" },
    [ROW_FLAGS] = { .table = ROW_EFFECT, .syntax = "reset [SIDE] [at once]" },
};
static const struct row *const sample_rows[] = { &sample[0], &sample[1], &sample[2], &sample[3], &sample[4], &sample[5], NULL };
static const struct row *const *const sample_lists[] = { sample_rows, NULL };
static const struct vocab sample_vocab = { sample_lists, NULL };

struct reading {
    struct diag *diag;
    struct arena *arena;
    struct reader *reader;
};

static struct parsed *read_text(struct reading *reading, const struct vocab *vocab, enum row_table table, const char *text)
{
    reading->diag = diag_new();
    reading->arena = arena_new();
    reading->reader = arena_alloc(reading->arena, sizeof *reading->reader);
    *reading->reader = (struct reader){ .keep = reading->arena, .scratch = reading->arena, .vocab = vocab, .diag = reading->diag };
    reader_begin(reading->reader, lexer_read(source_from_text("t", text, reading->diag), reading->arena, reading->diag));
    return row_match(reading->reader, table, NULL);
}

static void end_reading(struct reading *reading)
{
    arena_free(reading->arena);
    diag_free(reading->diag);
}

/* Which row a text is, and how many tokens it takes; -1: none. */
static void expect_row(const char *text, int row, size_t tokens)
{
    struct reading reading;
    struct parsed *parsed = read_text(&reading, &sample_vocab, ROW_EFFECT, text);

    assert_int_equal(parsed ? parsed->phrase.row - sample : -1, row);
    if (parsed)
        assert_int_equal(reading.reader->at, tokens);
    else
        assert_int_equal(reading.reader->reached, tokens);
    end_reading(&reading);
}

static void one_word_decides(void **state)
{
    (void)state;
    expect_row("connects", ROW_CONNECT, 1);
    expect_row("connects then", ROW_CONNECT, 1);
    expect_row("connects to relay x", ROW_CONNECT_TO, 4);
    expect_row("connects to relai x", -1, 2);
    expect_row("hold data", ROW_AMOUNT, 2);
    expect_row("hold client data over 3 bytes", ROW_AMOUNT, 6);
    expect_row("hold 3 bytes of data", ROW_AMOUNT, 5);
    expect_row("hold 3 bytes data", -1, 3);
    expect_row("hold everything", -1, 1);
    expect_row("stays shut for 1 time", ROW_WORDS, 5);
    expect_row("stays shut for 2 times", ROW_WORDS, 5);
    expect_row("stays ajar for 2 times", -1, 1);
    expect_row("reset at client", -1, 2);
}

static void values_stand_in_the_order_of_the_syntax(void **state)
{
    struct reading reading;
    struct parsed *parsed = read_text(&reading, &sample_vocab, ROW_EFFECT, "hold server data over 2 KiB");
    const struct value *values = parsed->phrase.values;

    (void)state;
    assert_true(!values[0].present && values[0].slot == SLOT_SIZE);
    assert_true(values[1].present && values[1].flow.sides == SIDES_SERVER && values[1].flow.what == WHAT_DATA);
    assert_true(values[2].present && values[2].range.low == 2048 && values[2].range.high == 2048);
    assert_int_equal(parsed->value_span[2].offset, 22);
    assert_int_equal(parsed->value_span[2].length, 5);
    end_reading(&reading);

    parsed = read_text(&reading, &sample_vocab, ROW_EFFECT, "reset at once");
    assert_true(!parsed->phrase.values[0].present && parsed->phrase.values[1].present);
    end_reading(&reading);

    parsed = read_text(&reading, &sample_vocab, ROW_EFFECT, "stays shut for 7 times");
    assert_int_equal(parsed->phrase.values[0].word, 1);
    assert_int_equal(parsed->phrase.values[1].range.low, 7);
    end_reading(&reading);
}

/* --- The real vocabulary ------------------------------------------------------------------------------------------------------ */

/* All ways to go through a syntax, each a list of parts without brackets. */
struct way {
    struct part parts[32];
    size_t count;
};

struct ways {
    struct way list[64];
    size_t count;
};

static void expand(const char *at, struct way way, struct ways *ways);

static const char *behind(const char *at, enum part_kind end)
{
    while (syntax_next(&at).kind != end)
        ;
    return at;
}

static void expand_choice(const char *at, struct way way, struct ways *ways)
{
    const char *rest = behind(at, PART_CHOSEN);

    for (struct part part = syntax_next(&at); part.kind != PART_CHOSEN; part = syntax_next(&at)) {
        struct way longer = way;

        if (part.kind == PART_OR)
            continue;
        longer.parts[longer.count++] = part;
        expand(rest, longer, ways);
    }
}

static void expand(const char *at, struct way way, struct ways *ways)
{
    for (;;) {
        struct part part = syntax_next(&at);

        switch (part.kind) {
        case PART_END:
            assert_true(ways->count < 64);
            ways->list[ways->count++] = way;
            return;
        case PART_OPEN: expand(behind(at, PART_CLOSE), way, ways); break; /* without the group */
        case PART_CHOICE: expand_choice(at, way, ways); return;
        case PART_WORD:
        case PART_PLURAL:
        case PART_SLOT:
            assert_true(way.count < 32);
            way.parts[way.count++] = part;
            break;
        case PART_CLOSE:
        case PART_OR:
        case PART_CHOSEN: break;
        }
    }
}

static bool is_number_like(enum slot slot)
{
    return slot == SLOT_NUMBER || slot == SLOT_NUMBERS || slot == SLOT_ORDINALS || slot == SLOT_DURATION || slot == SLOT_SIZE ||
           slot == SLOT_RATE;
}

/* Does a slot take a literal word? */
static bool slot_takes(enum slot slot, unsigned what, const struct part *word)
{
    static const char *const sides[] = { "client", "server" };

    if (slot == SLOT_NAME || slot == SLOT_RELAY)
        return true;
    for (size_t i = 0; i < 2 && (slot == SLOT_SIDE || slot == SLOT_WHAT); i++) {
        if (strlen(sides[i]) == word->length && memcmp(sides[i], word->text, word->length) == 0)
            return true;
    }
    for (int i = WHAT_DATA; i <= WHAT_WINDOW && slot == SLOT_WHAT; i++) {
        if ((what & WHAT_BIT(i)) && strlen(what_name((enum what)i)) == word->length &&
            memcmp(what_name((enum what)i), word->text, word->length) == 0)
            return true;
    }
    return false;
}

static bool is_pair(enum slot a, enum slot b, enum slot one, enum slot other)
{
    return (a == one && b == other) || (a == other && b == one);
}

/* Can one word begin both parts? */
static bool overlap(const struct part *a, unsigned a_what, const struct part *b, unsigned b_what)
{
    if (a->kind != PART_SLOT && b->kind != PART_SLOT)
        return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
    if (a->kind != PART_SLOT)
        return slot_takes(b->slot, b_what, a);
    if (b->kind != PART_SLOT)
        return slot_takes(a->slot, a_what, b);
    if (is_number_like(a->slot) && is_number_like(b->slot))
        return true;
    if (a->slot == SLOT_NAME || b->slot == SLOT_NAME || a->slot == SLOT_RELAY || b->slot == SLOT_RELAY)
        return true;
    return a->slot == b->slot || is_pair(a->slot, b->slot, SLOT_SIDE, SLOT_WHAT) || is_pair(a->slot, b->slot, SLOT_STRING, SLOT_TEXT);
}

static bool same_part(const struct part *a, const struct part *b)
{
    if (a->kind == PART_SLOT || b->kind == PART_SLOT)
        return a->kind == b->kind && a->slot == b->slot;
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

/* Two ways part where they first differ: there, no word may fit both. (`hold WHAT` may come twice, with different things that WHAT is.) */
static void compare_ways(const struct row *row, const struct way *a, const struct row *other, const struct way *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        if (same_part(&a->parts[i], &b->parts[i]))
            continue;
        if (overlap(&a->parts[i], row->what, &b->parts[i], other->what))
            fail_msg("one word does not decide between `%s` and `%s`", row->syntax, other->syntax);
        return;
    }
    if (a->count == b->count && !(row->what && other->what && (row->what & other->what) == 0))
        fail_msg("`%s` and `%s` are the same", row->syntax, other->syntax);
}

static void compare_rows(const struct row *row, const struct row *other)
{
    static struct ways first, second;

    first.count = second.count = 0;
    expand(row->syntax, (struct way){ .count = 0 }, &first);
    expand(other->syntax, (struct way){ .count = 0 }, &second);
    for (size_t i = 0; i < first.count; i++) {
        for (size_t j = row == other ? i + 1 : 0; j < second.count; j++)
            compare_ways(row, &first.list[i], other, &second.list[j]);
    }
}

static size_t all_rows(const struct row **rows, size_t room)
{
    size_t count = 0;

    for (const struct row *const *const *list = vocabulary.lists; *list; list++) {
        for (const struct row *const *row = *list; *row; row++) {
            assert_true(count < room);
            rows[count++] = *row;
        }
    }
    return count;
}

static void one_word_decides_in_the_whole_vocabulary(void **state)
{
    const struct row *rows[256];
    size_t count = all_rows(rows, 256);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i; j < count; j++) {
            if (rows[i]->table == rows[j]->table)
                compare_rows(rows[i], rows[j]);
        }
    }
}

static void print_example(FILE *out, const struct row *row, const struct part *part)
{
    static const char *const words[] = {
        [SLOT_NUMBER] = "3",
        [SLOT_NUMBERS] = "4..10",
        [SLOT_ORDINALS] = "1..2, 5, 9..",
        [SLOT_NTH] = "3rd",
        [SLOT_DURATION] = "1..30s pareto",
        [SLOT_SIZE] = "0..512 bytes in turn",
        [SLOT_RATE] = "8 Mbit/s",
        [SLOT_PERCENT] = "0.25%",
        [SLOT_STRING] = "\"x\"",
        [SLOT_TEXT] = "/x/i",
        [SLOT_NAME] = "go",
        [SLOT_RELAY] = "redis",
        [SLOT_PREFIX] = "10.0.0.0/8",
        [SLOT_SIDE] = "client",
        [SLOT_STATE] = "CLOSE_WAIT",
        [SLOT_ERRNO] = "ECONNRESET",
        [SLOT_ALERT] = "handshake_failure",
        [SLOT_KIND] = "expired",
        [SLOT_DEED] = "closes",
    };

    if (part->kind != PART_SLOT)
        fprintf(out, "%.*s ", (int)part->length, part->text);
    else if (part->slot == SLOT_WHAT)
        fprintf(out, "server %s ", what_name((enum what)__builtin_ctz(row->what)));
    else
        fprintf(out, "%s ", words[part->slot]);
}

/* An example of a way is read as that row, to its end. */
static void read_way(const struct row *row, const struct way *way)
{
    char text[512] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    struct reading reading;
    struct parsed *parsed;

    for (size_t i = 0; i < way->count; i++)
        print_example(out, row, &way->parts[i]);
    fclose(out);
    parsed = read_text(&reading, &vocabulary, row->table, text);
    if (!parsed || parsed->phrase.row != row || reader_token(reading.reader)->kind != TOKEN_END)
        fail_msg("`%s` is not read as `%s`", text, row->syntax);
    end_reading(&reading);
}

static void each_way_through_a_row_is_read(void **state)
{
    static struct ways ways;
    const struct row *rows[256];
    size_t count = all_rows(rows, 256);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        ways.count = 0;
        expand(rows[i]->syntax, (struct way){ .count = 0 }, &ways);
        for (size_t j = 0; j < ways.count; j++)
            read_way(rows[i], &ways.list[j]);
    }
}

static void each_row_says_what_it_is(void **state)
{
    const struct row *rows[256];
    size_t count = all_rows(rows, 256);

    (void)state;
    assert_true(count > 50);
    for (size_t i = 0; i < count; i++) {
        assert_true(rows[i]->help && strlen(rows[i]->help) > 10);
        assert_true(!strstr(rows[i]->syntax, "WHAT") == !rows[i]->what);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_word_decides),
        cmocka_unit_test(values_stand_in_the_order_of_the_syntax),
        cmocka_unit_test(one_word_decides_in_the_whole_vocabulary),
        cmocka_unit_test(each_way_through_a_row_is_read),
        cmocka_unit_test(each_row_says_what_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
