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

static bool start(int fd, int family, const struct relay_spec *spec, const struct syn *syn)
{
    struct sockaddr_storage local, client;
    socklen_t length = address_for_family(family, &syn->local, &local);

    (void)address_for_family(family, &syn->client, &client);
    return socket_prepare(fd, family, spec->window, spec->segments) == 0
           && porch_bind_beside(fd, (const struct sockaddr *)&local, length) == 0
           && (connect(fd, (const struct sockaddr *)&client, length) == 0 || errno == EINPROGRESS);
}

int meeting_begin(const struct relay *relay, const struct syn *syn)
{
    int family = relay->address.ss_family, fd = syn_opens_fast(syn) ? -1 : socket_new(family);

    if (fd >= 0 && !start(fd, family, relay->spec, syn)) {
        close(fd);
        return -1;
    }
    return fd;
}
