/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The actors of the demo: two servers and a client.
 */
#include "cli/demo_cast.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define QUESTION "how are you?\n"
#define ANSWER "very well, thank you\n"

/* ms: what the client allows for an answer, and for the other side's goodbye. More than the rule does, so that the verdict comes first. */
#define PATIENCE 2000

/* One line, written at once, so that those of several processes do not mix. */
static void say(const char *who, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(const char *who, const char *format, ...)
{
    char text[160];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    dprintf(STDOUT_FILENO, "    %-8s%s\n", who, text);
}

/* ---- servers ---- */

/* Answers until the client has said goodbye, and is then done with the connection, or ought to be. */
static void serve(const struct demo_server *server, int fd)
{
    char question[256];
    ssize_t got;

    while ((got = recv(fd, question, sizeof(question), 0)) > 0) {
        if (send(fd, ANSWER, strlen(ANSWER), MSG_NOSIGNAL) < 0) {
            break;
        }
    }
    if (got == 0 && server->forgets) {
        say(server->name, "read returns 0: no more requests. On to the next client");
        return;
    }
    if (got == 0) {
        say(server->name, "read returns 0: no more requests. close");
    }
    close(fd);
}

static void serve_all(const struct demo_server *server, int listener)
{
    int fd;

    while ((fd = accept(listener, NULL, NULL)) >= 0 || errno == ECONNABORTED) {
        if (fd >= 0) {
            serve(server, fd);
        }
    }
    _exit(EXIT_FAILURE);
}

static void close_quietly(int fd)
{
    int error = errno;

    close(fd);
    errno = error;
}

static int open_listener(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr *name = (struct sockaddr *)&address;
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }
    if (bind(fd, name, length) < 0 || listen(fd, 8) < 0 || getsockname(fd, name, &length) < 0) {
        close_quietly(fd);
        return -1;
    }
    *port = ntohs(address.sin_port);
    return fd;
}

bool demo_server_start(struct demo_server *server)
{
    int listener = open_listener(&server->port);
    pid_t parent = getpid();

    if (listener < 0) {
        return false;
    }
    fflush(NULL);
    server->pid = fork();
    if (server->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent) {
            serve_all(server, listener);
        }
        _exit(EXIT_FAILURE);
    }
    close_quietly(listener);
    return server->pid > 0;
}

void demo_server_stop(struct demo_server *server)
{
    if (server->pid > 0) {
        kill(server->pid, SIGKILL);
        waitpid(server->pid, NULL, 0);
        server->pid = 0;
    }
}

/* ---- client ---- */

/* To the address in that variable, HOST:PORT; -1: no. */
static int connect_to(const char *variable)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const char *text = getenv(variable), *colon = text != NULL ? strrchr(text, ':') : NULL;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_port = htons((uint16_t)(colon != NULL ? strtoul(colon + 1, NULL, 10) : 0));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* recv(), with a deadline: ETIMEDOUT. */
static ssize_t receive(int fd, char *bytes, size_t size)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    if (poll(&ready, 1, PATIENCE) == 0) {
        errno = ETIMEDOUT;
        return -1;
    }
    return recv(fd, bytes, size, 0);
}

/* Whether the whole answer came. */
static bool ask(int fd)
{
    char answer[sizeof(ANSWER)];
    size_t got = 0;
    ssize_t count = send(fd, QUESTION, strlen(QUESTION), MSG_NOSIGNAL);

    while (count > 0 && got < strlen(ANSWER)) {
        count = receive(fd, answer + got, strlen(ANSWER) - got);
        got += count > 0 ? (size_t)count : 0;
    }
    if (got < strlen(ANSWER)) {
        say("client", "%zu of %zu bytes of an answer, then %s: no answer", got, strlen(ANSWER), count == 0 ? "0" : strerrorname_np(errno));
    }
    return got == strlen(ANSWER);
}

/* Keeps a connection for the next question, as clients do, until the server has had enough of it. */
static bool stay(const char *variable, const char *name)
{
    int fd = connect_to(variable);
    char byte;
    bool answered;

    if (fd < 0 || !ask(fd)) {
        return false;
    }
    say("client", "has its answer from %s, and keeps the connection open", name);
    answered = receive(fd, &byte, 1) == 0;
    say("client", answered ? "read returns 0: %s has closed. close" : "%s says nothing more. close", name);
    close(fd);
    return true;
}

/* Asks again on a new connection where the answer did not come whole. */
static bool insist(const char *variable)
{
    for (int tries = 0; tries < 3; tries++) {
        int fd = connect_to(variable);
        bool answered = fd >= 0 && ask(fd);

        close(fd);
        if (answered) {
            say("client", tries > 0 ? "connects again, and has its answer" : "has its answer");
            return true;
        }
    }
    return false;
}

int demo_client(void)
{
    bool well = stay("HANGUP_TIDY", "tidy");

    well = stay("HANGUP_LEAKY", "leaky") && well;
    return insist("HANGUP_TIDY") && well ? EXIT_SUCCESS : EXIT_FAILURE;
}
