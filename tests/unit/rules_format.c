/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The normal form of rule files: what it looks like, case by case. That it means the same is held by tests/lang.sh for every file there.
 */
#include "cli/vocabulary.h"
#include "rules/format.h"
#include "rules/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *format(const char *text)
{
    struct diag *diag = diag_new();
    struct source *source = source_from_text("t", text, diag);
    char *normal = format_text(source, &vocabulary, diag);

    assert_true(!normal == (diag_errors(diag) > 0));
    diag_free(diag);
    return normal;
}

/* The text becomes that, and that stays as it is. */
static void expect(const char *text, const char *expected)
{
    char *once = format(text), *twice;

    assert_non_null(once);
    assert_string_equal(once, expected);
    twice = format(once);
    assert_string_equal(twice, expected);
    free(once);
    free(twice);
}

static void one_clause_a_line(void **state)
{
    (void)state;
    expect(
        "rule a{for connection 3 from 1s to 2s when server sends fin\nthen hold server fin for 30 s,reset expect client closes within 2s}",
        "rule a {\n    for connection 3\n    from 1s to 2s\n    when server sends fin\n    then hold server fin for 30s, reset\n    expect "
        "client closes within 2s\n}\n");
    expect("relay r {\n listen a:1 server b:2 window 4KiB segments 536bytes proxy v1 tls to client trust anyone\n}",
           "relay r {\n    listen a:1\n    server b:2\n    window 4 KiB\n    segments 536 bytes\n    proxy v1\n    tls to client\n"
           "    trust anyone\n}\n");
    expect("seed\n  42\ninclude \"x\"   expect no CLOSE_WAIT longer than 5 s",
           "seed 42\ninclude \"x\"\nexpect no CLOSE_WAIT longer than 5s\n");
    expect("", "");
}

static void values_in_their_best_form(void **state)
{
    (void)state;
    expect("rule a {\n when server sends 512bytes then throttle data to 8Mbit/s, delay data by 1..2 ms normal, drop 1byte of data\n}",
           "rule a {\n    when server sends 512 bytes\n    then throttle data to 8 Mbit/s, delay data by 1..2ms normal, drop 1 byte of "
           "data\n}\n");
    expect("rule a {\n when server sends 0..9 byte in\n turn then reset\n}",
           "rule a {\n    when server sends 0..9 bytes in turn\n    then reset\n}\n");
}

static void a_block_on_one_line_stays_there(void **state)
{
    (void)state;
    expect("rule a {for connection 1 then reset}", "rule a { for connection 1   then reset }\n");
    expect("rule a { then reset }\nrule long { then close }\n", "rule a    { then reset }\nrule long { then close }\n");
    expect("rule a { for connection 1 then reset }\nrule b { for connection 10 then reset }\n",
           "rule a { for connection 1    then reset }\nrule b { for connection 10   then reset }\n");
    expect("rule a { for connection 1 then reset }\n\nrule long { for connection 10 then reset }\n",
           "rule a { for connection 1   then reset }\n\nrule long { for connection 10   then reset }\n");
    expect("rule a { then reset,\nclose }", "rule a {\n    then reset, close\n}\n");
}

static void empty_lines(void **state)
{
    (void)state;
    expect("rule a {\n\n\n then reset\n\n\n\n expect client closes within 1s\n\n}\nrule b {\n then close\n}\nseed 1",
           "rule a {\n    then reset\n\n    expect client closes within 1s\n}\n\nrule b {\n    then close\n}\n\nseed 1\n");
    expect("seed 1\n\n\n\nrule a { then reset }\nrule b { then reset }\n", "seed 1\n\nrule a { then reset }\nrule b { then reset }\n");
}

static void comments_stay(void **state)
{
    (void)state;
    expect("# a\n# b\n\nrule a { # c\n  # d\n  then reset # e\n  # f\n} # g\n# h",
           "# a\n# b\n\nrule a {        # c\n    # d\n    then reset  # e\n    # f\n}               # g\n\n# h\n");
    expect("rule a {\n  when client # in a clause\n  sends fin # again\n  then reset\n}",
           "rule a {\n    when client sends fin  # in a clause\n    # again\n    then reset\n}\n");
    expect("rule a {\n  when client\n  # in a clause\n  sends fin # behind it\n  then reset\n}",
           "rule a {\n    # in a clause\n    when client sends fin  # behind it\n    then reset\n}\n");
    expect("# only a comment", "# only a comment\n");
    expect("rule a { then reset } # one\nrule bcd { then reset }# two", "rule a   { then reset }  # one\nrule bcd { then reset }  # two\n");
}

static void what_cannot_be_read_is_left_alone(void **state)
{
    char *normal = format("rule a { then rset }");

    (void)state;
    assert_null(normal);
}

static void what_is_not_built_is_formatted(void **state)
{
    (void)state;
    expect("rule a { then vanish   from client }", "rule a { then vanish from client }\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_clause_a_line),
        cmocka_unit_test(values_in_their_best_form),
        cmocka_unit_test(a_block_on_one_line_stays_there),
        cmocka_unit_test(empty_lines),
        cmocka_unit_test(comments_stay),
        cmocka_unit_test(what_cannot_be_read_is_left_alone),
        cmocka_unit_test(what_is_not_built_is_formatted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
