/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes the program of a list of losses. Each loss is a block: tests that jump behind the block when the segment is none of it, and then
 * `return 0`, which drops the segment.
 */
#include "kernel/loss.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* Where things stand in a TCP header. */
#define DATA_OFFSET 12
#define FLAGS 13
#define FLAG_FIN 0x01u
#define FLAGS_OF_CONTROL 0x07u /* FIN, SYN, RST */

/* Hop counts stand in the IP header, which has its version in front. */
#define NETWORK ((uint32_t)SKF_NET_OFF)
#define VERSION_6 0x60
#define HOPS_IPV4 8
#define HOPS_IPV6 7

/* The program's memory: bytes of the segment. */
#define MEMORY_BYTES 0

#define BEHIND 0xff /* a jump target to be filled in: behind the block */
#define PROGRAM_MOST 1024

struct writer {
    struct sock_filter *program;
    size_t length, room;
};

static void put(struct writer *writer, struct sock_filter instruction)
{
    if (writer->length < writer->room) {
        writer->program[writer->length] = instruction;
    }
    writer->length++;
}

static void put_op(struct writer *writer, uint16_t code, uint32_t operand)
{
    put(writer, (struct sock_filter)BPF_STMT(code, operand));
}

/* Goes on if the comparison with the accumulator says `wanted`, else behind the block. */
static void put_test(struct writer *writer, uint16_t comparison, uint32_t operand, bool wanted)
{
    put(writer, (struct sock_filter)BPF_JUMP(BPF_JMP | comparison | BPF_K, operand, wanted ? 0 : BEHIND, wanted ? BEHIND : 0));
}

static void fill_in(struct writer *writer, size_t from)
{
    for (size_t i = from; i < writer->length && i < writer->room; i++) {
        struct sock_filter *at = &writer->program[i];

        if (BPF_CLASS(at->code) == BPF_JMP) {
            at->jt = at->jt == BEHIND ? (uint8_t)(writer->length - i - 1) : at->jt;
            at->jf = at->jf == BEHIND ? (uint8_t)(writer->length - i - 1) : at->jf;
        }
    }
}

/* How many bytes the segment carries: its length without the header, whose words the upper half of byte 12 counts. */
static void put_size(struct writer *writer)
{
    put_op(writer, BPF_LD | BPF_B | BPF_ABS, DATA_OFFSET);
    put_op(writer, BPF_ALU | BPF_RSH | BPF_K, 4);
    put_op(writer, BPF_ALU | BPF_LSH | BPF_K, 2);
    put_op(writer, BPF_MISC | BPF_TAX, 0);
    put_op(writer, BPF_LD | BPF_W | BPF_LEN, 0);
    put_op(writer, BPF_ALU | BPF_SUB | BPF_X, 0);
    put_op(writer, BPF_ST, MEMORY_BYTES);
}

static void put_from_afar(struct writer *writer)
{
    put_op(writer, BPF_LD | BPF_B | BPF_ABS, NETWORK);
    put(writer, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, VERSION_6, 2, 0));
    put_op(writer, BPF_LD | BPF_B | BPF_ABS, NETWORK + HOPS_IPV4);
    put_op(writer, BPF_JMP | BPF_JA, 1);
    put_op(writer, BPF_LD | BPF_B | BPF_ABS, NETWORK + HOPS_IPV6);
    put_test(writer, BPF_JEQ, 0, false);
}

static void put_what(struct writer *writer, const struct loss *loss)
{
    uint32_t over = loss->over;

    switch (loss->what) {
    case LOSS_FIN:
        put_op(writer, BPF_LD | BPF_B | BPF_ABS, FLAGS);
        put_test(writer, BPF_JSET, FLAG_FIN, true);
        break;
    case LOSS_ACKS:
        put_op(writer, BPF_LD | BPF_B | BPF_ABS, FLAGS);
        put_test(writer, BPF_JSET, FLAGS_OF_CONTROL, false);
        put_op(writer, BPF_LD | BPF_MEM, MEMORY_BYTES);
        put_test(writer, BPF_JEQ, 0, true);
        break;
    case LOSS_DATA:
        put_op(writer, BPF_LD | BPF_MEM, MEMORY_BYTES);
        put_test(writer, BPF_JGT, over, true);
        return;
    case LOSS_AFAR:
        put_from_afar(writer);
        break;
    case LOSS_SEGMENTS:
        break;
    }
    if (over > 0) {
        put_op(writer, BPF_LD | BPF_MEM, MEMORY_BYTES);
        put_test(writer, BPF_JGT, over, true);
    }
}

bool loss_means(const struct loss *loss, uint8_t flags, size_t bytes)
{
    bool meant = true;

    switch (loss->what) {
    case LOSS_FIN:
        meant = (flags & FLAG_FIN) != 0;
        break;
    case LOSS_ACKS:
        meant = (flags & FLAGS_OF_CONTROL) == 0 && bytes == 0;
        break;
    case LOSS_DATA:
        meant = bytes > 0;
        break;
    case LOSS_AFAR:
    case LOSS_SEGMENTS:
        break;
    }
    return meant && (loss->over == 0 || bytes > loss->over);
}

size_t loss_program(const struct loss *losses, struct sock_filter *program, size_t room)
{
    struct writer writer = {.program = program, .room = room};

    put_size(&writer);
    for (const struct loss *loss = losses; loss != NULL; loss = loss->next) {
        size_t from = writer.length;

        put_what(&writer, loss);
        put_op(&writer, BPF_RET | BPF_K, 0);
        fill_in(&writer, from);
    }
    put_op(&writer, BPF_RET | BPF_K, UINT32_MAX);
    return writer.length <= room ? writer.length : 0;
}

static bool is_everything(const struct loss *loss)
{
    return loss->what == LOSS_SEGMENTS && loss->over == 0;
}

static int set_int(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof(value));
}

/* 255 is what a neighbour may ask for (RFC 5082); other hosts' stacks begin with 64 or 128. */
static int ignore_all(int fd, bool ipv6, bool ignore)
{
    int least = ignore ? 255 : 0;

    /* A socket of IPv6 may be talking to an IPv4 address. */
    if (set_int(fd, IPPROTO_IP, IP_MINTTL, least) < 0 && !ipv6) {
        return -1;
    }
    return ipv6 ? set_int(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, least) : 0;
}

static int filter(int fd, const struct loss *losses)
{
    struct sock_filter program[PROGRAM_MOST];
    struct sock_fprog whole = {.filter = program, .len = (unsigned short)loss_program(losses, program, PROGRAM_MOST)};

    if (whole.len == 0) {
        errno = E2BIG;
        return -1;
    }
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &whole, sizeof(whole));
}

int loss_apply(int fd, bool ipv6, const struct loss *losses)
{
    bool everything = false, some = false;
    int none = 0;

    for (const struct loss *loss = losses; loss != NULL; loss = loss->next) {
        everything = everything || is_everything(loss);
        some = some || !is_everything(loss);
    }
    if (some && !everything) {
        return filter(fd, losses) < 0 ? -1 : ignore_all(fd, ipv6, false);
    }
    if (setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none)) < 0 && errno != ENOENT && errno != EPERM) {
        return -1;
    }
    return ignore_all(fd, ipv6, everything);
}

static bool count(int fd, uint32_t *dropped)
{
    uint32_t memory[SK_MEMINFO_VARS] = {0};
    socklen_t length = sizeof(memory);
    bool counted = getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &length) == 0 && length > SK_MEMINFO_DROPS * sizeof(*memory);

    *dropped = memory[SK_MEMINFO_DROPS];
    return counted;
}

uint32_t loss_count(int fd)
{
    uint32_t dropped;

    (void)count(fd, &dropped);
    return dropped;
}

bool loss_is_counted(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    uint32_t dropped;
    bool counted = fd >= 0 && count(fd, &dropped);

    if (fd >= 0) {
        close(fd);
    }
    return counted;
}
