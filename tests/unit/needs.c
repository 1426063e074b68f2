/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a row asks of machine and user, on rows made for it: who is refused what, in which words; and that trying finds what is so.
 */
#include "kernel/privilege.h"
#include "rules/needs.h"
#include "rules/ruleset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static bool with_errno(const struct phrase *phrase)
{
    return phrase_value(phrase, SLOT_ERRNO) != NULL;
}

static const struct row_need some[] = { { NEED_RAW, "with ERRNO", with_errno }, { NEED_NOTHING, NULL, NULL } };
static const struct row_need all[] = { { NEED_FILTER, NULL, NULL }, { NEED_REPAIR, NULL, NULL }, { NEED_NOTHING, NULL, NULL } };

static const struct row sample[] = {
    { .table = ROW_EFFECT, .syntax = "sulk [with ERRNO]", .asks = some },
    { .table = ROW_EFFECT, .syntax = "vanish", .asks = all, .needs = "patience" },
    { .table = ROW_EFFECT, .syntax = "whistle" },
};
static const struct row *const rows[] = { &sample[0], &sample[1], &sample[2], NULL };
static const struct row *const *const lists[] = { rows, NULL };
static const struct misnomer misnomers[] = { { NULL, NULL } };
static const struct vocab vocab = { lists, misnomers };

static const struct means nothing = {
    .allowed = { [NEED_NOTHING] = true },
    .reason = { [NEED_RAW] = "why not", [NEED_FILTER] = "not today", [NEED_REPAIR] = "never" },
    .remedy = "abracadabra",
};

/* What the sentence is told, whole; the first line of it is compared. NULL: nothing. */
static void expect_said(const char *sentence, const struct means *means, bool checking, const char *said)
{
    const struct rules_input input = {
        .texts = &sentence, .text_count = 1, .listen = "127.0.0.1:0", .server = "127.0.0.1:1", .checking = checking, .means = means };
    struct diag *diag = diag_new();
    struct ruleset *set = rules_compile(&input, &vocab, diag);
    char *messages;
    size_t size;
    FILE *out = open_memstream(&messages, &size);

    diag_print(diag, out, false);
    fclose(out);
    messages[strcspn(messages, "\n")] = '\0';
    assert_string_equal(messages, said ? said : "");
    assert_true((set != NULL) == (checking || !said));
    ruleset_unref(set);
    diag_free(diag);
    free(messages);
}

static void what_is_not_allowed_is_refused(void **state)
{
    (void)state;
    expect_said("then sulk with EHOSTUNREACH", &nothing, false,
                "--rule:1:6: error: `sulk with EHOSTUNREACH` needs CAP_NET_RAW, and why not; what would allow it: abracadabra");
    expect_said("then vanish", &nothing, false,
                "--rule:1:6: error: `vanish` needs CAP_NET_ADMIN (socket filters), and not today; what would allow it: abracadabra");
    expect_said("then sulk", &nothing, false, NULL);
    expect_said("then whistle", &nothing, false, NULL);
}

static void only_the_first_that_is_missing_is_named(void **state)
{
    struct means means = nothing;

    (void)state;
    means.allowed[NEED_FILTER] = true;
    means.remedy[0] = '\0';
    expect_said("then vanish", &means, false, "--rule:1:6: error: `vanish` needs CAP_NET_ADMIN, and never");
    means.allowed[NEED_REPAIR] = true;
    expect_said("then vanish", &means, false, NULL);
}

static void who_only_checks_is_warned(void **state)
{
    (void)state;
    expect_said("then sulk with EHOSTUNREACH", &nothing, true,
                "--rule:1:6: warning: `sulk with EHOSTUNREACH` needs CAP_NET_RAW, and why not; what would allow it: abracadabra");
    expect_said("then sulk with EHOSTUNREACH", NULL, false, NULL);
}

static void expect_printed(const struct row *row, const char *wanted)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_true(needs_print(out, row) == (wanted[0] != '\0'));
    fclose(out);
    assert_string_equal(text, wanted);
    free(text);
}

static void rows_say_what_they_need(void **state)
{
    (void)state;
    expect_printed(&sample[0], "with ERRNO: CAP_NET_RAW");
    expect_printed(&sample[1], "patience; CAP_NET_ADMIN (socket filters); CAP_NET_ADMIN");
    expect_printed(&sample[2], "");
}

static void trying_finds_what_is_allowed(void **state)
{
    struct means means = privilege_probe();
    int raw = socket(AF_INET, SOCK_RAW, 255);
    bool lacks = false;

    (void)state;
    assert_true(means.allowed[NEED_NOTHING]);
    assert_int_equal(means.allowed[NEED_RAW], raw >= 0);
    assert_int_equal(means.allowed[NEED_HELD_SYN], means.allowed[NEED_FILTER] && means.allowed[NEED_RAW]);
    for (enum need need = NEED_NOTHING + 1; need < NEEDS; need++) {
        assert_true(means.allowed[need] == (means.reason[need] == NULL));
        lacks = lacks || !means.allowed[need];
    }
    assert_true(lacks || means.remedy[0] == '\0');
    if (raw >= 0)
        close(raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_allowed_is_refused),
        cmocka_unit_test(only_the_first_that_is_missing_is_named),
        cmocka_unit_test(who_only_checks_is_warned),
        cmocka_unit_test(rows_say_what_they_need),
        cmocka_unit_test(trying_finds_what_is_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
