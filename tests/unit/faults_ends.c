/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The faults on ends, links and relays, as far as they are faults' own: what they ask of the engine, and when they say that they happened
 * and are done. And the table of all rows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "fake_engine.h"
#include "faults/table.h"

static void assert_asks(struct fake_world *world, const char *syntax, const char *asked)
{
    struct fake *fake = fake_new(world, syntax);
    fake_start(fake);
    assert_string_equal(fake->asked, asked);
    assert_int_equal(fake->happened + fake->done, 0); /* the engine says so, once it is acknowledged */
    fake_free(fake);
}

static void ends_are_ended_and_acknowledged(void **state)
{
    assert_asks(*state, "close [SIDE]", "close, wait for acknowledgement");
    assert_asks(*state, "reset [SIDE] [at once]", "rst, wait for acknowledgement");
    assert_asks(*state, "forget [SIDE]", "forget, wait for acknowledgement");
    assert_asks(*state, "destroy [SIDE]", "destroy");
    assert_asks(*state, "send forged rst [to SIDE]", "forge rst");
    assert_asks(*state, "send fin [to SIDE]", "fin, wait for acknowledgement");
}

static void reset_at_once_throws_the_rest_away(void **state)
{
    struct fake *fake = fake_new(*state, "reset [SIDE] [at once]");
    fake_word(fake, 1, 0);
    fake_start(fake);
    assert_string_equal(fake->asked, "reset at once, wait for acknowledgement");
    fake_free(fake);
}

static void send_passes_a_copy_of_the_string(void **state)
{
    char string[] = "PONG";
    struct fake *fake = fake_new(*state, "send [urgent] STRING [to SIDE]");
    fake_string(fake, 1, string);
    fake_start(fake);
    assert_string_equal(fake->asked, "send, wait for acknowledgement");
    assert_string_equal(fake_text(fake), "PONG");
    assert_string_equal(string, "PONG"); /* the fake engine spoils what passes, as a rule below may */
    assert_int_equal(fake->writes[0].flags, 0);
    assert_int_equal(fake->writes[0].stamp, fake->world->now);
    fake_free(fake);
}

static void send_urgent_marks_the_last_byte(void **state)
{
    struct fake *fake = fake_new(*state, "send [urgent] STRING [to SIDE]");
    fake_word(fake, 0, 0);
    fake_string(fake, 1, "!");
    fake_start(fake);
    assert_int_equal(fake->writes[0].flags, PIECE_URGENT);
    fake_free(fake);
}

static void send_nothing_is_well(void **state)
{
    struct fake *fake = fake_new(*state, "send [urgent] STRING [to SIDE]");
    fake_string(fake, 1, "");
    fake_start(fake);
    assert_string_equal(fake->asked, "wait for acknowledgement");
    fake_free(fake);
}

static void key_updates_are_a_byte_each(void **state)
{
    struct fake *fake = fake_new(*state, "send NUMBER key_update(s) [with answers] [to SIDE]");
    fake_range(fake, 0, 3, 3);
    fake_start(fake);
    assert_string_equal(fake->asked, "send, wait for acknowledgement");
    assert_int_equal(fake->writes[0].flags, PIECE_KEYS);
    assert_int_equal(fake->out_length, 3);
    assert_memory_equal(fake->out, "\0\0\0", 3);
    fake_free(fake);
    fake = fake_new(*state, "send NUMBER key_update(s) [with answers] [to SIDE]");
    fake_range(fake, 0, 2, 2);
    fake_word(fake, 1, 0);
    fake_start(fake);
    assert_memory_equal(fake->out, "\1\1", 2);
    fake_free(fake);
}

/* A rule that did not happen makes an exit code. */
static void key_updates_do_not_happen_without_tls_1_3(void **state)
{
    struct fake *fake = fake_new(*state, "send NUMBER key_update(s) [with answers] [to SIDE]");
    fake_range(fake, 0, 3, 3);
    fake->no_keys = true;
    fake_start(fake);
    assert_string_equal(fake->asked, "");
    assert_int_equal(fake->happened, 0);
    assert_int_equal(fake->done, 1);
    fake_free(fake);
}

static void handshakes_are_changed_before_they_begin(void **state)
{
    static const char *const rows[][2] = {{"refuse resumption", "no resumption"}, {"request a client certificate", "client certificate"}};
    for (size_t i = 0; i < 2; i++) {
        struct fake *fake = fake_new(*state, rows[i][0]);
        fake_start(fake);
        assert_string_equal(fake->asked, rows[i][1]);
        assert_int_equal(fake->happened, 1);
        assert_int_equal(fake->done, 1);
        fake_free(fake);
    }
}

static void stop_reading_reads_again_when_stopped(void **state)
{
    struct fake *fake = fake_new(*state, "stop reading [from SIDE]");
    fake_start(fake);
    assert_string_equal(fake->asked, "stop reading");
    assert_int_equal(fake->happened, 1);
    assert_int_equal(fake->done, 0);
    fake_stop(fake);
    assert_string_equal(fake->asked, "stop reading, read again");
    fake_free(fake);
}

static void a_window_shrinks_and_grows(void **state)
{
    struct fake *fake = fake_new(*state, "shrink WHAT to SIZE [at once]");
    fake_what(fake, 0, WHAT_WINDOW);
    fake_range(fake, 1, 4096, 4096);
    fake_start(fake);
    assert_int_equal(fake->happened, 0);
    fake_data(fake, "more");
    assert_int_equal(fake->happened, 1);
    assert_string_equal(fake_text(fake), "more");
    fake_stop(fake);
    assert_string_equal(fake->asked, "squeeze to 4096, squeeze no more");
    fake_free(fake);
}

static void a_window_is_taken_back(void **state)
{
    struct fake *fake = fake_new(*state, "shrink WHAT to SIZE [at once]");
    fake_what(fake, 0, WHAT_WINDOW);
    fake_range(fake, 1, 0, 0);
    fake_word(fake, 2, 0);
    fake_start(fake);
    assert_string_equal(fake->asked, "squeeze to 1 at once"); /* nothing at all is what `stop reading` comes to */
    fake_free(fake);
}

static void vanish_appears_again_when_stopped(void **state)
{
    struct fake *fake = fake_new(*state, "vanish [from SIDE]");
    fake_start(fake);
    assert_int_equal(fake->happened, 1);
    fake_stop(fake);
    assert_string_equal(fake->asked, "vanish, appear");
    fake_free(fake);
}

static void vanish_with_answers_each_segment(void **state)
{
    struct fake *fake = fake_new(*state, "vanish [from SIDE] with ERRNO");
    fake_errno(fake, 1, EHOSTUNREACH);
    fake->segments.dropped = 3;
    fake_start(fake);
    assert_int_equal(fake->happened, 1);
    fake_advance(*state, NS_PER_S);
    assert_string_equal(fake->asked, "vanish"); /* what was lost before is no business of ours */
    fake->segments.dropped++;
    fake_advance(*state, 50 * NS_PER_MS);
    assert_string_equal(fake->asked, "vanish, unreachable");
    fake->segments.dropped++;
    fake_advance(*state, 50 * NS_PER_MS);
    fake_stop(fake);
    assert_string_equal(fake->asked, "vanish, unreachable, unreachable, appear");
    fake_free(fake);
}

static void refuse_accepts_again_when_stopped(void **state)
{
    struct fake *fake = fake_new(*state, "refuse");
    fake_start(fake);
    assert_string_equal(fake->asked, "refuse");
    assert_int_equal(fake->happened, 1);
    assert_int_equal(fake->done, 0);
    fake_stop(fake);
    assert_string_equal(fake->asked, "refuse, accept again");
    fake_free(fake);
}

static void accept_without_server_is_done_at_once(void **state)
{
    struct fake *fake = fake_new(*state, "accept without server");
    fake_start(fake);
    assert_string_equal(fake->asked, "without server");
    assert_int_equal(fake->happened, 1);
    assert_int_equal(fake->done, 1);
    fake_free(fake);
}

/* --- the table ----------------------------------------------------------------------------------------------------------------------- */

static void each_row_is_an_effect_that_says_what_it_does(void **state)
{
    (void)state;
    for (const struct row *const *row = fault_rows; *row; row++) {
        assert_int_equal((*row)->table, ROW_EFFECT);
        assert_true((*row)->syntax && strlen((*row)->help) > 20);
        assert_true(((*row)->what != 0) == (strstr((*row)->syntax, "WHAT") != NULL));
        assert_non_null(fault_kind_of(*row));
    }
}

static void each_kind_does_what_its_place_asks(void **state)
{
    (void)state;
    for (const struct row *const *row = fault_rows; *row; row++) {
        const struct fault_kind *kind = fault_kind_of(*row);
        if (!kind) {
            continue;
        }
        assert_ptr_equal(&kind->row, *row);
        assert_true(kind->size >= sizeof(struct fault));
        assert_true((strstr((*row)->syntax, "WHAT") != NULL) == (kind->place == FAULT_ON_FLOW || kind->place == FAULT_ON_ATTEMPT));
        assert_true((strstr((*row)->syntax, "SIDE") != NULL) == (kind->place == FAULT_ON_SIDE));
        assert_true(kind->place == FAULT_ON_FLOW || (!kind->data && !kind->ending));
        assert_true(((*row)->traits & ROW_TAKES_TIME) != 0 || kind->place == FAULT_ON_RELAY || !kind->stop); /* a window may end it */
    }
}

static void a_row_of_another_table_is_no_fault(void **state)
{
    static const struct row other = {.table = ROW_DEED, .syntax = "closes"};
    (void)state;
    assert_null(fault_kind_of(&other));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ends_are_ended_and_acknowledged),
        TEST(reset_at_once_throws_the_rest_away),
        TEST(send_passes_a_copy_of_the_string),
        TEST(send_urgent_marks_the_last_byte),
        TEST(send_nothing_is_well),
        TEST(key_updates_are_a_byte_each),
        TEST(key_updates_do_not_happen_without_tls_1_3),
        TEST(handshakes_are_changed_before_they_begin),
        TEST(stop_reading_reads_again_when_stopped),
        TEST(a_window_shrinks_and_grows),
        TEST(a_window_is_taken_back),
        TEST(vanish_appears_again_when_stopped),
        TEST(vanish_with_answers_each_segment),
        TEST(refuse_accepts_again_when_stopped),
        TEST(accept_without_server_is_done_at_once),
        TEST(each_row_is_an_effect_that_says_what_it_does),
        TEST(each_kind_does_what_its_place_asks),
        TEST(a_row_of_another_table_is_no_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
