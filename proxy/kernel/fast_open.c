/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Socket options and a send() that connects.
 */
#include "kernel/fast_open.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>

#include "kernel/packet.h"

#define IPV6_HEADER 40

static bool servers_may(void)
{
    FILE *setting = fopen("/proc/sys/net/ipv4/tcp_fastopen", "re");
    unsigned allowed = 0;

    if (setting != NULL) {
        (void)!fscanf(setting, "%u", &allowed);
        fclose(setting);
    }
    return (allowed & 2) != 0;
}

/* Where the system does not let servers, asking for it would still make it draw a key. */
bool fast_open_listen(int fd, int queue, bool remember)
{
    int on = 1;

    return servers_may() && setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue)) == 0
           && (!remember || setsockopt(fd, IPPROTO_TCP, TCP_SAVE_SYN, &on, sizeof(on)) == 0);
}

/* The kernel keeps the headers of the SYN, from the IP header on. */
bool fast_open_was_asked(int accepted)
{
    uint8_t syn[512];
    socklen_t length = sizeof(syn);
    size_t header;

    if (getsockopt(accepted, IPPROTO_TCP, TCP_SAVED_SYN, syn, &length) < 0 || length == 0) {
        return false;
    }
    header = syn[0] >> 4 == 4 ? (size_t)(syn[0] & 0xf) * 4 : IPV6_HEADER;
    return length > header && segment_opens_fast(syn + header, length - header);
}

ssize_t fast_open_connect(int fd, const struct sockaddr *address, socklen_t length, const void *data, size_t size)
{
    ssize_t took = sendto(fd, data, size, MSG_FASTOPEN | MSG_NOSIGNAL, address, length);

    return took < 0 && errno == EOPNOTSUPP ? connect(fd, address, length) : took; /* clients may not, here */
}
