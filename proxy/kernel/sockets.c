/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sock_diag: questions and answers by netlink (linux/inet_diag.h), built and read with libmnl.
 */
#include "kernel/sockets.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "rules/memory.h"

#define NS_PER_MS UINT64_C(1000000)
#define ALL_STATES UINT32_C(0xffffffff)
#define DUMP_TRIES 5 /* a dump during which sockets come and go may be interrupted */

/* A port as a filter: two comparisons, from it and up to it, of two words each (inet_diag.h, struct inet_diag_bc_op). */
#define PORT_WORDS 4
#define FILTER_WORDS (2 * PORT_WORDS)

struct sockets {
    struct mnl_socket *netlink;
    unsigned sequence;
    char buffer[32768]; /* the size of answers that the kernel prefers */
};

struct sockets *sockets_open(void)
{
    struct sockets *sockets = xmalloc(sizeof *sockets);
    int error;

    *sockets = (struct sockets){.netlink = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC)};
    if (sockets->netlink != NULL && mnl_socket_bind(sockets->netlink, 0, MNL_SOCKET_AUTOPID) == 0)
        return sockets;
    error = errno;
    sockets_close(sockets);
    errno = error;
    return NULL;
}

void sockets_close(struct sockets *sockets)
{
    if (sockets == NULL)
        return;
    if (sockets->netlink != NULL)
        mnl_socket_close(sockets->netlink);
    free(sockets);
}

/* --- addresses ----------------------------------------------------------------------------------------------------------------------- */

/* Copied, not cast: the compiler may think that a struct of one type is not changed through a pointer to another. */
static struct sockaddr_storage ipv4(const void *words, uint16_t port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = port};
    struct sockaddr_storage address = {0};

    memcpy(&in.sin_addr, words, sizeof in.sin_addr);
    memcpy(&address, &in, sizeof in);
    return address;
}

static struct sockaddr_storage ipv6(const void *words, uint16_t port)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = port};
    struct sockaddr_storage address = {0};

    memcpy(&in6.sin6_addr, words, sizeof in6.sin6_addr);
    memcpy(&address, &in6, sizeof in6);
    return address;
}

/* An IPv4 address that is mapped into IPv6 (RFC 4291, section 2.5.5.2) becomes the IPv4 one. */
static struct sockaddr_storage plain(const struct sockaddr_storage *address)
{
    struct sockaddr_in6 in6;

    memcpy(&in6, address, sizeof in6);
    if (address->ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr))
        return *address;
    return ipv4(&in6.sin6_addr.s6_addr[12], in6.sin6_port);
}

static struct sockaddr_storage address_of(int family, const uint32_t *words, uint16_t port)
{
    struct sockaddr_storage address = family == AF_INET ? ipv4(words, port) : ipv6(words, port);

    return plain(&address);
}

/* Into the words of a question. Yields the port. */
static uint16_t address_words(const struct sockaddr_storage *address, uint32_t words[4])
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    memcpy(&in, address, sizeof in);
    memcpy(&in6, address, sizeof in6);
    if (address->ss_family == AF_INET)
        memcpy(words, &in.sin_addr, sizeof in.sin_addr);
    else
        memcpy(words, &in6.sin6_addr, sizeof in6.sin6_addr);
    return in.sin_port; /* at the same place in both */
}

bool socket_pair_facing(int fd, struct socket_pair *pair)
{
    socklen_t local = sizeof pair->remote, remote = sizeof pair->local;

    memset(pair, 0, sizeof *pair);
    if (getsockname(fd, (struct sockaddr *)&pair->remote, &local) < 0 || getpeername(fd, (struct sockaddr *)&pair->local, &remote) < 0)
        return false;
    if (pair->local.ss_family != AF_INET && pair->local.ss_family != AF_INET6)
        return false;
    pair->local = plain(&pair->local);
    pair->remote = plain(&pair->remote);
    return true;
}

uint16_t socket_port(const struct sockaddr_storage *address)
{
    struct sockaddr_in in;

    memcpy(&in, address, sizeof in);
    return ntohs(in.sin_port); /* at the same place in both families */
}

static bool same_address(const struct sockaddr_storage *one, const struct sockaddr_storage *other)
{
    uint32_t words[4] = {0}, other_words[4] = {0};
    struct sockaddr_storage left = plain(one), right = plain(other);

    return left.ss_family == right.ss_family && address_words(&left, words) == address_words(&right, other_words)
        && memcmp(words, other_words, sizeof words) == 0;
}

bool socket_pair_equal(const struct socket_pair *one, const struct socket_pair *other)
{
    return same_address(&one->local, &other->local) && same_address(&one->remote, &other->remote);
}

static uint64_t hash_address(uint64_t hash, const struct sockaddr_storage *address)
{
    struct sockaddr_storage normal = plain(address);
    uint32_t words[4] = {0};

    hash = (hash ^ address_words(&normal, words)) * UINT64_C(0x100000001b3);
    for (size_t i = 0; i < 4; i++)
        hash = (hash ^ words[i]) * UINT64_C(0x100000001b3);
    return hash;
}

uint64_t socket_pair_hash(const struct socket_pair *pair)
{
    uint64_t hash = hash_address(hash_address(UINT64_C(0xcbf29ce484222325), &pair->local), &pair->remote);

    return hash ^ hash >> 29;
}

/* --- questions ----------------------------------------------------------------------------------------------------------------------- */

static struct inet_diag_req_v2 *ask(struct sockets *sockets, uint16_t what, uint16_t flags, int family, bool detailed)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(sockets->buffer);
    struct inet_diag_req_v2 *request;

    header->nlmsg_type = what;
    header->nlmsg_flags = NLM_F_REQUEST | flags;
    header->nlmsg_seq = ++sockets->sequence;
    request = mnl_nlmsg_put_extra_header(header, sizeof *request);
    request->sdiag_family = (uint8_t)family;
    request->sdiag_protocol = IPPROTO_TCP;
    request->idiag_states = ALL_STATES;
    request->idiag_ext = detailed ? 1 << (INET_DIAG_INFO - 1) : 0;
    return request;
}

/* About one connection. */
static void ask_for(struct sockets *sockets, const struct socket_pair *pair, uint16_t what, uint16_t flags, bool detailed)
{
    struct sockaddr_storage local = plain(&pair->local), remote = plain(&pair->remote);
    struct inet_diag_req_v2 *request = ask(sockets, what, flags, local.ss_family, detailed);

    request->id.idiag_sport = address_words(&local, request->id.idiag_src);
    request->id.idiag_dport = address_words(&remote, request->id.idiag_dst);
    request->id.idiag_cookie[0] = request->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
}

static int send_question(struct sockets *sockets)
{
    const struct nlmsghdr *header = (const struct nlmsghdr *)(const void *)sockets->buffer;

    return mnl_socket_sendto(sockets->netlink, header, header->nlmsg_len) < 0 ? -1 : 0;
}

/* The port is compared by two operations: not less, and not more. Where one fails the filter ends behind its own end, which means no. */
static size_t filter_port(struct inet_diag_bc_op *filter, size_t left, uint16_t port, unsigned char from, unsigned char to)
{
    const unsigned char codes[2] = {from, to};

    for (size_t i = 0; i < 2; i++) {
        size_t size = 2 * sizeof *filter;
        filter[2 * i] = (struct inet_diag_bc_op){.code = codes[i], .yes = (unsigned char)size, .no = (unsigned short)(left + 4 - i * size)};
        filter[2 * i + 1] = (struct inet_diag_bc_op){.no = port};
    }
    return PORT_WORDS;
}

static void put_filter(struct nlmsghdr *header, const struct sockets_wanted *wanted)
{
    struct inet_diag_bc_op filter[FILTER_WORDS];
    size_t count = 0;
    size_t size = ((wanted->local_port != 0) + (wanted->remote_port != 0)) * PORT_WORDS * sizeof *filter;

    if (wanted->local_port != 0)
        count += filter_port(filter, size, wanted->local_port, INET_DIAG_BC_S_GE, INET_DIAG_BC_S_LE);
    if (wanted->remote_port != 0)
        count += filter_port(filter + count, size - count * sizeof *filter, wanted->remote_port, INET_DIAG_BC_D_GE, INET_DIAG_BC_D_LE);
    if (count > 0)
        mnl_attr_put(header, INET_DIAG_REQ_BYTECODE, size, filter);
}

/* --- answers ------------------------------------------------------------------------------------------------------------------------- */

static void read_details(const struct nlattr *attribute, struct socket_seen *seen)
{
    struct tcp_info info = {0};
    size_t length = mnl_attr_get_payload_len(attribute);

    memcpy(&info, mnl_attr_get_payload(attribute), length < sizeof info ? length : sizeof info);
    seen->detailed = true;
    seen->heard_ago = info.tcpi_last_data_recv * NS_PER_MS;
    seen->acked_ago = info.tcpi_last_ack_recv * NS_PER_MS;
    seen->sent_ago = info.tcpi_last_data_sent * NS_PER_MS;
    seen->received = info.tcpi_bytes_received;
    seen->sent = info.tcpi_bytes_sent;
}

static int read_attribute(const struct nlattr *attribute, void *seen)
{
    if (mnl_attr_get_type(attribute) == INET_DIAG_INFO)
        read_details(attribute, seen);
    return MNL_CB_OK;
}

static void read_answer(const struct nlmsghdr *header, struct socket_seen *seen)
{
    const struct inet_diag_msg *answer = mnl_nlmsg_get_payload(header);

    *seen = (struct socket_seen){
        .pair.local = address_of(answer->idiag_family, answer->id.idiag_src, answer->id.idiag_sport),
        .pair.remote = address_of(answer->idiag_family, answer->id.idiag_dst, answer->id.idiag_dport),
        .state = (enum tcp_state)answer->idiag_state,
        .inode = answer->idiag_inode,
        .uid = answer->idiag_uid,
        .unread = answer->idiag_rqueue,
        .unacked = answer->idiag_wqueue,
    };
    (void)mnl_attr_parse(header, sizeof *answer, read_attribute, seen);
}

/* An error that an answer reports, 0 for none. */
static int answer_error(const struct nlmsghdr *header)
{
    const struct nlmsgerr *error = mnl_nlmsg_get_payload(header);

    return header->nlmsg_type == NLMSG_ERROR ? -error->error : 0;
}

static ssize_t receive(struct sockets *sockets)
{
    ssize_t got;

    do {
        got = mnl_socket_recvfrom(sockets->netlink, sockets->buffer, sizeof sockets->buffer);
    } while (got < 0 && errno == EINTR);
    return got;
}

/* The one answer to the last question: what is left of an older one, that somebody gave up, is passed over. */
static const struct nlmsghdr *receive_one(struct sockets *sockets)
{
    for (;;) {
        ssize_t got = receive(sockets);
        const struct nlmsghdr *header = (const struct nlmsghdr *)(const void *)sockets->buffer;
        if (got < 0)
            return NULL;
        if (mnl_nlmsg_ok(header, (int)got) && header->nlmsg_seq == sockets->sequence)
            return header;
    }
}

int sockets_find(struct sockets *sockets, const struct socket_pair *pair, bool detailed, struct socket_seen *seen)
{
    const struct nlmsghdr *header;

    ask_for(sockets, pair, SOCK_DIAG_BY_FAMILY, 0, detailed);
    if (send_question(sockets) < 0 || (header = receive_one(sockets)) == NULL)
        return -1;
    if (answer_error(header) != 0) {
        errno = answer_error(header);
        return errno == ENOENT ? 0 : -1;
    }
    read_answer(header, seen);
    return seen->state != STATE_LISTEN; /* where there is no such connection the kernel finds who listens at its address */
}

int sockets_destroy(struct sockets *sockets, const struct socket_pair *pair)
{
    const struct nlmsghdr *header;

    ask_for(sockets, pair, SOCK_DESTROY, NLM_F_ACK, false);
    if (send_question(sockets) < 0 || (header = receive_one(sockets)) == NULL)
        return -1;
    errno = answer_error(header);
    return errno == 0 ? 0 : -1;
}

static void add(struct socket_list *found, const struct nlmsghdr *header)
{
    if (found->count == found->capacity) {
        found->capacity = found->capacity ? 2 * found->capacity : 64;
        found->list = xrealloc(found->list, found->capacity * sizeof *found->list);
    }
    read_answer(header, &found->list[found->count++]);
}

/* One message of a dump's answer: 1 there is more, 0 that was all, -1 and errno; EINTR: the list has changed meanwhile. */
static int take(struct sockets *sockets, struct socket_list *found, ssize_t got)
{
    const struct nlmsghdr *header = (const struct nlmsghdr *)(const void *)sockets->buffer;
    int left = (int)got;
    bool interrupted = false;

    for (; mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left)) {
        if (header->nlmsg_seq != sockets->sequence)
            continue;
        interrupted = interrupted || (header->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
        if (header->nlmsg_type == NLMSG_DONE)
            return 0;
        if ((errno = answer_error(header)) != 0)
            return -1;
        if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY)
            add(found, header);
    }
    if (interrupted)
        errno = EINTR;
    return interrupted ? -1 : 1;
}

static int dump_family(struct sockets *sockets, const struct sockets_wanted *wanted, int family, struct socket_list *found)
{
    struct inet_diag_req_v2 *request = ask(sockets, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, family, wanted->detailed);
    struct nlmsghdr *header = (struct nlmsghdr *)(void *)sockets->buffer;
    int more = 1;

    if (wanted->states != 0)
        request->idiag_states = wanted->states;
    put_filter(header, wanted);
    if (send_question(sockets) < 0)
        return -1;
    while (more > 0) {
        ssize_t got = receive(sockets);
        more = got < 0 ? -1 : take(sockets, found, got);
    }
    return more;
}

int sockets_dump(struct sockets *sockets, const struct sockets_wanted *wanted, struct socket_list *found)
{
    static const int families[] = {AF_INET, AF_INET6};

    found->count = 0;
    for (size_t i = 0; i < 2; i++) {
        size_t before = found->count;
        int tries = DUMP_TRIES, result;
        if (wanted->family != 0 && wanted->family != families[i])
            continue;
        do {
            found->count = before;
            result = dump_family(sockets, wanted, families[i], found);
        } while (result < 0 && errno == EINTR && --tries > 0);
        if (result < 0 && errno != ENOENT) /* ENOENT: a kernel without IPv6 */
            return -1;
    }
    return 0;
}

void socket_list_release(struct socket_list *found)
{
    free(found->list);
    *found = (struct socket_list){.list = NULL};
}
