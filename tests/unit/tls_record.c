/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record layer as it is followed: the same wherever reads cut it, and back again; what is no TLS is lost.
 */
#include "tls/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/tls_bytes.h"

/* Three records: 2 bytes, none, 300. */
static const struct tls_bytes *three(void)
{
    static struct tls_bytes bytes;

    bytes.length = 0;
    tls_put_zeros(&bytes, TLS_ALERT, 2);
    tls_put_zeros(&bytes, TLS_APPLICATION_DATA, 0);
    tls_put_zeros(&bytes, TLS_HANDSHAKE, 300);
    return &bytes;
}

/* Takes so many bytes, as far as may be at once each time, and no more than `cut`; says where records ended. */
static size_t take(struct tls_records *records, const uint8_t *bytes, size_t length, size_t cut, uint64_t ends[4])
{
    size_t count = 0;

    for (size_t at = 0, run; at < length; at += run) {
        size_t reach = tls_records_reach(records);

        run = reach < cut ? reach : cut;
        run = run < length - at ? run : length - at;
        assert_true(run > 0);
        tls_records_take(records, bytes + at, run);
        if (records->ended) {
            assert_true(count < 4);
            ends[count++] = records->position;
        }
    }
    return count;
}

static void test_cuts(void **state)
{
    const struct tls_bytes *bytes = three();

    (void)state;
    for (size_t cut = 1; cut <= bytes->length; cut++) {
        struct tls_records records = {.have = 0};
        uint64_t ends[4];

        assert_int_equal(take(&records, bytes->bytes, bytes->length, cut, ends), 3);
        assert_int_equal(ends[0], 7);
        assert_int_equal(ends[1], 12);
        assert_int_equal(ends[2], 317);
        assert_int_equal(records.number, 3);
        assert_int_equal(records.at, 12);
        assert_int_equal(records.type, TLS_HANDSHAKE);
        assert_int_equal(records.length, 300);
        assert_int_equal(records.version, 0x0303);
        assert_false(records.lost);
    }
}

/* From each byte of a record back to each in front of it, and on again. */
static void test_back(void **state)
{
    const struct tls_bytes *bytes = three();

    (void)state;
    for (size_t from = 12; from < 317; from += 7) {
        for (size_t back = 0; back <= from - 12; back++) {
            struct tls_records records = {.have = 0};
            uint64_t ends[4];

            take(&records, bytes->bytes, from, SIZE_MAX, ends);
            tls_records_step_back(&records, back);
            assert_false(records.lost);
            assert_int_equal(records.position, from - back);
            assert_int_equal(take(&records, bytes->bytes + from - back, 317 - (from - back), SIZE_MAX, ends), 1);
            assert_int_equal(ends[0], 317);
            assert_int_equal(records.number, 3);
        }
    }
}

static void test_too_far_back(void **state)
{
    const struct tls_bytes *bytes = three();
    struct tls_records records = {.have = 0};
    uint64_t ends[4];

    (void)state;
    take(&records, bytes->bytes, 20, SIZE_MAX, ends);
    tls_records_step_back(&records, 9);
    assert_true(records.lost);
}

static void test_lost(void **state)
{
    static const char *const rows[] = {"GET / HTTP/1.1", "\x13\x03\x03\x00\x01", "\x19\x03\x03\x00\x01", "\x16\x02\x03\x00\x01",
        "\x16\x03\x03\x48\x01\x00", "SSH-2.0-OpenSSH"};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tls_records records = {.have = 0};

        for (size_t at = 0; at < 5; at++) {
            tls_records_take(&records, (const uint8_t *)rows[i] + at, 1);
        }
        assert_true(records.lost);
        assert_int_equal(tls_records_reach(&records), SIZE_MAX);
        tls_records_take(&records, (const uint8_t *)"x", 1); /* goes on being none */
        assert_true(records.lost);
    }
}

static void test_payload(void **state)
{
    const struct tls_bytes *bytes = three();
    struct tls_records records = {.have = 0};
    uint64_t ends[4];

    (void)state;
    assert_false(tls_records_in_payload(&records));
    take(&records, bytes->bytes, 4, SIZE_MAX, ends);
    assert_false(tls_records_in_payload(&records));
    take(&records, bytes->bytes + 4, 1, SIZE_MAX, ends);
    assert_true(tls_records_in_payload(&records));
    take(&records, bytes->bytes + 5, 2, SIZE_MAX, ends);
    assert_false(tls_records_in_payload(&records));
    take(&records, bytes->bytes + 7, 5, SIZE_MAX, ends); /* the empty one */
    assert_false(tls_records_in_payload(&records));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_back),
        cmocka_unit_test(test_too_far_back),
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_payload),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
