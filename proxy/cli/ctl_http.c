/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests of `hangup ctl`.
 */
#include "cli/ctl_http.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rules/memory.h"

static int connect_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        int error = errno;

        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static int connect_first(const struct addrinfo *list)
{
    int fd = -1, error = EADDRNOTAVAIL;

    for (; list != NULL && fd < 0; list = list->ai_next) {
        fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, list->ai_addr, list->ai_addrlen) < 0) {
            error = errno;
            close(fd);
            fd = -1;
        }
    }
    errno = error;
    return fd;
}

/* host:port, [host]:port */
static int connect_tcp(const char *address, const char **problem)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    const char *colon = strrchr(address, ':');
    struct addrinfo *list;
    char *host;
    int fd, wrong;

    if (colon == NULL || colon == address) {
        *problem = "write HOST:PORT or unix:/PATH";
        return -1;
    }
    host = address[0] == '[' && colon[-1] == ']' ? strndup(address + 1, (size_t)(colon - address) - 2)
                                                 : strndup(address, (size_t)(colon - address));
    wrong = host != NULL ? getaddrinfo(host, colon + 1, &hints, &list) : EAI_MEMORY;
    free(host);
    if (wrong != 0) {
        *problem = gai_strerror(wrong);
        return -1;
    }
    fd = connect_first(list);
    freeaddrinfo(list);
    return fd;
}

static int read_status(FILE *answer)
{
    char line[8192];
    int status = 0;

    if (fgets(line, sizeof(line), answer) == NULL || sscanf(line, "HTTP/%*s %d", &status) != 1) {
        return 0;
    }
    while (fgets(line, sizeof(line), answer) != NULL && line[strspn(line, "\r")] != '\n') {
    }
    return status;
}

static bool send_request(int fd, const struct ctl_server *server, const char *method, const char *path, const char *body)
{
    char *text = NULL;
    size_t length = 0, sent = 0;
    FILE *out = open_memstream(&text, &length);

    if (out == NULL) {
        abort();
    }
    fprintf(out, "%s %s HTTP/1.0\r\nHost: localhost\r\nContent-Length: %zu\r\n", method, path, body != NULL ? strlen(body) : 0);
    if (server->token != NULL) {
        fprintf(out, "Authorization: Bearer %s\r\n", server->token);
    }
    fprintf(out, "\r\n%s", body != NULL ? body : "");
    fclose(out);
    while (sent < length) {
        ssize_t count = send(fd, text + sent, length - sent, MSG_NOSIGNAL);

        if (count < 0) {
            break;
        }
        sent += (size_t)count;
    }
    free(text);
    return sent == length;
}

FILE *ctl_ask(const struct ctl_server *server, const char *method, const char *path, const char *body, int *status)
{
    const char *problem = NULL;
    int fd = strncmp(server->address, "unix:", 5) == 0 ? connect_unix(server->address + 5) : connect_tcp(server->address, &problem);
    FILE *stream = fd >= 0 && send_request(fd, server, method, path, body) ? fdopen(fd, "r") : NULL;

    if (stream == NULL) {
        fprintf(stderr, "hangup ctl: %s cannot be reached: %s\n", server->address, problem != NULL ? problem : strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    *status = read_status(stream);
    if (*status == 0) {
        fprintf(stderr, "hangup ctl: %s did not answer as hangup does\n", server->address);
        fclose(stream);
        return NULL;
    }
    return stream;
}

char *ctl_escape(const char *text)
{
    char *escaped = xmalloc(3 * strlen(text) + 1), *at = escaped;

    for (; *text != '\0'; text++) {
        if (isalnum((unsigned char)*text) || strchr("-_.~", *text) != NULL) {
            *at++ = *text;
        } else {
            at += sprintf(at, "%%%02X", (unsigned char)*text);
        }
    }
    *at = '\0';
    return escaped;
}
