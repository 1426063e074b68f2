/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets that answer a SYN: their fields, and checksums that hold, in both families.
 */
#include "kernel/packet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SEQUENCE 0x01020304u

static struct syn syn_of(bool ipv6, size_t data)
{
    struct syn syn = {.traffic_class = 0x2c, .length = 24 + data};
    const uint8_t header[] = {0x9c, 0x40, 0x18, 0xeb, 1, 2, 3, 4, 0, 0, 0, 0, 0x60, 0x02, 0xff, 0xff, 0, 0, 0, 0, 2, 4, 5, 0xb4};

    memcpy(syn.tcp, header, sizeof(header));
    memset(syn.tcp + sizeof(header), 'x', data);
    if (ipv6) {
        struct sockaddr_in6 *client = (struct sockaddr_in6 *)&syn.client, *local = (struct sockaddr_in6 *)&syn.local;

        *client = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(40000)};
        *local = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(6379)};
        inet_pton(AF_INET6, "2001:db8::7", &client->sin6_addr);
        inet_pton(AF_INET6, "::1", &local->sin6_addr);
    } else {
        struct sockaddr_in *client = (struct sockaddr_in *)&syn.client, *local = (struct sockaddr_in *)&syn.local;

        *client = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(40000)};
        *local = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(6379)};
        inet_pton(AF_INET, "10.1.2.3", &client->sin_addr);
        inet_pton(AF_INET, "127.0.0.1", &local->sin_addr);
    }
    return syn;
}

/* RFC 1071, in the plainest way. */
static unsigned sum(const uint8_t *bytes, size_t length)
{
    unsigned total = 0;

    for (size_t i = 0; i < length; i++) {
        total += i % 2 == 0 ? (unsigned)bytes[i] << 8 : bytes[i];
    }
    while (total > 0xffff) {
        total = (total & 0xffff) + (total >> 16);
    }
    return total;
}

/* A whole packet: lengths right, checksums right. Returns where its body begins. */
static const uint8_t *check_packet(const uint8_t *packet, size_t length, unsigned protocol)
{
    uint8_t pseudo[40 + PACKET_MOST] = {0};
    bool ipv6 = packet[0] >> 4 == 6;
    size_t header = ipv6 ? 40 : 20, hosts = ipv6 ? 32 : 8, body = length - header;

    assert_int_equal(ipv6 ? packet[6] : packet[9], protocol);
    assert_int_equal(ipv6 ? packet[4] << 8 | packet[5] : packet[2] << 8 | packet[3], ipv6 ? body : length);
    if (!ipv6) {
        assert_int_equal(sum(packet, header), 0xffff);
    }
    if (protocol != IPPROTO_ICMP) {
        memcpy(pseudo, packet + (ipv6 ? 8 : 12), hosts);
        pseudo[hosts + 2] = (uint8_t)(body >> 8);
        pseudo[hosts + 3] = (uint8_t)body;
        pseudo[hosts + 7] = (uint8_t)protocol;
        memcpy(pseudo + hosts + 8, packet + header, body);
        assert_int_equal(sum(pseudo, hosts + 8 + body), 0xffff);
    } else {
        assert_int_equal(sum(packet + header, body), 0xffff);
    }
    return packet + header;
}

static unsigned hops(const uint8_t *packet)
{
    return packet[0] >> 4 == 6 ? packet[7] : packet[8];
}

static void a_repeated_syn_is_the_same_with_no_hops_left(void **state)
{
    uint8_t packet[PACKET_MOST];

    (void)state;
    for (int ipv6 = 0; ipv6 <= 1; ipv6++) {
        for (size_t data = 0; data <= 3; data++) {
            struct syn syn = syn_of(ipv6, data);
            size_t length = packet_repeat(&syn, packet);
            const uint8_t *tcp = check_packet(packet, length, IPPROTO_TCP);

            assert_int_equal(hops(packet), 0);
            assert_memory_equal(tcp, syn.tcp, 16);
            assert_memory_equal(tcp + 18, syn.tcp + 18, syn.length - 18);
        }
    }
}

static void a_refusal_acknowledges_the_syn_and_its_data(void **state)
{
    uint8_t packet[PACKET_MOST];

    (void)state;
    for (int ipv6 = 0; ipv6 <= 1; ipv6++) {
        struct syn syn = syn_of(ipv6, 5);
        const uint8_t *tcp = check_packet(packet, packet_refuse(&syn, packet), IPPROTO_TCP);
        const uint8_t acknowledged[] = {1, 2, 3, 4 + 1 + 5};

        assert_int_equal(tcp[13], 0x14);
        assert_memory_equal(tcp, syn.tcp + 2, 2);
        assert_memory_equal(tcp + 2, syn.tcp, 2);
        assert_memory_equal(tcp + 8, acknowledged, 4);
    }
}

static void a_crossed_open_is_reset_behind_its_syn(void **state)
{
    uint8_t first[PACKET_MOST], second[PACKET_MOST];

    (void)state;
    for (int ipv6 = 0; ipv6 <= 1; ipv6++) {
        struct syn syn = syn_of(ipv6, 0);
        const uint8_t *open = check_packet(first, packet_cross(&syn, first), IPPROTO_TCP);
        const uint8_t *reset = check_packet(second, packet_reset_crossed(&syn, second), IPPROTO_TCP);

        assert_int_equal(open[13], 0x02);
        assert_int_equal(reset[13], 0x04);
        assert_int_equal(reset[7], open[7] + 1);
    }
}

static void an_icmp_error_names_the_segment(void **state)
{
    static const struct {
        bool ipv6;
        int error;
        uint8_t type, code;
    } known[] = {
        {false, ENETUNREACH, 3, 0}, {false, EHOSTUNREACH, 3, 1}, {false, ENOPROTOOPT, 3, 2}, {false, EOPNOTSUPP, 3, 5},
        {false, EHOSTDOWN, 3, 7}, {false, ENONET, 3, 8}, {false, EPROTO, 12, 0}, {true, ENETUNREACH, 1, 0}, {true, EACCES, 1, 1},
        {true, EHOSTUNREACH, 1, 3}, {true, EPROTO, 4, 0},
    };
    uint8_t packet[PACKET_MOST];

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        struct syn syn = syn_of(known[i].ipv6, 0);
        size_t length = packet_unreachable(&syn, known[i].error, packet);
        const uint8_t *icmp = check_packet(packet, length, known[i].ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
        const uint8_t *about = icmp + 8;

        assert_int_equal(icmp[0], known[i].type);
        assert_int_equal(icmp[1], known[i].code);
        assert_memory_equal(about + (known[i].ipv6 ? 40 : 20), syn.tcp, 8);
        assert_true(packet_can_say(known[i].ipv6 ? AF_INET6 : AF_INET, known[i].error));
    }
    assert_false(packet_can_say(AF_INET, EACCES));
    assert_false(packet_can_say(AF_INET6, EHOSTDOWN));
    assert_false(packet_can_say(AF_INET, ECONNREFUSED));
}

static void a_damaged_syn_is_not_sound(void **state)
{
    uint8_t packet[PACKET_MOST];

    (void)state;
    for (int ipv6 = 0; ipv6 <= 1; ipv6++) {
        struct syn syn = syn_of(ipv6, 2);
        size_t length = packet_repeat(&syn, packet);

        assert_false(syn_is_sound(&syn));
        memcpy(syn.tcp, packet + length - syn.length, syn.length);
        assert_true(syn_is_sound(&syn));
        syn.tcp[25] ^= 0x10;
        assert_false(syn_is_sound(&syn));
        assert_int_equal(syn_sequence(&syn), SEQUENCE);
    }
}

/* On its way within this machine only the pseudo header has been added up. */
static void an_unfinished_checksum_is_sound(void **state)
{
    struct syn syn = syn_of(false, 0);
    const uint8_t pseudo[] = {10, 1, 2, 3, 127, 0, 0, 1, 0, 6, 0, 24};
    unsigned partial = sum(pseudo, sizeof(pseudo));

    (void)state;
    syn.tcp[16] = (uint8_t)(partial >> 8);
    syn.tcp[17] = (uint8_t)partial;
    assert_true(syn_is_sound(&syn));
}

static void fast_open_is_told_by_option_or_data(void **state)
{
    struct syn plain = syn_of(false, 0), data = syn_of(false, 7), asks = syn_of(true, 4), torn = syn_of(false, 4);
    const uint8_t fast_open[] = {1, 1, 34, 2}, endless[] = {8, 0, 34, 2};

    (void)state;
    assert_false(syn_opens_fast(&plain));
    assert_true(syn_opens_fast(&data));
    asks.tcp[12] = torn.tcp[12] = 0x70;
    memcpy(asks.tcp + 24, fast_open, sizeof(fast_open));
    memcpy(torn.tcp + 24, endless, sizeof(endless));
    assert_true(syn_opens_fast(&asks));
    assert_false(syn_opens_fast(&torn));
    asks.tcp[24] = 0;
    assert_false(syn_opens_fast(&asks));
    asks.tcp[12] = 0xf0; /* longer than it is */
    assert_false(syn_opens_fast(&asks));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repeated_syn_is_the_same_with_no_hops_left),
        cmocka_unit_test(a_refusal_acknowledges_the_syn_and_its_data),
        cmocka_unit_test(a_crossed_open_is_reset_behind_its_syn),
        cmocka_unit_test(an_icmp_error_names_the_segment),
        cmocka_unit_test(a_damaged_syn_is_not_sound),
        cmocka_unit_test(an_unfinished_checksum_is_sound),
        cmocka_unit_test(fast_open_is_told_by_option_or_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
