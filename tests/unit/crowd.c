/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The crowd: rules that wait for texts together do what they would do one by one.
 */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/draw.h"
#include "engine/engine.h"

#define RULES 40
#define LINKS 60

/* A rule that is at work on every link, so that there is no crowd. */
#define ALONE "rule alone { when signal never then reset client }\n"

static uint64_t draw(uint64_t *use, uint64_t bound)
{
    return draw_below(draw_key(7), (*use)++, bound);
}

/* Texts of few letters: many begin, end and stand within one another. */
static void write_rules(char *rules, uint64_t *use)
{
    static const char *const heads[] = {"when", "each time", "the 2nd time", "the first 3 times"};
    static const char *const subjects[] = {"client", "server", "either"};

    for (int i = 0; i < RULES; i++) {
        rules += sprintf(rules, "rule r%d { %s %s sends \"", i, heads[draw(use, 4)], subjects[draw(use, 3)]);
        for (uint64_t length = 2 + draw(use, 6); length > 0; length--) {
            *rules++ = (char)('a' + draw(use, 3));
        }
        rules += sprintf(rules, "\" then %s }\n", i % 3 == 0 ? "replace \"c\" with \"d\" in client data for 5ms" : "send \"!\" to client");
    }
}

static void talk(struct fixture *f, uint64_t *use)
{
    for (uint64_t turns = 3 + draw(use, 6); turns > 0; turns--) {
        struct peer *peer = draw(use, 2) == 0 ? f->client : f->server;
        uint8_t bytes[64];
        size_t length = 1 + draw(use, turns % 4 == 0 ? 60 : 5);

        for (size_t i = 0; i < length; i++) {
            bytes[i] = (uint8_t)('a' + draw(use, 3));
        }
        peer_say_bytes(peer, bytes, length);
        fixture_pass_ms(f, 2);
    }
}

/* What was told of rules, link by link. */
static void assert_same_told(const struct fixture *a, const struct fixture *b)
{
    size_t at = 0;

    for (size_t i = 0; i < a->told_count; i++) {
        if (a->told[i].kind < NOTICE_RULE_FIRED || a->told[i].kind > NOTICE_ACTION_ENDED) {
            continue;
        }
        while (at < b->told_count && (b->told[at].kind < NOTICE_RULE_FIRED || b->told[at].kind > NOTICE_ACTION_ENDED)) {
            at++;
        }
        assert_true(at < b->told_count);
        assert_int_equal(a->told[i].kind, b->told[at].kind);
        assert_string_equal(a->told[i].rule, b->told[at].rule);
        assert_int_equal(a->told[i].number, b->told[at].number);
        assert_int_equal(a->told[i].firing, b->told[at].firing);
        assert_int_equal(a->told[i].at, b->told[at].at);
        at++;
    }
}

static void test_does_the_same(void **state)
{
    char rules[RULES * 128 + sizeof(ALONE)];
    uint64_t use = 0, fired = 0;

    (void)state;
    for (int round = 0; round < 10; round++) {
        struct fixture *crowd, *alone;
        uint64_t talks;

        write_rules(rules, &use);
        crowd = fixture_new(rules);
        alone = fixture_new(strcat(rules, ALONE));
        for (int link = 0; link < LINKS / 10; link++) {
            fixture_connect(crowd);
            fixture_connect(alone);
            assert_non_null(fixture_link(crowd)->rules->crowd);
            assert_null(fixture_link(alone)->rules->crowd);
            talks = use;
            talk(crowd, &use);
            talk(alone, &talks);
            assert_int_equal(use, talks);
            assert_string_equal(crowd->client->heard, alone->client->heard);
            assert_string_equal(crowd->server->heard, alone->server->heard);
        }
        assert_same_told(crowd, alone);
        fired += fixture_count(crowd, NOTICE_RULE_FIRED);
        fixture_free(crowd);
        fixture_free(alone);
    }
    assert_true(fired > 200);
}

#define EIGHT \
    "rule a { when client sends \"one two\" then send \"1\" to client }\n" \
    "rule b { when client sends \"two three\" then send \"2\" to client }\n" \
    "rule c { when client sends \"c\" then send \"3\" to client }\n" \
    "rule d { when client sends \"zd\" then send \"4\" to client }\n" \
    "rule e { when client sends \"ze\" then send \"5\" to client }\n" \
    "rule f { when client sends \"zf\" then send \"6\" to client }\n" \
    "rule g { when client sends \"zg\" then send \"7\" to client }\n" \
    "rule h { when client sends \"zh\" then send \"8\" to client }\n"

/* Half of a text has come when the rules change. */
static void test_a_change_keeps_what_came(void **state)
{
    struct fixture *f = fixture_new(EIGHT);

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "one t");
    assert_non_null(fixture_link(f)->rules->crowd);
    fixture_change(f, EIGHT "rule i { when client sends \"o thr\" then send \"9\" to client }\n");
    assert_null(fixture_link(f)->rules->crowd);
    peer_say(f->client, "wo three");
    assert_heard(f->client, "192");
    fixture_free(f);
}

/* A link that nothing was hit on ends like any other. */
static void test_ends_unhit(void **state)
{
    struct fixture *f = fixture_new(EIGHT);

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "one tw");
    peer_fin(f->client);
    assert_heard(f->server, "one tw<fin>");
    peer_say(f->server, "reply");
    peer_fin(f->server);
    assert_heard(f->client, "reply<fin>");
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
    assert_int_equal(fixture_count(f, NOTICE_RULE_FIRED), 0);
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_does_the_same),
        cmocka_unit_test(test_a_change_keeps_what_came),
        cmocka_unit_test(test_ends_unhit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
