/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands that only look at a socket, or wait until it looks so: poll bits, TCP state, SO_ERROR, queues, urgent mark, addresses. */
#include "tools/peer/command.h"

#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#include "tools/peer/text.h"

static const struct {
    const char *word; /* in a script */
    const char *name; /* in a result */
    short bit;
} bits[] = {
    {"in", "IN", POLLIN},    {"pri", "PRI", POLLPRI}, {"out", "OUT", POLLOUT},
    {"err", "ERR", POLLERR}, {"hup", "HUP", POLLHUP}, {"rdhup", "RDHUP", POLLRDHUP},
};

#define BITS (sizeof(bits) / sizeof(*bits))

/* All poll bits that the socket shows now. */
static short bits_now(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN | POLLPRI | POLLOUT | POLLRDHUP};
    return poll(&poll_fd, 1, 0) > 0 ? poll_fd.revents : 0;
}

static void report_bits(struct call *call, short shown)
{
    const char *gap = "";
    for (size_t i = 0; i < BITS; i++) {
        if (shown & bits[i].bit) {
            call_result(call, "%s%s", gap, bits[i].name);
            gap = " ";
        }
    }
    if (*gap == '\0')
        call_result(call, "none");
}

static void run_poll(struct call *call)
{
    report_bits(call, bits_now(call->connection->fd));
}

/* The TCP state: of the open socket; of one that is closed, what the kernel still has. */
static const char *state_now(const struct connection *connection)
{
    struct tcp_info info;
    socklen_t length = sizeof(info);
    if (connection->fd < 0)
        return address_pair_state(&connection->local, &connection->remote);
    if (getsockopt(connection->fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0)
        return "?";
    return address_state_name(info.tcpi_state);
}

static void run_state(struct call *call)
{
    call_result(call, "%s", state_now(call->connection));
}

static int queue_now(const struct connection *connection, unsigned long request)
{
    int bytes = 0;
    return ioctl(connection->fd, request, &bytes) < 0 ? -1 : bytes;
}

/* What TCP_INFO counts, as ss(8) has it. */
static const struct {
    const char *word;
    size_t offset;
} counts[] = {
    {"rtt", offsetof(struct tcp_info, tcpi_rtt)}, /* us */
    {"retrans", offsetof(struct tcp_info, tcpi_total_retrans)},
    {"dsack_dups", offsetof(struct tcp_info, tcpi_dsack_dups)},
    {"reord_seen", offsetof(struct tcp_info, tcpi_reord_seen)},
    {"snd_wnd", offsetof(struct tcp_info, tcpi_snd_wnd)},
};

#define COUNTS (sizeof(counts) / sizeof(*counts))

static size_t count_named(const char *word)
{
    size_t known = 0;
    while (known < COUNTS && strcmp(word, counts[known].word) != 0)
        known++;
    return known;
}

/* `wait rtt over 1000`, `wait snd_wnd under 5000`. */
static bool counts_so(struct call *call)
{
    const struct line *line = call->line;
    struct tcp_info info = {0};
    socklen_t length = sizeof(info);
    uint64_t limit = 0;
    __u32 count;
    if (getsockopt(call->connection->fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0)
        return false;
    memcpy(&count, (const char *)&info + counts[count_named(line->words[1].text)].offset, sizeof(count));
    text_size(line->words[3].text, &limit);
    return line_is(line, 2, "over") ? count > limit : count < limit;
}

static bool has_state(struct call *call)
{
    const struct line *line = call->line;
    const char *state = state_now(call->connection);
    for (size_t i = 2; i < line->count; i++) {
        if (strcmp(state, line->words[i].text) == 0)
            return true;
    }
    return false;
}

static bool has_received(struct call *call)
{
    uint64_t bytes = 0;
    text_size(call->line->words[2].text, &bytes);
    int queued = queue_now(call->connection, SIOCINQ);
    return queued >= 0 && (uint64_t)queued >= bytes;
}

static bool all_is_sent(struct call *call)
{
    return queue_now(call->connection, SIOCOUTQ) <= 0;
}

/* The bits that a `wait` line names; 0: one of its words is none. */
static short bits_named(const struct line *line)
{
    short wanted = 0;
    for (size_t i = 1; i < line->count; i++) {
        size_t known = 0;
        while (known < BITS && !line_is(line, i, bits[known].word))
            known++;
        if (known == BITS)
            return 0;
        wanted = (short)(wanted | bits[known].bit);
    }
    return wanted;
}

static bool has_bits(struct call *call)
{
    short wanted = bits_named(call->line);
    return (bits_now(call->connection->fd) & wanted) == wanted;
}

static const char *check_wait(const struct line *line)
{
    uint64_t size;
    if (line_is(line, 1, "sent"))
        return line->count == 2 ? NULL : "`sent` stands alone";
    if (line_is(line, 1, "state"))
        return line->count > 2 ? NULL : "which state?";
    if (line_is(line, 1, "received"))
        return line->count == 3 && text_size(line->words[2].text, &size) ? NULL : "how many bytes?";
    if (count_named(line->words[1].text) < COUNTS)
        return line->count == 4 && (line_is(line, 2, "over") || line_is(line, 2, "under")) && text_size(line->words[3].text, &size)
            ? NULL : "over or under what number?";
    return bits_named(line) != 0 ? NULL : "the bits are in, out, pri, err, hup, rdhup";
}

static void run_wait(struct call *call)
{
    const struct line *line = call->line;
    if (call->connection->fd < 0 && !line_is(line, 1, "state")) {
        call_result(call, "no socket");
    } else if (line_is(line, 1, "state")) {
        if (call_until(call, has_state))
            run_state(call);
    } else if (line_is(line, 1, "received") || line_is(line, 1, "sent")) {
        if (call_until(call, line_is(line, 1, "sent") ? all_is_sent : has_received))
            call_result(call, "0");
    } else if (count_named(line->words[1].text) < COUNTS) {
        if (call_until(call, counts_so))
            call_result(call, "0");
    } else if (call_until(call, has_bits)) {
        run_poll(call);
    }
}

static void run_error(struct call *call)
{
    int error;
    socklen_t length = sizeof(error);
    if (getsockopt(call->connection->fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
        error = errno;
    if (error == 0)
        call_result(call, "0");
    else
        call_errno(call, error);
}

static void run_inq(struct call *call)
{
    call_returned(call, queue_now(call->connection, SIOCINQ));
}

static void run_outq(struct call *call)
{
    call_returned(call, queue_now(call->connection, SIOCOUTQ));
}

static void run_atmark(struct call *call)
{
    int mark = 0;
    int result = ioctl(call->connection->fd, SIOCATMARK, &mark);
    call_returned(call, result < 0 ? result : mark);
}

/* The address only where it was asked for: it differs from run to run. */
static void report_address(struct call *call, int result, const struct address *address)
{
    char text[ADDRESS_TEXT];
    if (result < 0 || !call->peer->with_addresses) {
        call_returned(call, result);
        return;
    }
    address_format(address, text);
    call_result(call, "%s", text);
}

static void run_name(struct call *call)
{
    struct address address = {.length = sizeof(address.storage)};
    report_address(call, getsockname(call->connection->fd, (struct sockaddr *)&address.storage, &address.length), &address);
}

static void run_peer(struct call *call)
{
    struct address address = {.length = sizeof(address.storage)};
    report_address(call, getpeername(call->connection->fd, (struct sockaddr *)&address.storage, &address.length), &address);
}

const struct command look_commands[] = {
    {"wait", "in|out|pri|err|hup|rdhup … | state STATE … | received SIZE | sent | COUNT over|under NUMBER", 1, 6, check_wait, run_wait,
     false,
     "Waits until poll() shows all these bits (and prints all it shows); until one of these states; until so much is received and "
     "unread; until all that was sent is acknowledged; until TCP_INFO counts so: rtt (in us), retrans, dsack_dups, reord_seen, "
     "snd_wnd."},
    {"poll", "", 0, 0, NULL, run_poll, true,
     "The poll bits now."},
    {"state", "", 0, 0, NULL, run_state, false,
     "The TCP state; of a closed socket what the kernel still has of it: TIME_WAIT, FIN_WAIT2 …, CLOSED."},
    {"error", "", 0, 0, NULL, run_error, true,
     "SO_ERROR, which clears it."},
    {"atmark", "", 0, 0, NULL, run_atmark, true,
     "SIOCATMARK: 1 where the next byte is the urgent mark."},
    {"inq", "", 0, 0, NULL, run_inq, true,
     "SIOCINQ: bytes received and unread."},
    {"outq", "", 0, 0, NULL, run_outq, true,
     "SIOCOUTQ: bytes sent and not acknowledged."},
    {"name", "", 0, 0, NULL, run_name, true,
     "getsockname(); the address with --addresses, otherwise 0."},
    {"peer", "", 0, 0, NULL, run_peer, true,
     "getpeername(), likewise."},
    {0},
};
