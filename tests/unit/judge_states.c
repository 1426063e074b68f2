/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Expectations about an application's own socket, as the lookout tells of it: exact states, with process and descriptor, and what is said
 * where it cannot be seen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stage.h"

#include "relay/sighting.h"

/* The lookout sees that side's socket in that state now: pid 4711 app has it as fd 7; `pid` 0: nobody has it any more. */
static void see(struct stage *stage, uint64_t link, enum side side, enum tcp_state state, pid_t pid)
{
    struct sighting sighting = {
        .exact = true,
        .socket = 2 * link + side,
        .state = state,
        .at = stage->now,
        .since = stage->now,
        .owned = pid != 0,
        .owner = {.pid = pid, .fd = 7, .name = "app"},
    };
    stage_tell_notice(stage, link, (struct notice){.kind = NOTICE_STATE, .side = side, .sighting = &sighting});
}

static void test_still_close_wait_says_who(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client closes within 2s"));
    see(stage, 1, SIDE_CLIENT, STATE_ESTABLISHED, 4711);
    stage_at(stage, 2.25);
    see(stage, 1, SIDE_CLIENT, STATE_CLOSE_WAIT, 4711);
    stage_at(stage, 2.5);
    stage_tell(stage, 1, NOTICE_FIN_ACKED, SIDE_CLIENT);
    stage_check_at_end(stage, 9, OUTCOME_FAILED,
        "still CLOSE_WAIT after 2.000 s (pid 4711 app, fd 7): our FIN was acknowledged at 2.500 s, no FIN or RST since");
}

/* A look that is older than what the wire has said since then counts for nothing. */
static void test_old_look(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client closes within 2s"));
    stage_at(stage, 2.5);
    stage_tell(stage, 1, NOTICE_FIN_ACKED, SIDE_CLIENT);
    see(stage, 1, SIDE_CLIENT, STATE_ESTABLISHED, 4711);
    stage_check_at_end(stage, 9, OUTCOME_FAILED,
        "still CLOSE_WAIT after 2.000 s (inferred): our FIN was acknowledged at 2.500 s, no FIN or RST since");
}

/* Its FIN cannot reach us: that it closed was seen all the same. */
static void test_closes_unheard(void **state)
{
    (void)state;
    static const enum tcp_state closed[] = {STATE_FIN_WAIT1, STATE_FIN_WAIT2, STATE_CLOSING, STATE_LAST_ACK, STATE_TIME_WAIT, STATE_CLOSE};
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        struct stage *stage = stage_watching(WATCH("client closes within 2s"));
        see(stage, 1, SIDE_CLIENT, STATE_ESTABLISHED, 4711);
        stage_at(stage, 3);
        see(stage, 1, SIDE_CLIENT, closed[i], 0);
        stage_check_at_end(stage, 9, OUTCOME_PASSED, "after 1.000 s");
    }
    struct stage *stage = stage_watching(WATCH("client closes within 2s"));
    see(stage, 1, SIDE_CLIENT, STATE_ESTABLISHED, 4711);
    stage_check_at_end(stage, 9, OUTCOME_FAILED, "no FIN or RST in 2.000 s: still ESTABLISHED (pid 4711 app, fd 7)");
    stage = stage_watching(WATCH("client stays open for 2s"));
    stage_at(stage, 3);
    see(stage, 1, SIDE_CLIENT, STATE_FIN_WAIT1, 4711);
    stage_check_at_end(stage, 9, OUTCOME_FAILED, "its socket was seen to be closed after 1.000 s");
}

/* We have made ourselves deaf: what was not seen is not known. */
static void test_closes_unheard_and_unseen(void **state)
{
    (void)state;
    static const char *const rules[] = {
        "rule r { when client sends 1 byte then vanish from client expect client closes within 2s }\n",
        "rule r { when client sends 1 byte then vanish expect client closes within 2s }\n",
        "rule r { when client sends 1 byte then vanish from server expect client closes within 2s }\n",
    };
    for (size_t i = 0; i < 3; i++) {
        struct stage *stage = stage_fired(rules[i]);
        stage_step(stage, 1, "r", 1, 1, NOTICE_EXPECTED);
        if (i < 2)
            stage_check_at_end(stage, 9, OUTCOME_NEVER_REACHED, "it cannot be heard, and its socket was not seen on this machine");
        else
            stage_check_at_end(stage, 9, OUTCOME_FAILED, "no FIN or RST in 2.000 s");
    }
    struct stage *stage = stage_fired(rules[0]);
    stage_step(stage, 1, "r", 1, 1, NOTICE_EXPECTED);
    see(stage, 1, SIDE_CLIENT, STATE_ESTABLISHED, 4711);
    stage_check_at_end(stage, 9, OUTCOME_FAILED, "no FIN or RST in 2.000 s: still ESTABLISHED (pid 4711 app, fd 7)");
}

static void test_spinning(void **state)
{
    (void)state;
    struct stage *stage = stage_begin("test.rule", "expect no spinning\n" WATCH("client closes within 2s"));
    stage_open(stage, 0, 1, "10.0.0.1");
    stage_at(stage, 2);
    stage_fire(stage, 1, "r", 1);
    stage_step(stage, 1, "r", 1, 0, NOTICE_EXPECTED);
    stage_tell(stage, 1, NOTICE_FIN_ACKED, SIDE_CLIENT);
    stage_tell_notice(stage, 1, (struct notice){.kind = NOTICE_SPINNING, .side = SIDE_CLIENT, .text = "pid 1 app spins: so"});
    stage_at(stage, 9);
    stage_finish(stage);
    stage_check(stage, "r", 1, OUTCOME_FAILED,
        "still CLOSE_WAIT after 2.000 s (inferred): our FIN was acknowledged at 2.000 s, no FIN or RST since; the process spins");
    stage_check(stage, NULL, 0, OUTCOME_FAILED, "relay #1 client: pid 1 app spins: so");
    stage_end(stage);
    stage = stage_begin("test.rule", "expect no spinning\n");
    stage_finish(stage);
    stage_check(stage, NULL, 0, OUTCOME_PASSED, "no process was seen to spin");
    stage_end(stage);
}

/* An exit is no close, and neither is our own RST. */
static void test_seen_closed_for_another_reason(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client closes within 2s"));
    stage_at(stage, 3);
    stage->exiting = true;
    see(stage, 1, SIDE_CLIENT, STATE_CLOSE, 0);
    stage_check_at_end(stage, 9, OUTCOME_NEVER_REACHED, "the application exited");
    stage = stage_watching(WATCH("client closes within 2s"));
    stage_at(stage, 3);
    stage_tell(stage, 1, NOTICE_RST_SENT, SIDE_CLIENT);
    see(stage, 1, SIDE_CLIENT, STATE_CLOSE, 0);
    stage_check_at_end(stage, 9, OUTCOME_NEVER_REACHED, "it was reset by the other side: what it does now cannot be seen");
}

/* Its FIN came before the rule fired: then its socket has to go as well. */
static void test_socket_goes(void **state)
{
    (void)state;
    for (pid_t pid = 0; pid <= 4711; pid += 4711) {
        struct stage *stage = stage_begin("test.rule", WATCH("client closes within 2s"));
        stage_open(stage, 0, 1, "10.0.0.1");
        stage_at(stage, 1);
        stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
        see(stage, 1, SIDE_CLIENT, STATE_FIN_WAIT2, 4711);
        stage_at(stage, 2);
        stage_fire(stage, 1, "r", 1);
        stage_step(stage, 1, "r", 1, 0, NOTICE_EXPECTED);
        stage_at(stage, 3);
        see(stage, 1, SIDE_CLIENT, STATE_FIN_WAIT2, pid);
        if (pid == 0)
            stage_check_at_end(stage, 9, OUTCOME_PASSED, "after 1.000 s");
        else
            stage_check_at_end(stage, 9, OUTCOME_FAILED,
                "still FIN_WAIT2 after 2.000 s (pid 4711 app, fd 7): its FIN came at 1.000 s, it has none of ours");
    }
}

static void test_each_state(void **state)
{
    (void)state;
    static const struct {
        const char *rules;
        enum tcp_state state;
    } states[] = {
        {WATCH("client is in ESTABLISHED within 2s"), STATE_ESTABLISHED}, {WATCH("client is in SYN_SENT within 2s"), STATE_SYN_SENT},
        {WATCH("client is in FIN_WAIT1 within 2s"), STATE_FIN_WAIT1}, {WATCH("client is in FIN_WAIT2 within 2s"), STATE_FIN_WAIT2},
        {WATCH("client is in CLOSING within 2s"), STATE_CLOSING}, {WATCH("client is in TIME_WAIT within 2s"), STATE_TIME_WAIT},
        {WATCH("client is in CLOSE_WAIT within 2s"), STATE_CLOSE_WAIT}, {WATCH("client is in LAST_ACK within 2s"), STATE_LAST_ACK},
        {WATCH("client is in CLOSE within 2s"), STATE_CLOSE},
    };
    size_t count = sizeof states / sizeof states[0];
    for (size_t i = 0; i < count; i++) {
        struct stage *stage = stage_watching(states[i].rules);
        stage_at(stage, 2.5);
        see(stage, 1, SIDE_SERVER, states[i].state, 4711); /* the other application's does not count */
        stage_at(stage, 3);
        see(stage, 1, SIDE_CLIENT, states[i].state, 4711);
        stage_check_at_end(stage, 9, OUTCOME_PASSED, "after 1.000 s");
    }
}

static void test_other_state(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client is in LAST_ACK within 2s"));
    see(stage, 1, SIDE_CLIENT, STATE_CLOSE_WAIT, 4711);
    stage_check_at_end(stage, 9, OUTCOME_FAILED, "it was not in 2.000 s: it is in CLOSE_WAIT (pid 4711 app, fd 7)");
    stage = stage_watching(WATCH("client is in LAST_ACK within 2s"));
    stage_at(stage, 3);
    see(stage, 1, SIDE_CLIENT, STATE_CLOSE, 0);
    stage_check_at_end(stage, 9, OUTCOME_FAILED, "its socket is gone");
    stage_check_at_end(stage_watching(WATCH("client is in LAST_ACK within 2s")), 9, OUTCOME_FAILED,
        "not seen in 2.000 s: its socket cannot be seen on this machine");
    stage = stage_watching(WATCH("client never is in FIN_WAIT1"));
    stage_at(stage, 3);
    see(stage, 1, SIDE_CLIENT, STATE_FIN_WAIT1, 4711);
    stage_check_at_end(stage, 9, OUTCOME_FAILED, "it was after 1.000 s");
}

/* What a socket is when the connection is over can still be seen then. */
static void test_state_behind_the_connection(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client is in TIME_WAIT within 5s"));
    see(stage, 1, SIDE_CLIENT, STATE_FIN_WAIT2, 4711);
    stage_close_at(stage, 3);
    stage_at(stage, 4);
    see(stage, 1, SIDE_CLIENT, STATE_TIME_WAIT, 0);
    stage_check_at_end(stage, 9, OUTCOME_PASSED, "after 2.000 s");
    stage = stage_watching(WATCH("client is in ESTABLISHED within 5s"));
    stage_close_at(stage, 3);
    stage_check_at_end(stage, 9, OUTCOME_NEVER_REACHED, "the connection ended 4.000 s before its time was over");
}

static void test_longer_than(void **state)
{
    (void)state;
    struct stage *stage = stage_begin("test.rule", "expect no client LAST_ACK longer than 2s\n");
    for (uint64_t i = 1; i <= 3; i++) {
        stage_open(stage, 0, i, "10.0.0.1");
        see(stage, i, SIDE_CLIENT, STATE_ESTABLISHED, 4711);
        stage_at(stage, (double)i);
        see(stage, i, SIDE_CLIENT, STATE_LAST_ACK, i == 3 ? 4711 : 0);
        stage_tell(stage, i, NOTICE_GONE, SIDE_CLIENT); /* which says nothing about the application's own */
        stage_close_at(stage, (double)i);
    }
    stage_at(stage, 3.5);
    see(stage, 1, SIDE_CLIENT, STATE_CLOSE, 0);
    see(stage, 2, SIDE_CLIENT, STATE_CLOSE, 0);
    stage_at(stage, 6);
    stage_finish(stage);
    stage_check(stage, NULL, 0, OUTCOME_FAILED,
        "relay #3 client for 3.000 s (pid 4711 app, fd 7), still; relay #1 client for 2.500 s (closed by its process), until 3.500 s");
    stage_end(stage);
}

static void at_most(const char *rules, enum outcome outcome, const char *seen)
{
    struct stage *stage = stage_begin("test.rule", rules);
    for (uint64_t i = 1; i <= 3; i++) {
        stage_open(stage, 0, i, "10.0.0.1");
        stage_at(stage, (double)i);
        see(stage, i, SIDE_CLIENT, STATE_TIME_WAIT, 0);
        if (i == 2)
            see(stage, 1, SIDE_CLIENT, STATE_CLOSE, 0);
        stage_tell(stage, i, NOTICE_CLOSED, SIDE_CLIENT);
    }
    stage_at(stage, 6);
    stage_finish(stage);
    stage_check(stage, NULL, 0, outcome, seen);
    stage_end(stage);
}

static void test_at_most(void **state)
{
    (void)state;
    at_most("expect at most 1 client TIME_WAIT\n", OUTCOME_FAILED, "2 at one time, first after 2.000 s");
    at_most("expect at most 2 client TIME_WAIT\n", OUTCOME_PASSED, "2 at one time, first after 2.000 s");
    at_most("expect at most 0 server TIME_WAIT\n", OUTCOME_PASSED, "nobody was in TIME_WAIT; 3 sockets were not seen");
    at_most("expect at most 0 CLOSE_WAIT\n", OUTCOME_PASSED, "nobody was in CLOSE_WAIT");
}

/* It was seen only when its connection was over already. */
static void test_at_most_seen_late(void **state)
{
    (void)state;
    struct stage *stage = stage_begin("test.rule", "expect at most 0 client TIME_WAIT\n");
    stage_open(stage, 0, 1, "10.0.0.1");
    stage_tell(stage, 1, NOTICE_CLOSED, SIDE_CLIENT);
    stage_tell(stage, 1, NOTICE_UNSEEN, SIDE_SERVER);
    stage_at(stage, 1);
    see(stage, 1, SIDE_CLIENT, STATE_TIME_WAIT, 0);
    stage_at(stage, 2);
    see(stage, 1, SIDE_CLIENT, STATE_CLOSE, 0);
    stage_at(stage, 3);
    see(stage, 1, SIDE_CLIENT, STATE_TIME_WAIT, 0); /* is not listened to any more */
    stage_finish(stage);
    stage_check(stage, NULL, 0, OUTCOME_FAILED, "1 at one time, first after 1.000 s");
    stage_end(stage);
}

/* Inferred ones count as well, and each once. */
static void test_at_most_inferred(void **state)
{
    (void)state;
    struct stage *stage = stage_begin("test.rule", "expect at most 2 CLOSE_WAIT\n");
    for (uint64_t i = 1; i <= 2; i++) {
        stage_open(stage, 0, i, "10.0.0.1");
        stage_at(stage, (double)i);
        stage_tell(stage, i, NOTICE_FIN_ACKED, SIDE_CLIENT);
        if (i == 2)
            see(stage, i, SIDE_CLIENT, STATE_CLOSE_WAIT, 4711);
    }
    stage_finish(stage);
    stage_check(stage, NULL, 0, OUTCOME_PASSED, "2 at one time, first after 2.000 s");
    stage_end(stage);
}

static void test_who(void **state)
{
    (void)state;
    struct sighting sighting = {.exact = true, .state = STATE_CLOSE_WAIT, .owned = true, .uid = 33, .owner = {.fd = -1}};
    char text[SIGHTING_WHO];
    assert_string_equal(sighting_who(&sighting, text), "uid 33");
    sighting.owner = (struct owner){.pid = 5, .fd = 0, .name = "inetd", .others = 1};
    assert_string_equal(sighting_who(&sighting, text), "pid 5 inetd, fd 0, and 1 more process");
    sighting.owner.others = 2;
    assert_string_equal(sighting_who(&sighting, text), "pid 5 inetd, fd 0, and 2 more processes");
    sighting.owned = false;
    assert_string_equal(sighting_who(&sighting, text), "not accepted yet");
    sighting.state = STATE_LAST_ACK;
    assert_string_equal(sighting_who(&sighting, text), "closed by its process");
    sighting.state = STATE_CLOSE;
    assert_string_equal(sighting_who(&sighting, text), "gone");
    sighting.exact = false;
    assert_string_equal(sighting_who(&sighting, text), "inferred");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_still_close_wait_says_who),
        cmocka_unit_test(test_old_look),
        cmocka_unit_test(test_closes_unheard),
        cmocka_unit_test(test_closes_unheard_and_unseen),
        cmocka_unit_test(test_spinning),
        cmocka_unit_test(test_seen_closed_for_another_reason),
        cmocka_unit_test(test_socket_goes),
        cmocka_unit_test(test_each_state),
        cmocka_unit_test(test_other_state),
        cmocka_unit_test(test_state_behind_the_connection),
        cmocka_unit_test(test_longer_than),
        cmocka_unit_test(test_at_most),
        cmocka_unit_test(test_at_most_seen_late),
        cmocka_unit_test(test_at_most_inferred),
        cmocka_unit_test(test_who),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
