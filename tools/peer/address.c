/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses: text to sockaddr and back, and what the kernel has of a pair of them. Called by dial.c and look.c. */
#include "tools/peer/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static size_t resolve_unix(const char *path, struct address *address)
{
    struct sockaddr_un *un = (struct sockaddr_un *)&address->storage;
    if (*path == '\0' || strlen(path) >= sizeof(un->sun_path)) {
        errno = EINVAL;
        return 0;
    }
    memset(un, 0, sizeof(*un));
    un->sun_family = AF_UNIX;
    strcpy(un->sun_path, path);
    address->length = sizeof(*un);
    return 1;
}

/* Cuts "host:port" or "[host]:port" in two; `host` is the writable copy. Returns the port. */
static char *cut_port(char **host)
{
    char *colon = strrchr(*host, ':');
    if (colon == NULL)
        return NULL;
    *colon = '\0';
    if (**host == '[' && colon[-1] == ']') {
        (*host)++;
        colon[-1] = '\0';
    }
    return colon + 1;
}

size_t address_resolve(const char *text, struct address *addresses, size_t room)
{
    if (strncmp(text, "unix:", 5) == 0)
        return resolve_unix(text + 5, addresses);

    char copy[256];
    char *host = copy;
    snprintf(copy, sizeof(copy), "%s", text);
    char *port = cut_port(&host);
    if (port == NULL) {
        errno = EINVAL;
        return 0;
    }
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *found;
    if (getaddrinfo(host, port, &hints, &found) != 0) {
        errno = ENOENT;
        return 0;
    }
    size_t count = 0;
    for (struct addrinfo *one = found; one != NULL && count < room; one = one->ai_next, count++) {
        memcpy(&addresses[count].storage, one->ai_addr, one->ai_addrlen);
        addresses[count].length = one->ai_addrlen;
    }
    freeaddrinfo(found);
    return count;
}

void address_format(const struct address *address, char *out)
{
    char host[INET6_ADDRSTRLEN];
    switch (address->length == 0 ? AF_UNSPEC : address->storage.ss_family) {
    case AF_INET: {
        const struct sockaddr_in *in = (const struct sockaddr_in *)&address->storage;
        snprintf(out, ADDRESS_TEXT, "%s:%u", inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host)), ntohs(in->sin_port));
        return;
    }
    case AF_INET6: {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&address->storage;
        snprintf(out, ADDRESS_TEXT, "[%s]:%u", inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host)), ntohs(in6->sin6_port));
        return;
    }
    case AF_UNIX: {
        const struct sockaddr_un *un = (const struct sockaddr_un *)&address->storage;
        snprintf(out, ADDRESS_TEXT, "unix:%s", address->length > sizeof(un->sun_family) ? un->sun_path : "");
        return;
    }
    default:
        strcpy(out, "unknown");
    }
}

/* Writes an address as /proc/net/tcp does: the words of the address in the machine's own order, and the port. */
static void format_proc(const struct address *address, char *out)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)&address->storage;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&address->storage;
    bool is_v6 = address->storage.ss_family == AF_INET6;
    const unsigned char *bytes = is_v6 ? in6->sin6_addr.s6_addr : (const unsigned char *)&in->sin_addr;
    for (int i = 0; i < (is_v6 ? 4 : 1); i++) {
        uint32_t four;
        memcpy(&four, bytes + 4 * i, sizeof(four));
        out += sprintf(out, "%08X", four);
    }
    sprintf(out, ":%04X", ntohs(is_v6 ? in6->sin6_port : in->sin_port));
}

const char *address_state_name(unsigned state)
{
    static const char *const names[] = {"?", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT",
                                        "CLOSED", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING", "SYN_RECV"};
    return names[state < sizeof(names) / sizeof(*names) ? state : 0];
}

const char *address_pair_state(const struct address *local, const struct address *remote)
{
    if (local->length == 0 || remote->length == 0 || (local->storage.ss_family != AF_INET && local->storage.ss_family != AF_INET6))
        return "CLOSED";
    char pair[2][48];
    format_proc(local, pair[0]);
    format_proc(remote, pair[1]);

    FILE *table = fopen(local->storage.ss_family == AF_INET ? "/proc/net/tcp" : "/proc/net/tcp6", "re");
    const char *state = "CLOSED";
    char row[512], ours[48], theirs[48];
    unsigned number;
    while (table != NULL && fgets(row, sizeof(row), table) != NULL) {
        if (sscanf(row, " %*u: %47s %47s %x", ours, theirs, &number) == 3 && strcmp(ours, pair[0]) == 0 && strcmp(theirs, pair[1]) == 0)
            state = address_state_name(number);
    }
    if (table != NULL)
        fclose(table);
    return state;
}
