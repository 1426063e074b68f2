/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses: text, numbers, names to listen on, and who is the same client.
 */
#include "relay/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <strings.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

void address_text(const struct sockaddr *address, socklen_t length, char *text, size_t size)
{
    char host[NI_MAXHOST], port[NI_MAXSERV];

    if (address->sa_family == AF_UNIX) {
        const struct sockaddr_un *path = (const struct sockaddr_un *)(const void *)address;

        if (length > offsetof(struct sockaddr_un, sun_path) && path->sun_path[0] != '\0') {
            snprintf(text, size, "unix:%s", path->sun_path);
        } else {
            snprintf(text, size, "unix");
        }
    } else if (address->sa_family == AF_INET) { /* the common kind, without getnameinfo()'s detours */
        const struct sockaddr_in *ip = (const struct sockaddr_in *)(const void *)address;
        const uint8_t *byte = (const uint8_t *)&ip->sin_addr;

        snprintf(text, size, "%u.%u.%u.%u:%u", byte[0], byte[1], byte[2], byte[3], ntohs(ip->sin_port));
    } else if (getnameinfo(address, length, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        snprintf(text, size, "?");
    } else {
        snprintf(text, size, address->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
    }
}

static bool resolve_unix(const struct address *address, struct sockaddr_storage *out, socklen_t *length)
{
    struct sockaddr_un path = {.sun_family = AF_UNIX};

    if (strlen(address->host) >= sizeof(path.sun_path)) {
        return false;
    }
    strcpy(path.sun_path, address->host);
    memcpy(out, &path, sizeof(path));
    *length = sizeof(path);
    return true;
}

/* Numeric hosts with their scope (fe80::1%eth0), and names if `flags` allow. */
static int resolve_ip(const struct address *address, int flags, struct sockaddr_storage *out, socklen_t *length)
{
    struct addrinfo hints = {.ai_flags = flags | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *list;
    char port[8];
    int error;

    snprintf(port, sizeof(port), "%u", address->port);
    error = getaddrinfo(address->host, port, &hints, &list);
    if (error == 0) {
        memcpy(out, list->ai_addr, list->ai_addrlen);
        *length = list->ai_addrlen;
        freeaddrinfo(list);
    }
    return error;
}

bool address_resolve(const struct address *address, struct sockaddr_storage *out, socklen_t *length)
{
    if (address->kind == ADDRESS_UNIX) {
        return resolve_unix(address, out, length);
    }
    return resolve_ip(address, AI_NUMERICHOST, out, length) == 0;
}

const char *address_resolve_now(const struct address *address, struct sockaddr_storage *out, socklen_t *length)
{
    int error;

    if (address->kind == ADDRESS_UNIX) {
        return resolve_unix(address, out, length) ? NULL : "the path is longer than the 107 bytes that a socket's may have";
    }
    error = resolve_ip(address, AI_PASSIVE, out, length);
    return error == 0 ? NULL : gai_strerror(error);
}

/* Whether a line of /etc/hosts gives that name: its address, then names, up to a # (hosts(5)). */
static bool line_has_name(char *line, const char *name)
{
    char *rest;

    line[strcspn(line, "#\n")] = '\0';
    for (char *word = strtok_r(line, " \t\r", &rest); word != NULL; word = strtok_r(NULL, " \t\r", &rest)) {
        if (word != line + strspn(line, " \t\r") && strcasecmp(word, name) == 0) {
            return true;
        }
    }
    return false;
}

/* The first address that /etc/hosts has for it; false: none. */
static bool find_host(const char *name, char address[INET6_ADDRSTRLEN])
{
    FILE *hosts = fopen("/etc/hosts", "re");
    char line[1024], copy[1024], bytes[16];
    bool found = false;

    while (hosts != NULL && !found && fgets(line, sizeof(line), hosts) != NULL) {
        strcpy(copy, line);
        if (line_has_name(copy, name) && sscanf(line, "%45s", address) == 1) {
            found = inet_pton(AF_INET, address, bytes) == 1 || inet_pton(AF_INET6, address, bytes) == 1;
        }
    }
    if (hosts != NULL) {
        fclose(hosts);
    }
    if (!found && strcasecmp(name, "localhost") == 0) {
        strcpy(address, "127.0.0.1");
        found = true;
    }
    return found;
}

const char *address_resolve_here(const struct address *address, struct sockaddr_storage *out, socklen_t *length)
{
    char found[INET6_ADDRSTRLEN];
    struct address numeric = *address;

    if (address->kind != ADDRESS_NAME) {
        return address_resolve_now(address, out, length);
    }
    if (!find_host(address->host, found)) {
        return "while hangup runs it listens at an address, at localhost or at a name of /etc/hosts";
    }
    numeric.kind = ADDRESS_IP;
    numeric.host = found;
    return address_resolve_now(&numeric, out, length);
}

size_t address_host(const struct sockaddr_storage *address, const uint8_t **bytes)
{
    if (address->ss_family == AF_INET) {
        *bytes = (const uint8_t *)&((const struct sockaddr_in *)(const void *)address)->sin_addr;
        return 4;
    }
    if (address->ss_family == AF_INET6) {
        const struct in6_addr *host = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
        bool mapped = IN6_IS_ADDR_V4MAPPED(host);

        *bytes = host->s6_addr + (mapped ? 12 : 0);
        return mapped ? 4 : 16;
    }
    *bytes = NULL;
    return 0;
}

bool address_same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    const uint8_t *x, *y;
    size_t length = address_host(a, &x);

    return length == address_host(b, &y) && (length == 0 || memcmp(x, y, length) == 0);
}

bool address_covers_host(const struct sockaddr_storage *own, const struct sockaddr_storage *host)
{
    const uint8_t *bytes;
    size_t length = address_host(own, &bytes);
    bool any = true;

    for (size_t i = 0; i < length; i++) {
        any = any && bytes[i] == 0;
    }
    return any || address_same_host(own, host);
}

bool address_is_loopback(const struct sockaddr_storage *address)
{
    const uint8_t *bytes;
    size_t length = address_host(address, &bytes);

    return (length == 4 && bytes[0] == IN_LOOPBACKNET) || (length == 16 && memcmp(bytes, &in6addr_loopback, 16) == 0);
}

socklen_t address_for_family(int family, const struct sockaddr_storage *address, struct sockaddr_storage *out)
{
    *out = *address;
    if (family == AF_INET6 && address->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = in->sin_port};

        in6.sin6_addr.s6_addr[10] = in6.sin6_addr.s6_addr[11] = 0xff;
        memcpy(in6.sin6_addr.s6_addr + 12, &in->sin_addr, 4);
        memset(out, 0, sizeof(*out));
        memcpy(out, &in6, sizeof(in6));
    }
    return family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}
