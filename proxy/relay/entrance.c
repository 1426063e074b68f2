/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is heard in the porches of a relay.
 */
#include "relay/entrance.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/poller.h"
#include "relay/address.h"
#include "relay/attempt.h"
#include "relay/link.h"
#include "relay/relay.h"
#include "relay/worker.h"

#define KNOCKS_A_TURN 64

/* As far as a segment can be ahead of the SYN before the connection has been accepted: a first window is not scaled (RFC 7323, 2.2). */
#define WINDOW_MOST 65536u

/* One family's porch, and the poller's look at it. */
struct entrance {
    struct polled polled;
    struct entrances *among;
    struct porch *porch; /* NULL: that family does not come here */
};

struct entrances {
    struct relay *relay;
    struct entrance each[2]; /* IPv4, IPv6 */
    struct syn heard;
};

/* What the last connection from that port had still to say has other numbers. */
static bool is_of(const struct attempt *attempt, const struct syn *rst)
{
    return syn_sequence(rst) - attempt->sequence <= WINDOW_MOST;
}

/* Who was let in says no, unless accept() has him already: then his socket tells. */
static void says_no(struct relay *relay, const struct syn *rst)
{
    struct attempt *attempt = attempts_find(relay->attempts, &rst->client);

    if (attempt == NULL || attempt->state != ATTEMPT_LET_IN || !is_of(attempt, rst)) {
        return;
    }
    relay_accept_all(relay);
    if (attempt->state == ATTEMPT_LET_IN) {
        link_gave_up(attempt->link);
    }
}

/* False: nobody is there for now. */
static bool hear_one(struct entrances *entrances, struct porch *porch)
{
    switch (porch_hear(porch, &entrances->heard)) {
    case PORCH_NOTHING:
        return false;
    case PORCH_NOISE:
        break;
    case PORCH_SYN:
        if (address_covers_host(&entrances->relay->address, &entrances->heard.local)) { /* else another's, at the same port */
            (void)attempts_hear(entrances->relay->attempts, porch, &entrances->heard);
        }
        break;
    case PORCH_RST:
        says_no(entrances->relay, &entrances->heard);
        break;
    }
    return true;
}

static void entrance_ready(struct polled *polled, unsigned says)
{
    struct entrance *entrance = (struct entrance *)((char *)polled - offsetof(struct entrance, polled));
    int count = 0;

    (void)says;
    while (count++ < KNOCKS_A_TURN && hear_one(entrance->among, entrance->porch)) {
    }
}

static bool is_ipv6_only(int fd)
{
    int only = 0;
    socklen_t length = sizeof(only);

    return getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &length) == 0 && only != 0;
}

static bool open_entrance(struct entrances *entrances, struct entrance *entrance, int family, uint16_t port)
{
    entrance->among = entrances;
    entrance->polled.ready = entrance_ready;
    entrance->porch = porch_open(family, port);
    return entrance->porch != NULL && poller_add_level(entrances->relay->worker->poller, porch_fd(entrance->porch), &entrance->polled) == 0;
}

static void close_entrance(struct entrance *entrance)
{
    if (entrance->porch != NULL) {
        poller_remove(entrance->among->relay->worker->poller, porch_fd(entrance->porch), &entrance->polled);
        porch_close(entrance->porch);
        entrance->porch = NULL;
    }
}

static bool open_entrances(struct entrances *entrances)
{
    const struct sockaddr_storage *address = &entrances->relay->address;
    bool ipv6 = address->ss_family == AF_INET6;
    uint16_t port = ntohs(ipv6 ? ((const struct sockaddr_in6 *)address)->sin6_port : ((const struct sockaddr_in *)address)->sin_port);
    bool any = ipv6 && IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)address)->sin6_addr);
    bool ipv4 = !ipv6 || (any && !is_ipv6_only(entrances->relay->fd));

    return (!ipv4 || open_entrance(entrances, &entrances->each[0], AF_INET, port))
           && (!ipv6 || open_entrance(entrances, &entrances->each[1], AF_INET6, port));
}

struct entrances *entrances_open(struct relay *relay)
{
    struct entrances *entrances = calloc(1, sizeof(*entrances));
    int error;

    if (entrances == NULL) {
        abort();
    }
    entrances->relay = relay;
    if (!open_entrances(entrances) || porch_shut(relay->fd) < 0) {
        error = errno;
        entrances_close(entrances);
        errno = error;
        return NULL;
    }
    return entrances;
}

void entrances_close(struct entrances *entrances)
{
    if (entrances != NULL) {
        close_entrance(&entrances->each[0]);
        close_entrance(&entrances->each[1]);
        free(entrances);
    }
}
