/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A TLS application by OpenSSL, told by its arguments what to do, that prints what each call of the library's returned: what an application
 * can see of an ending. For the tests of TLS; hangup-peer is the same for plain TCP, and says more of the socket.
 *
 *     tls-peer [--ca FILE] [--certificate FILE] [--name NAME] [--alpn A] [--version 1.2|1.3] [--times N]
 *              (connect ADDRESS | listen) COMMAND ...
 *
 * ADDRESS is 127.0.0.1:PORT. `listen` says `listening ADDRESS` on descriptor 3 and accepts one connection, `listen N` N of them, one after
 * the other, with the same commands. The certificate's file holds its key, too. COMMANDs:
 *
 *     handshake     SSL_connect or SSL_accept: the version and the protocol, or why not
 *     send TEXT     SSL_write           fill N       SSL_write of N bytes
 *     read          SSL_read, once      read N       so many bytes        read end   until it returns no more
 *     notify        SSL_shutdown, once: sends close_notify
 *     update        a KeyUpdate, and asks for one
 *     resumed       whether the handshake resumed a session      asked    whether a client was asked for a certificate
 *     verified      what was found at the other's certificate, if it was looked at
 *     patience N    ms: a read then returns without anything
 *     ahead         reads what there is from now on, not one record at a time
 *     pending       whether the library has something that nobody has read
 *     again         the next connection: a client offers the session of this one
 *     fin, rst, close                   of the socket
 *     raw TEXT      bytes on the wire   rest         recv() until it returns no more
 *     hear          waits until there is something to be read      gulp     one recv()
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define LIMIT 30 /* s: then it is killed */

struct options {
    const char *ca, *certificate, *name, *alpn;
    int version;
    unsigned long times; /* that a client does it all, one connection behind the other */
};

struct peer {
    SSL *ssl;
    int fd;
    bool server;
    bool asked; /* a client: for its certificate */
};

_Noreturn static void die(const char *what)
{
    perror(what);
    ERR_print_errors_fp(stderr);
    exit(99);
}

/* What the last call came to, in words. */
static void say(const struct peer *peer, const char *call, int result)
{
    int saved = errno, why = SSL_get_error(peer->ssl, result);
    unsigned long code = ERR_peek_error();

    printf("%s: ", call);
    if (why == SSL_ERROR_NONE) {
        printf("%d\n", result);
    } else if (why == SSL_ERROR_ZERO_RETURN) {
        puts("close_notify");
    } else if (why == SSL_ERROR_WANT_READ) {
        puts("WANT_READ");
    } else if (why == SSL_ERROR_SYSCALL) {
        printf("%s\n", saved != 0 ? strerrorname_np(saved) : "end");
    } else if (why == SSL_ERROR_SSL && ERR_GET_REASON(code) > SSL_AD_REASON_OFFSET) {
        printf("alert %s\n", SSL_alert_desc_string_long(ERR_GET_REASON(code) - SSL_AD_REASON_OFFSET));
    } else if (why == SSL_ERROR_SSL) {
        printf("%s\n", ERR_reason_error_string(code));
    } else {
        printf("SSL_get_error %d\n", why);
    }
    fflush(stdout);
    ERR_clear_error();
}

static int select_protocol(SSL *ssl, const unsigned char **out, unsigned char *length, const unsigned char *in, unsigned size, void *list)
{
    (void)ssl;
    unsigned own = *(unsigned char *)list + 1u;
    int found = SSL_select_next_proto((unsigned char **)(uintptr_t)out, length, list, own, in, size);

    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static SSL_CTX *context_new(const struct options *options, bool server)
{
    static unsigned char protocols[256];
    SSL_CTX *context = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());

    if (context == NULL) {
        die("SSL_CTX_new");
    }
    if (options->certificate != NULL && (SSL_CTX_use_certificate_chain_file(context, options->certificate) != 1
                                            || SSL_CTX_use_PrivateKey_file(context, options->certificate, SSL_FILETYPE_PEM) != 1)) {
        die(options->certificate);
    }
    if (options->ca != NULL) {
        if (SSL_CTX_load_verify_file(context, options->ca) != 1) {
            die(options->ca);
        }
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
    if (options->version != 0) {
        SSL_CTX_set_min_proto_version(context, options->version);
        SSL_CTX_set_max_proto_version(context, options->version);
    }
    if (options->alpn != NULL) {
        protocols[0] = (unsigned char)strlen(options->alpn); /* one only */
        memcpy(protocols + 1, options->alpn, protocols[0]);
        if (server) {
            SSL_CTX_set_alpn_select_cb(context, select_protocol, protocols);
        } else {
            SSL_CTX_set_alpn_protos(context, protocols, protocols[0] + 1u);
        }
    }
    return context;
}

/* ---- commands ---- */

static void handshake(struct peer *peer)
{
    int result = peer->server ? SSL_accept(peer->ssl) : SSL_connect(peer->ssl);
    const unsigned char *protocol = NULL;
    unsigned length = 0;
    const char *name = SSL_get_servername(peer->ssl, TLSEXT_NAMETYPE_host_name);

    if (result != 1) {
        say(peer, "handshake", result);
        return;
    }
    SSL_get0_alpn_selected(peer->ssl, &protocol, &length);
    printf("handshake: %s name %s protocol %.*s\n", SSL_get_version(peer->ssl), name != NULL ? name : "-", length > 0 ? (int)length : 1,
        length > 0 ? (const char *)protocol : "-");
    fflush(stdout);
}

static void read_end(struct peer *peer)
{
    char bytes[16384];
    size_t all = 0;
    int got;

    while ((got = SSL_read(peer->ssl, bytes, sizeof(bytes))) > 0) {
        all += (size_t)got;
    }
    printf("%zu bytes, ", all);
    say(peer, "read", got);
}

static void read_bytes(struct peer *peer, size_t wanted)
{
    char bytes[16384];
    size_t all = 0;

    while (all < wanted) {
        int got = SSL_read(peer->ssl, bytes, wanted - all < sizeof(bytes) ? (int)(wanted - all) : (int)sizeof(bytes));

        if (got <= 0) {
            printf("%zu bytes, ", all);
            say(peer, "read", got);
            return;
        }
        all += (size_t)got;
        if (all < 100) {
            printf("got \"%.*s\"\n", got, bytes);
        }
    }
    printf("read: %zu bytes\n", all);
    fflush(stdout);
}

static void fill(struct peer *peer, size_t wanted)
{
    static char bytes[65536];

    while (wanted > 0) {
        int size = wanted < sizeof(bytes) ? (int)wanted : (int)sizeof(bytes), put = SSL_write(peer->ssl, bytes, size);

        if (put <= 0) {
            say(peer, "write", put);
            return;
        }
        wanted -= (size_t)put;
    }
    puts("write: all");
}

static void rest(struct peer *peer)
{
    char bytes[4096];
    ssize_t got;

    while ((got = recv(peer->fd, bytes, sizeof(bytes), 0)) > 0) {
    }
    printf("rest: %s\n", got == 0 ? "FIN" : strerrorname_np(errno));
    fflush(stdout);
}

static void lose_patience(struct peer *peer, long milliseconds)
{
    struct timeval most = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};

    setsockopt(peer->fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
}

static void end_socket(struct peer *peer, bool reset)
{
    struct linger abort = {.l_onoff = 1, .l_linger = 0};

    if (reset) {
        setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
    }
    close(peer->fd);
    peer->fd = -1;
}

/* Runs the commands, up to the next connection: what is behind that word, or NULL. */
static char **run(struct peer *peer, char **word)
{
    for (; *word != NULL; word++) {
        const char *next = word[1] != NULL ? word[1] : "";

        errno = 0;
        ERR_clear_error();
        if (strcmp(*word, "handshake") == 0) {
            handshake(peer);
        } else if (strcmp(*word, "send") == 0) {
            say(peer, "write", SSL_write(peer->ssl, next, (int)strlen(next)));
            word++;
        } else if (strcmp(*word, "fill") == 0) {
            fill(peer, strtoul(next, NULL, 10));
            word++;
        } else if (strcmp(*word, "read") == 0 && strcmp(next, "end") == 0) {
            read_end(peer);
            word++;
        } else if (strcmp(*word, "read") == 0 && strtoul(next, NULL, 10) > 0) {
            read_bytes(peer, strtoul(next, NULL, 10));
            word++;
        } else if (strcmp(*word, "read") == 0) {
            char bytes[16384];

            say(peer, "read", SSL_read(peer->ssl, bytes, sizeof(bytes)));
        } else if (strcmp(*word, "notify") == 0) {
            printf("shutdown: %d\n", SSL_shutdown(peer->ssl));
        } else if (strcmp(*word, "update") == 0) {
            printf("update: %d\n", SSL_key_update(peer->ssl, SSL_KEY_UPDATE_REQUESTED));
        } else if (strcmp(*word, "resumed") == 0) {
            printf("resumed: %d\n", SSL_session_reused(peer->ssl));
        } else if (strcmp(*word, "asked") == 0) {
            printf("asked: %d\n", peer->asked);
        } else if (strcmp(*word, "verified") == 0) {
            printf("verified: %s\n", X509_verify_cert_error_string(SSL_get_verify_result(peer->ssl)));
        } else if (strcmp(*word, "patience") == 0) {
            lose_patience(peer, strtol(next, NULL, 10));
            word++;
        } else if (strcmp(*word, "ahead") == 0) {
            SSL_set_read_ahead(peer->ssl, 1);
        } else if (strcmp(*word, "pending") == 0) {
            printf("pending: %d, has: %d\n", SSL_pending(peer->ssl), SSL_has_pending(peer->ssl));
        } else if (strcmp(*word, "again") == 0) {
            return word + 1;
        } else if (strcmp(*word, "fin") == 0) {
            shutdown(peer->fd, SHUT_WR);
        } else if (strcmp(*word, "rst") == 0 || strcmp(*word, "close") == 0) {
            end_socket(peer, strcmp(*word, "rst") == 0);
        } else if (strcmp(*word, "raw") == 0) {
            (void)!send(peer->fd, next, strlen(next), MSG_NOSIGNAL);
            word++;
        } else if (strcmp(*word, "hear") == 0 || strcmp(*word, "gulp") == 0) {
            char bytes[16384];

            (void)!recv(peer->fd, bytes, sizeof(bytes), strcmp(*word, "hear") == 0 ? MSG_PEEK : 0);
        } else if (strcmp(*word, "rest") == 0) {
            rest(peer);
        } else {
            fprintf(stderr, "tls-peer: %s?\n", *word);
            exit(99);
        }
    }
    return NULL;
}

/* ---- sockets ---- */

static int dial(const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char *colon = strrchr(text, ':');
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)strtoul(colon != NULL ? colon + 1 : text, NULL, 10));
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        die("connect");
    }
    return fd;
}

static int listen_and_say(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    FILE *ready = fdopen(3, "w");

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 128) < 0
        || getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
        die("listen");
    }
    if (ready != NULL) {
        fprintf(ready, "listening 127.0.0.1:%u\n", ntohs(address.sin_port));
        fclose(ready);
    }
    return fd;
}

/* Called where a certificate may be shown: at a client, if it was asked for one. */
static int on_asked(SSL *ssl, void *asked)
{
    (void)ssl;
    *(bool *)asked = true;
    return 1;
}

/* One connection. What is behind `again` in the commands, or NULL; *session is the client's to offer, and then that of this one. */
static char **converse(SSL_CTX *context, const struct options *options, int fd, bool server, char **commands, SSL_SESSION **session)
{
    struct peer peer = {.ssl = SSL_new(context), .fd = fd, .server = server};
    char **behind;
    int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    SSL_set_fd(peer.ssl, fd);
    SSL_set_cert_cb(peer.ssl, on_asked, &peer.asked);
    if (!server && options->name != NULL) {
        SSL_set_tlsext_host_name(peer.ssl, (char *)(uintptr_t)options->name);
        SSL_set1_host(peer.ssl, options->name);
    }
    if (*session != NULL) {
        SSL_set_session(peer.ssl, *session);
        SSL_SESSION_free(*session);
    }
    behind = run(&peer, commands);
    *session = !server && behind != NULL ? SSL_get1_session(peer.ssl) : NULL;
    SSL_free(peer.ssl);
    if (peer.fd >= 0) {
        close(peer.fd);
    }
    return behind;
}

static int read_options(char **argv, struct options *options)
{
    int i = 1;

    for (; argv[i] != NULL && strncmp(argv[i], "--", 2) == 0 && argv[i + 1] != NULL; i += 2) {
        if (strcmp(argv[i], "--ca") == 0) {
            options->ca = argv[i + 1];
        } else if (strcmp(argv[i], "--certificate") == 0) {
            options->certificate = argv[i + 1];
        } else if (strcmp(argv[i], "--name") == 0) {
            options->name = argv[i + 1];
        } else if (strcmp(argv[i], "--alpn") == 0) {
            options->alpn = argv[i + 1];
        } else if (strcmp(argv[i], "--version") == 0) {
            options->version = strcmp(argv[i + 1], "1.2") == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
        } else if (strcmp(argv[i], "--times") == 0) {
            options->times = strtoul(argv[i + 1], NULL, 10);
        } else {
            break;
        }
    }
    return i;
}

int main(int argc, char **argv)
{
    struct options options = {.times = 1};
    int i = read_options(argv, &options), listener = -1;
    bool server = argv[i] != NULL && strcmp(argv[i], "listen") == 0;
    unsigned long rounds;
    SSL_CTX *context;

    (void)argc;
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!server && (argv[i] == NULL || strcmp(argv[i], "connect") != 0 || argv[i + 1] == NULL)) {
        fputs("usage: tls-peer [--OPTION VALUE ...] (connect ADDRESS | listen [N]) COMMAND ...\n", stderr);
        return 99;
    }
    context = context_new(&options, server);
    rounds = server ? 1 : options.times;
    if (server) {
        listener = listen_and_say();
        i++;
        if (argv[i] != NULL && strtoul(argv[i], NULL, 10) > 0) {
            rounds = strtoul(argv[i++], NULL, 10);
        }
    }
    alarm(LIMIT * (unsigned)(1 + rounds / 100));
    for (unsigned long round = 0; round < rounds; round++) {
        char **commands = argv + (server ? i : i + 2);
        SSL_SESSION *session = NULL;

        while (commands != NULL) {
            int fd = server ? accept(listener, NULL, NULL) : dial(argv[i + 1]);

            commands = converse(context, &options, fd, server, commands, &session);
        }
    }
    SSL_CTX_free(context);
    return 0;
}
