/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hellos: what they ask for and choose, and nothing at all of what is cut or made up.
 */
#include "tls/hello.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/tls_bytes.h"

#define START 4 /* of a message, in front of its body */

static bool read_client(struct tls_client_hello *hello, const struct tls_hello_words *words)
{
    struct tls_bytes bytes = {.length = 0};

    tls_put_client_hello(&bytes, words);
    return tls_client_hello_read(hello, bytes.bytes + START, bytes.length - START);
}

static void test_client(void **state)
{
    struct tls_client_hello hello;

    (void)state;
    assert_true(read_client(&hello, &(struct tls_hello_words){.name = "a.example", .protocol = "h2", .grease = 1, .early_data = 1}));
    assert_string_equal(hello.name, "a.example");
    assert_string_equal(hello.protocols, "\?\?,h2,http/1.1");
    assert_true(hello.early_data);
}

static void test_client_without_extensions(void **state)
{
    struct tls_client_hello hello;

    (void)state;
    assert_true(read_client(&hello, &(struct tls_hello_words){0}));
    assert_string_equal(hello.name, "");
    assert_string_equal(hello.protocols, "");
    assert_false(hello.early_data);
}

static void test_unprintable_name(void **state)
{
    struct tls_client_hello hello;

    (void)state;
    assert_true(read_client(&hello, &(struct tls_hello_words){.name = "a\x01\xff b,c"}));
    assert_string_equal(hello.name, "a\?\?\?b\?c");
}

static void test_long_names(void **state)
{
    struct tls_client_hello hello;
    char name[400], protocol[201];

    (void)state;
    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    memset(protocol, 'p', sizeof(protocol));
    protocol[sizeof(protocol) - 1] = '\0';
    assert_true(read_client(&hello, &(struct tls_hello_words){.name = name, .protocol = protocol}));
    assert_int_equal(strlen(hello.name), TLS_NAME_SIZE - 1);
    assert_string_equal(hello.protocols, "http/1.1"); /* the long one is left out */
}

static void test_protocols(void **state)
{
    static const struct {
        const char *protocols, *protocol;
        bool have;
    } rows[] = {{"h2,http/1.1", "h2", true}, {"h2,http/1.1", "http/1.1", true}, {"h2,http/1.1", "http/1", false},
        {"h2c,http/1.1", "h2", false}, {"h2", "h2", true}, {"", "h2", false}, {"http/1.1,h2", "1", false},
        {"h2,http/1.1", "h2,http/1.1", false}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(tls_protocols_have(rows[i].protocols, rows[i].protocol), rows[i].have);
    }
}

/* At every byte: never more than `false`. The copy has no byte to spare, so that a sanitizer sees one too many. */
static void test_cut(void **state)
{
    struct tls_bytes bytes = {.length = 0};

    (void)state;
    tls_put_client_hello(&bytes, &(struct tls_hello_words){.name = "a.example", .protocol = "h2"});
    for (size_t length = 0; length < bytes.length - START; length++) {
        uint8_t *cut = malloc(length + 1);
        struct tls_client_hello client;
        struct tls_server_hello server;

        memcpy(cut, bytes.bytes + START, length);
        cut = realloc(cut, length > 0 ? length : 1);
        assert_true(length == 47 || !tls_client_hello_read(&client, cut, length)); /* 47: in front of the extensions */
        tls_server_hello_read(&server, cut, length);
        free(cut);
    }
}

static void test_server(void **state)
{
    struct tls_bytes bytes = {.length = 0};
    struct tls_server_hello hello;

    (void)state;
    tls_put_server_hello(&bytes, 0x0304, 0x1302, 0);
    assert_true(tls_server_hello_read(&hello, bytes.bytes + START, bytes.length - START));
    assert_int_equal(hello.version, TLS_1_3);
    assert_int_equal(hello.cipher, 0x1302);
    assert_false(hello.retry);
    bytes.length = 0;
    tls_put_server_hello(&bytes, 0x0303, 0xc02f, 0);
    assert_true(tls_server_hello_read(&hello, bytes.bytes + START, bytes.length - START));
    assert_int_equal(hello.version, 0x0303);
    bytes.length = 0;
    tls_put_server_hello(&bytes, 0x0304, 0x1301, 1);
    assert_true(tls_server_hello_read(&hello, bytes.bytes + START, bytes.length - START));
    assert_true(hello.retry);
}

static void test_matches(void **state)
{
    (void)state;
    assert_true(tls_name_matches("a.example", "a.example"));
    assert_true(tls_name_matches("A.example", "a.EXAMPLE"));
    assert_true(tls_name_matches("*.example", "a.example"));
    assert_true(tls_name_matches("a.*.example", "a.b.example"));
    assert_true(tls_name_matches("*", "localhost"));
    assert_false(tls_name_matches("*.example", "a.b.example"));
    assert_false(tls_name_matches("*.example", "example"));
    assert_false(tls_name_matches("*.example", ".example"));
    assert_false(tls_name_matches("a.example", "a.example.org"));
    assert_false(tls_name_matches("a.example", "a.exam"));
    assert_false(tls_name_matches("a", ""));
    assert_false(tls_name_matches("*", ""));
}

static void test_sizes(void **state)
{
    size_t finished, tag;

    (void)state;
    assert_true(tls_cipher_sizes(0x1301, &finished, &tag));
    assert_int_equal(finished + tag, 52);
    assert_true(tls_cipher_sizes(0x1302, &finished, &tag));
    assert_int_equal(finished + tag, 68);
    assert_true(tls_cipher_sizes(0x1305, &finished, &tag));
    assert_int_equal(finished + tag, 44);
    assert_false(tls_cipher_sizes(0xc02f, &finished, &tag));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client),
        cmocka_unit_test(test_client_without_extensions),
        cmocka_unit_test(test_unprintable_name),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_protocols),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_server),
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_sizes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
