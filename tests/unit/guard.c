/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may come in at the control side.
 */
#include "control/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static enum guard_answer ask(const struct guard *guard, const char *host, const char *origin, const char *fetch_site, const char *token)
{
    const char *why = NULL;
    enum guard_answer answer =
        guard_ask(guard, &(struct guard_headers){.host = host, .origin = origin, .fetch_site = fetch_site, .authorization = token}, &why);

    assert_true((answer == GUARD_WELCOME) == (why == NULL)); /* who is sent away is told why */
    return answer;
}

static void test_hosts(void **state)
{
    static const char *const known[] = {"localhost", "LOCALHOST:8474", "127.0.0.1", "127.0.0.1:1", "10.1.2.3:80", "[::1]", "[::1]:8474",
        "control.example:80", NULL};
    static const char *const strange[] = {"", ":80", "evil.example", "evil.example:8474", "localhost.evil.example", "[::1", "[]:80",
        "127.0.0.1:80x", "127.0.0.1.evil.example", "[::1]x", "localhost:80:80", NULL};
    const struct guard guard = {.name = "control.example"};

    (void)state;
    for (size_t i = 0; known[i] != NULL; i++) {
        assert_int_equal(ask(&guard, known[i], NULL, NULL, NULL), GUARD_WELCOME);
    }
    for (size_t i = 0; strange[i] != NULL; i++) {
        assert_int_equal(ask(&guard, strange[i], NULL, NULL, NULL), GUARD_STRANGER);
    }
    assert_int_equal(ask(&guard, NULL, NULL, NULL, NULL), GUARD_WELCOME); /* HTTP/1.0 */
}

static void test_pages(void **state)
{
    const struct guard guard = {.name = NULL};

    (void)state;
    assert_int_equal(ask(&guard, "localhost", "http://localhost:8474", NULL, NULL), GUARD_STRANGER);
    assert_int_equal(ask(&guard, "localhost", "null", NULL, NULL), GUARD_STRANGER);
    assert_int_equal(ask(&guard, "localhost", NULL, "cross-site", NULL), GUARD_STRANGER);
    assert_int_equal(ask(&guard, "localhost", NULL, "same-site", NULL), GUARD_STRANGER);
    assert_int_equal(ask(&guard, "localhost", NULL, "same-origin", NULL), GUARD_WELCOME);
    assert_int_equal(ask(&guard, "localhost", NULL, "none", NULL), GUARD_WELCOME); /* somebody typed it */
}

static void test_tokens(void **state)
{
    const struct guard guard = {.token = "sesame"};

    (void)state;
    assert_int_equal(ask(&guard, "localhost", NULL, NULL, NULL), GUARD_NO_TOKEN);
    assert_int_equal(ask(&guard, "localhost", NULL, NULL, "Bearer sesamf"), GUARD_NO_TOKEN);
    assert_int_equal(ask(&guard, "localhost", NULL, NULL, "Bearer sesame2"), GUARD_NO_TOKEN);
    assert_int_equal(ask(&guard, "localhost", NULL, NULL, "Bearer "), GUARD_NO_TOKEN);
    assert_int_equal(ask(&guard, "localhost", NULL, NULL, "Basic sesame"), GUARD_NO_TOKEN);
    assert_int_equal(ask(&guard, "localhost", NULL, NULL, "sesame"), GUARD_NO_TOKEN);
    assert_int_equal(ask(&guard, "localhost", NULL, NULL, "bearer sesame"), GUARD_WELCOME);
    assert_int_equal(ask(&guard, "evil.example", NULL, NULL, "Bearer sesame"), GUARD_STRANGER);
}

static void test_unix_sockets(void **state)
{
    const struct guard guard = {.local = true};

    (void)state;
    assert_int_equal(ask(&guard, "whatever", NULL, NULL, NULL), GUARD_WELCOME);
    assert_int_equal(ask(&guard, "whatever", "http://evil.example", NULL, NULL), GUARD_STRANGER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_unix_sockets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
