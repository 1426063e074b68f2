/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A socket with the relay's own address that connects to a client.
 */
#include "relay/meeting.h"

#include <errno.h>
#include <unistd.h>

#include "kernel/porch.h"
#include "relay/address.h"
#include "relay/relay.h"
#include "relay/socket.h"

static void set_option(int fd, int option, int value)
{
    (void)setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value));
}

/* Both of them are willing to share for this moment only. The relay's own, if it does not listen but keeps its port, shares by neither. */
static int bind_shared(const struct relay *relay, int fd, const struct sockaddr *address, socklen_t length)
{
    int result;

    set_option(relay->fd, SO_REUSEADDR, 1);
    set_option(relay->fd, SO_REUSEPORT, 1);
    set_option(fd, SO_REUSEADDR, 1); /* stays, as on all that are accepted */
    set_option(fd, SO_REUSEPORT, 1);
    result = bind(fd, address, length);
    set_option(fd, SO_REUSEPORT, 0);
    set_option(relay->fd, SO_REUSEPORT, 0);
    set_option(relay->fd, SO_REUSEADDR, relay->listening);
    return result;
}

static int bind_beside(const struct relay *relay, int fd, const struct sockaddr *address, socklen_t length)
{
    return relay_holds_syns(relay) ? porch_bind_beside(fd, address, length) : bind_shared(relay, fd, address, length);
}

static bool start(const struct relay *relay, int fd, int family, const struct syn *syn)
{
    struct sockaddr_storage local, client;
    socklen_t length = address_for_family(family, &syn->local, &local);

    (void)address_for_family(family, &syn->client, &client);
    return socket_prepare(fd, family, relay->spec->window, relay->spec->segments) == 0
           && bind_beside(relay, fd, (const struct sockaddr *)&local, length) == 0
           && (connect(fd, (const struct sockaddr *)&client, length) == 0 || errno == EINPROGRESS);
}

int meeting_begin(const struct relay *relay, const struct syn *syn)
{
    int family = relay->address.ss_family, fd = syn_opens_fast(syn) ? -1 : socket_new(family);

    if (fd >= 0 && !start(relay, fd, family, syn)) {
        close(fd);
        return -1;
    }
    return fd;
}
