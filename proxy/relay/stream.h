/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream: what an end reads from and writes to, behind one table of operations. Two kinds are built: the socket (TCP or Unix, socket.c)
 * and the fake one of the unit tests. TLS will be a third, wrapped around a socket. A stream keeps no state of the conversation; that is
 * end.c's.
 */
#ifndef HANGUP_RELAY_STREAM_H
#define HANGUP_RELAY_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "rules/vocab.h"

struct clamp;
struct loss;
struct segments;
struct sequence;
struct stream;

struct stream_ops {
    /* As recv(2): > 0 bytes, 0 at a FIN, -1 and errno. `urgent`: the one byte returned is TCP urgent data; never mixed with others. */
    ssize_t (*read)(struct stream *stream, void *bytes, size_t size, bool *urgent);
    /* As send(2), with enum piece_flags; never raises SIGPIPE. */
    ssize_t (*write)(struct stream *stream, const void *bytes, size_t size, unsigned flags);
    /* As read() and write(), but what is moved goes through a pipe, unseen: at most as much as the pipe has room for, or holds. An urgent
     * byte stops it for ever: 0 or EAGAIN, and POLLER_URGENT in `says`. NULL: this stream's bytes cannot be moved so. */
    ssize_t (*splice_in)(struct stream *stream, int pipe, size_t size);
    ssize_t (*splice_out)(struct stream *stream, int pipe, size_t size);
    void (*send_fin)(struct stream *stream); /* shutdown(SHUT_WR) */
    /* The socket's pending error, which this call clears: whoever asks must remember the answer. */
    int (*take_error)(struct stream *stream);
    /* Whether the RST that came answers our own keepalive, not anything that was said: the application's kernel had forgotten a socket that
     * was closed long ago. NULL: never. */
    bool (*was_asked)(struct stream *stream);
    /* Whether the application's socket is closed, not only shut down. Unix sockets know; TCP does not say, and answers false. */
    bool (*hung_up)(struct stream *stream);
    /* The state of our own socket (RFC 9293); a stream without states says ESTABLISHED, and CLOSE once it is of no use. */
    enum tcp_state (*state)(struct stream *stream);
    size_t (*unsent)(struct stream *stream);  /* bytes in the kernel that were never on the wire */
    size_t (*unacked)(struct stream *stream); /* bytes in the kernel that the peer did not acknowledge; a FIN counts as one */
    uint64_t (*round_trip)(struct stream *stream); /* ns, smoothed; 0 if unknown */
    /* From now on our TCP does not get those of the peer's segments that the list names, and nothing tells the peer so; NULL: it gets all.
     * -1 and errno: that is not allowed here, and it is as before. A stream that has no segments loses none. */
    int (*lose)(struct stream *stream, const struct loss *losses);
    /* What came of the peer's segments up to now; false: a stream without segments. */
    bool (*segments)(struct stream *stream, struct segments *segments);
    /* The numbers that both directions have reached; -1 and errno: a stream without, or not allowed. */
    int (*sequence)(struct stream *stream, struct sequence *sequence);
    /* Our TCP offers the peer no more than so many bytes of window at a time, but for what it has offered; 0: what it did before. `clamp`
     * is the caller's, one for each stream. A stream without a window does nothing. */
    void (*clamp)(struct stream *stream, struct clamp *clamp, uint32_t bytes);
    /* And of what it has offered, only so many bytes hold. -1 and errno: not allowed. */
    int (*take_back)(struct stream *stream, uint32_t bytes);
    /* Nothing leaves any more: the close() that must follow sends nothing. -1 and errno: not allowed. */
    int (*forget)(struct stream *stream);
    /* Tells the peer what our TCP does not say: 0: RST, else the ICMP error that becomes this errno. -1 and errno: not allowed. */
    int (*forge)(struct stream *stream, int error);
    /* Ends it: by RST, or as by close(2). `close` must not be followed by any other call. */
    void (*close)(struct stream *stream, bool reset);
};

struct stream {
    const struct stream_ops *ops;
    int fd;         /* -1: none */
    bool tcp, ipv6; /* else a Unix socket */
    bool late_acks; /* the relay's option: what is read is acknowledged late */
    bool drained;   /* set by read(): it took all that was there, and more is announced by the poller */
    unsigned says;  /* enum poller_says: what the poller said last, less what was taken since; set by end.c */
    struct worker *worker;
};

#endif
