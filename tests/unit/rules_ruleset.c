/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules_compile() as the commands call it: relays and sentences from the command line, files that cannot be read, references. What the
 * language says is tested by tests/lang.
 */
#include "cli/vocabulary.h"
#include "rules/ruleset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct outcome {
    struct ruleset *set;
    char *messages;
};

static struct outcome compile(const struct rules_input *input)
{
    struct diag *diag = diag_new();
    struct outcome outcome = { .set = rules_compile(input, &vocabulary, diag) };
    size_t size;
    FILE *out = open_memstream(&outcome.messages, &size);

    diag_print(diag, out, false);
    fclose(out);
    assert_true(!outcome.set == (diag_errors(diag) > 0));
    diag_free(diag);
    return outcome;
}

static void end(struct outcome *outcome)
{
    ruleset_unref(outcome->set);
    free(outcome->messages);
}

/* It does not compile, and this is said first. */
static void expect_refused(const struct rules_input *input, const char *message)
{
    struct outcome outcome = compile(input);

    assert_null(outcome.set);
    if (strncmp(outcome.messages, message, strlen(message)) != 0)
        fail_msg("said: %s\nnot:  %s", outcome.messages, message);
    end(&outcome);
}

static void a_relay_from_the_command_line(void **state)
{
    const struct rules_input input = { .listen = "127.0.0.1:0", .server = "[::1]:80" };
    struct outcome outcome = compile(&input);

    (void)state;
    assert_int_equal(outcome.set->relay_count, 1);
    assert_string_equal(outcome.set->relays[0].name, "relay");
    assert_string_equal(outcome.set->relays[0].server.host, "::1");
    assert_int_equal(outcome.set->relays[0].server.port, 80);
    assert_string_equal(outcome.set->relays[0].place.file, "--listen");
    assert_string_equal(outcome.messages, "");
    end(&outcome);
}

static void sentences_from_the_command_line(void **state)
{
    const char *const texts[] = { "when server sends 512 bytes then reset", "for relay relay expect client closes within 2 s" };
    const struct rules_input input = { .listen = "127.0.0.1:0", .server = "a:80", .texts = texts, .text_count = 2 };
    struct outcome outcome = compile(&input);

    (void)state;
    assert_int_equal(outcome.set->rule_count, 2);
    assert_string_equal(outcome.set->rules[0].name, "rule-1");
    assert_string_equal(outcome.set->rules[1].name, "rule-2");
    assert_int_equal(outcome.set->rules[1].index, 1);
    assert_string_equal(outcome.set->rules[1].place.file, "--rule");
    assert_string_equal(outcome.set->rules[1].steps[0].text, "expect client closes within 2s");
    assert_string_equal(outcome.set->rules[1].selectors[0].phrase.values[0].name, "relay");
    assert_string_equal(outcome.set->rules[1].text, "for relay relay expect client closes within 2s");
    end(&outcome);
}

static void sentences_have_messages(void **state)
{
    const char *const texts[] = { "then hodl data" }, *const whole[] = { "rule a { then reset }" }, *const empty[] = { "" };
    const struct rules_input wrong = { .listen = "a:1", .server = "a:80", .texts = texts, .text_count = 1 };
    const struct rules_input a_rule = { .listen = "a:1", .server = "a:80", .texts = whole, .text_count = 1 };
    const struct rules_input nothing = { .listen = "a:1", .server = "a:80", .texts = empty, .text_count = 1 };

    (void)state;
    expect_refused(
        &wrong, "--rule:1:6: error: expected an action, found `hodl`; did you mean `hold`?\n    1 | then hodl data\n      |      ^~~~\n");
    expect_refused(&a_rule, "--rule:1:1: error: --rule takes a sentence, without `rule NAME { }` around it");
    expect_refused(&nothing, "--rule: error: rule `rule-1` neither does nor expects anything");
}

static void relays_are_needed_whole(void **state)
{
    const struct rules_input none = { .file_count = 0 }, listen = { .listen = "a:1" }, server = { .server = "a:1" };
    const struct rules_input bad = { .listen = "a", .server = "b:1" }, zero = { .listen = "a:1", .server = "b:0" };
    const struct rules_input checking = { .checking = true };
    struct outcome outcome = compile(&checking);

    (void)state;
    assert_non_null(outcome.set);
    end(&outcome);
    expect_refused(&none, "hangup: error: no relay: write --listen ADDRESS --server ADDRESS, or a relay block in a file\n");
    expect_refused(&listen, "hangup: error: --listen needs --server too");
    expect_refused(&server, "hangup: error: --server needs --listen too");
    expect_refused(&bad, "--listen:1:1: error: the port is missing");
    expect_refused(&zero, "--server:1:1: error: a server has a port");
}

static const char *write_file(char *path, const char *text, size_t length)
{
    int file = mkstemp(strcpy(path, "/tmp/hangup-test-XXXXXX"));

    assert_true(file >= 0);
    assert_int_equal(write(file, text, length), length);
    close(file);
    return path;
}

static void a_file_has_a_limit(void **state)
{
    const size_t limit = 1024 * 1024;
    char path[64], *text = malloc(limit + 1);
    const char *const files[] = { path };
    const struct rules_input input = { .files = files, .file_count = 1, .checking = true };
    struct outcome outcome;
    char message[128];

    (void)state;
    memset(text, ' ', limit + 1);
    write_file(path, text, limit);
    outcome = compile(&input);
    assert_non_null(outcome.set);
    end(&outcome);
    unlink(path);

    write_file(path, text, limit + 1);
    snprintf(message, sizeof message, "%s: error: cannot read this file: it is longer than 1 MiB\n", path);
    expect_refused(&input, message);
    unlink(path);
    free(text);
    snprintf(message, sizeof message, "%s: error: cannot read this file: No such file or directory\n", path);
    expect_refused(&input, message);
}

/* A file full of rules is read in a time that grows with it, not with its square. */
static void many_rules(void **state)
{
    char path[64], *text = NULL;
    const char *const files[] = { path };
    const struct rules_input input = { .files = files, .file_count = 1, .checking = true };
    struct outcome outcome;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    for (int i = 0; i < 20000; i++)
        fprintf(out, "rule r%d { for connection 1 then reset }\n", i);
    fclose(out);
    write_file(path, text, size);
    free(text);
    outcome = compile(&input);
    assert_int_equal(outcome.set->rule_count, 20000);
    assert_int_equal(outcome.set->rules[19999].place.line, 20000);
    end(&outcome);
    unlink(path);
}

static void the_last_reference_frees(void **state)
{
    const char *const texts[] = { "when client sends /x+y/ then reset" };
    const struct rules_input input = { .texts = texts, .text_count = 1, .checking = true };
    struct outcome outcome = compile(&input);
    struct ruleset *other = ruleset_ref(outcome.set);

    (void)state;
    end(&outcome);
    assert_string_equal(other->rules[0].name, "rule-1"); /* still there; the sanitizer sees whether it is freed behind this */
    ruleset_unref(other);
    ruleset_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_relay_from_the_command_line),
        cmocka_unit_test(sentences_from_the_command_line),
        cmocka_unit_test(sentences_have_messages),
        cmocka_unit_test(relays_are_needed_whole),
        cmocka_unit_test(a_file_has_a_limit),
        cmocka_unit_test(many_rules),
        cmocka_unit_test(the_last_reference_frees),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
