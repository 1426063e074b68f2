/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Selectors: which connections a rule is for.
 */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/select.h"

/* Which of ten connections of these clients the rule strikes, as a string of `x` and `.`; clients are digits: 1 is 10.0.0.1. */
static void check(const char *selector, const char *clients, const char *struck)
{
    char rules[256], seen[64] = "";
    struct fixture *f;

    snprintf(rules, sizeof(rules), "rule r { for %s then reset client }", selector);
    f = fixture_new(rules);
    for (const char *client = clients; *client != '\0'; client++) {
        char address[16];

        snprintf(address, sizeof(address), "10.0.0.%c", *client);
        fixture_open(f, address);
        strcat(seen, f->client->closed ? "x" : ".");
    }
    assert_string_equal(seen, struck);
    fixture_free(f);
}

static void test_numbers(void **state)
{
    (void)state;
    check("connection 3", "1111111111", "..x.......");
    check("connections 1..2, 5", "1111111111", "xx..x.....");
    check("connections 8..", "1111111111", ".......xxx");
    check("not connections 2..9", "1111111111", "x........x");
    check("every 3rd connection", "1111111111", "..x..x..x.");
    check("connections 2..9 and every 3rd connection and not connection 6", "1111111111", "..x.....x.");
}

static void test_of_each_client(void **state)
{
    (void)state;
    check("connection 1 of each client", "1121332141", "x.x.x...x.");
    check("connections 2..3 of each client", "1121332141", ".x.x.xx...");
    check("every 2nd connection of each client", "1121332141", ".x...xxx..");
    check("not connection 1 of each client", "1121332141", ".x.x.xxx.x");
}

static void test_client(void **state)
{
    (void)state;
    check("client 10.0.0.2", "1231232222", ".x..x.xxxx");
    check("client 10.0.0.4/30", "1234567894", "...xxxx..x");
    check("client 10.0.0.0/8", "1234567891", "xxxxxxxxxx");
    check("client 11.0.0.0/8", "1234567891", "..........");
    check("client ::1", "1234567891", "..........");
    check("not client 10.0.0.2", "1231232222", "x.xx.x....");
}

/* Among many rules each link has those that choose it, as if all had been asked, in their order. `#` is another number in each rule. */
static void test_among_many(void **state)
{
    static const char *const selectors[] = {"client 10.0.#.0/24", "client 10.0.0.#", "client 10.#.0.0/16", "connection #",
        "connections #, 7, 1..7", "connections #..", "not connection #", "client ::#", "not client 10.0.0.# and connection 5",
        "connection 5 and client 10.0.0.#", "relay relay and every #th connection",
        "connection # of each client"};
    size_t kinds = sizeof(selectors) / sizeof(selectors[0]), length = 0, chosen = 0;
    char *rules = malloc(kinds * 20 * 128);
    struct fixture *f;

    (void)state;
    for (size_t i = 0; i < kinds * 20; i++) {
        length += (size_t)sprintf(rules + length, "rule r%zu { for ", i);
        for (const char *c = selectors[i % kinds]; *c != '\0'; c++) {
            length += (size_t)(*c == '#' ? sprintf(rules + length, "%zu", 4 + i / kinds) : sprintf(rules + length, "%c", *c));
        }
        length += (size_t)sprintf(rules + length, " when server sends fin then reset client }\n");
    }
    f = fixture_new(rules);
    for (int i = 0; i < 30; i++) {
        struct instance *instance;
        char address[16];

        snprintf(address, sizeof(address), "10.%d.%d.%d", i % 4 * 5, i % 3 * 4, i % 7 + 3);
        fixture_open(f, address);
        instance = f->client->link->rules->first;
        for (size_t r = 0; r < f->engine->state_count; r++) {
            bool is_there = instance != NULL && instance->state == f->engine->states[r];
            struct select_numbers numbers = {.of_relay = f->client->link->number, .of_client = f->client->link->number};

            if (f->engine->states[r]->counts == NULL) {
                assert_int_equal(is_there, select_holds(f->engine->states[r]->rule, NULL, f->client->link, 42, &numbers));
            }
            chosen += is_there;
            instance = is_there ? instance->next : instance;
        }
        assert_null(instance);
    }
    assert_in_range(chosen, 500, 6000);
    fixture_free(f);
    free(rules);
}

static void test_many_clients_are_counted(void **state)
{
    struct fixture *f = fixture_new("rule r { for connection 2 of each client then reset client }");

    (void)state;
    for (int round = 1; round <= 3; round++) {
        for (int client = 0; client < 600; client++) {
            char address[32];

            snprintf(address, sizeof(address), "10.1.%d.%d", client / 256, client % 256);
            fixture_open(f, address);
            assert_int_equal(f->client->closed, round == 2);
        }
    }
    fixture_free(f);
}

static void test_over_at_once(void **state)
{
    struct fixture *f = fixture_new("rule r { for connections over 3 at once then reset client }");

    (void)state;
    for (int i = 1; i <= 5; i++) {
        fixture_connect(f);
        assert_int_equal(f->client->closed, i > 3);
    }
    peer_reset(fixture_peer(f, 1, SIDE_CLIENT)); /* one has gone, and those that were reset */
    assert_int_equal(f->relays[0].open_count, 2);
    fixture_connect(f);
    assert_false(f->client->closed);
    fixture_connect(f);
    assert_true(f->client->closed);
    fixture_free(f);
}

static void test_relay(void **state)
{
    struct fixture *f = fixture_new(
        "relay a { listen 127.0.0.1:0 server 127.0.0.1:1 } relay b { listen 127.0.0.1:0 server 127.0.0.1:1 } "
        "rule r { for relay b and connection 2 then reset client } rule n { for not relay a and connection 3 then reset client }");

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        fixture_open_at(f, 0, "10.0.0.1");
        assert_false(f->client->closed);
        fixture_open_at(f, 1, "10.0.0.1");
        assert_int_equal(f->client->closed, i > 0); /* numbers are each relay's own */
    }
    fixture_free(f);
}

static void test_share_of_connections(void **state)
{
    struct fixture *f =
        fixture_new("rule r { for 25% of connections then reset client } rule n { for not 25% of connections expect client never resets }");
    size_t struck = 0;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        fixture_open(f, "10.0.0.1");
        struck += f->client->closed;
    }
    assert_in_range(struck, 200, 300);
    /* two rules, two draws: `not` of the other's is another quarter left out */
    assert_in_range((size_t)fixture_count_rule(f, NOTICE_RULE_FIRED, "n"), 700, 800);
    fixture_free(f);
}

static void test_all_and_nothing(void **state)
{
    (void)state;
    check("100% of connections", "1212121212", "xxxxxxxxxx");
    check("not 100% of connections", "1212121212", "..........");
}

static void test_share_of_clients(void **state)
{
    struct fixture *f = fixture_new("rule r { for 30% of clients then reset client }");
    bool struck[200];
    size_t count = 0;

    (void)state;
    for (int round = 0; round < 3; round++) { /* all of a client's connections or none */
        for (int client = 0; client < 200; client++) {
            char address[32];

            snprintf(address, sizeof(address), "10.0.1.%d", client);
            fixture_open(f, address);
            if (round == 0) {
                struck[client] = f->client->closed;
                count += struck[client];
            }
            assert_int_equal(f->client->closed, struck[client]);
        }
    }
    assert_in_range(count, 40, 80);
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_of_each_client),
        cmocka_unit_test(test_client),
        cmocka_unit_test(test_among_many),
        cmocka_unit_test(test_many_clients_are_counted),
        cmocka_unit_test(test_over_at_once),
        cmocka_unit_test(test_relay),
        cmocka_unit_test(test_share_of_connections),
        cmocka_unit_test(test_all_and_nothing),
        cmocka_unit_test(test_share_of_clients),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
