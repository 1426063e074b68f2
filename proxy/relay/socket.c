/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linux's socket calls behind the operations of a stream.
 */
#include "relay/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kernel/clamp.h"
#include "kernel/forge.h"
#include "kernel/loss.h"
#include "kernel/poller.h"
#include "kernel/segments.h"
#include "relay/filter.h"
#include "relay/worker.h"

/*
 * Whether the next byte is an urgent one. The kernel is asked unless what the poller said rules it out: that there was something to read
 * and nothing urgent, so that the first byte is a plain one, or that nothing more will come.
 */
static bool socket_is_at_mark(struct stream *stream)
{
    unsigned says = stream->says;
    int at_mark = 0;

    stream->says &= ~(unsigned)POLLER_READ;
    if (!stream->tcp || ((says & (POLLER_READ | POLLER_ENDING)) != 0 && (says & POLLER_URGENT) == 0)) {
        return false;
    }
    return ioctl(stream->fd, SIOCATMARK, &at_mark) == 0 && at_mark;
}

/* The kernel takes that for one time only, and goes back to what it thinks is best. */
void socket_acknowledge_late(const struct stream *stream)
{
    int off = 0;

    (void)setsockopt(stream->fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off));
}

static ssize_t socket_read(struct stream *stream, void *bytes, size_t size, bool *urgent)
{
    bool at_mark = socket_is_at_mark(stream);
    ssize_t got;

    if (at_mark) {
        size = 1; /* recv() stops in front of an urgent byte, but would read on behind it */
    }
    do {
        got = recv(stream->fd, bytes, size, 0);
    } while (got < 0 && errno == EINTR);
    if (got > 0 && stream->late_acks) {
        socket_acknowledge_late(stream);
    }
    *urgent = at_mark && got == 1;
    stream->drained = got < (ssize_t)size && (stream->says & (POLLER_ENDING | POLLER_URGENT)) == 0;
    return got;
}

static ssize_t socket_write(struct stream *stream, const void *bytes, size_t size, unsigned flags)
{
    int how = MSG_NOSIGNAL;
    ssize_t put;

    if (stream->tcp) {
        how |= (flags & PIECE_URGENT ? MSG_OOB : 0) | (flags & PIECE_OWN_WRITE ? MSG_EOR : 0);
    }
    do {
        put = send(stream->fd, bytes, size, how);
    } while (put < 0 && errno == EINTR);
    return put;
}

/* splice() goes no further than an urgent byte: in front of it, it says the same as at the end of all. */
static ssize_t socket_splice_in(struct stream *stream, int pipe, size_t size)
{
    ssize_t got;
    int error, at_mark = 0;

    stream->says &= ~(unsigned)POLLER_READ;
    do {
        got = splice(stream->fd, NULL, pipe, NULL, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    } while (got < 0 && errno == EINTR);
    if (got > 0 && stream->late_acks) {
        socket_acknowledge_late(stream);
    }
    error = errno;
    if (got <= 0 && stream->tcp && ioctl(stream->fd, SIOCATMARK, &at_mark) == 0 && at_mark) {
        stream->says |= POLLER_URGENT;
    }
    errno = error;
    return got;
}

static ssize_t socket_splice_out(struct stream *stream, int pipe, size_t size)
{
    ssize_t put;

    do {
        put = splice(pipe, NULL, stream->fd, NULL, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    } while (put < 0 && errno == EINTR);
    return put;
}

static void socket_send_fin(struct stream *stream)
{
    (void)shutdown(stream->fd, SHUT_WR);
}

static int socket_take_error(struct stream *stream)
{
    int error = 0;
    socklen_t length = sizeof(error);

    if ((stream->says & POLLER_ERROR) == 0) { /* what comes later is announced later */
        return 0;
    }
    stream->says &= ~(unsigned)POLLER_ERROR;
    if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) {
        return errno;
    }
    return error;
}

static bool socket_hung_up(struct stream *stream)
{
    struct pollfd look = {.fd = stream->fd};

    return !stream->tcp && poll(&look, 1, 0) == 1 && (look.revents & POLLHUP) != 0;
}

static bool socket_info(const struct stream *stream, struct tcp_info *info)
{
    socklen_t length = sizeof(*info);

    return stream->tcp && getsockopt(stream->fd, IPPROTO_TCP, TCP_INFO, info, &length) == 0;
}

static bool socket_was_asked(struct stream *stream)
{
    struct tcp_info info;

    return socket_info(stream, &info) && info.tcpi_probes > 0;
}

static enum tcp_state socket_state(struct stream *stream)
{
    struct tcp_info info;

    return socket_info(stream, &info) ? (enum tcp_state)info.tcpi_state : STATE_ESTABLISHED;
}

static size_t socket_ioctl_size(const struct stream *stream, unsigned long request)
{
    int bytes = 0;

    return ioctl(stream->fd, request, &bytes) == 0 && bytes > 0 ? (size_t)bytes : 0;
}

static size_t socket_unsent(struct stream *stream)
{
    return stream->tcp ? socket_ioctl_size(stream, SIOCOUTQNSD) : 0;
}

static size_t socket_unacked(struct stream *stream)
{
    return socket_ioctl_size(stream, SIOCOUTQ);
}

static uint64_t socket_round_trip(struct stream *stream)
{
    struct tcp_info info;

    return socket_info(stream, &info) ? (uint64_t)info.tcpi_rtt * 1000 : 0;
}

static int set_int(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof(value));
}

static int socket_lose(struct stream *stream, const struct loss *losses)
{
    struct linger abort = {.l_onoff = losses != NULL, .l_linger = 0};

    if (!stream->tcp) {
        return 0;
    }
    if (loss_apply(stream->fd, stream->ipv6, losses) < 0) {
        return -1;
    }
    /* Were we killed meanwhile, our FIN's acknowledgement would be lost as well, and the orphan would linger for minutes: RST, then. */
    (void)setsockopt(stream->fd, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
    /* The answers to our own questions may be among what is lost, and our kernel would give the connection up. */
    if (losses != NULL) {
        (void)set_int(stream->fd, SOL_SOCKET, SO_KEEPALIVE, 0);
    }
    (void)set_int(stream->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, losses == NULL ? 0 : INT_MAX);
    return 0;
}

static bool socket_segments(struct stream *stream, struct segments *segments)
{
    return stream->tcp && segments_count(stream->fd, segments);
}

static int socket_sequence(struct stream *stream, struct sequence *sequence)
{
    errno = EOPNOTSUPP;
    return stream->tcp ? sequence_read(stream->fd, sequence) : -1;
}

static void socket_clamp(struct stream *stream, struct clamp *clamp, uint32_t bytes)
{
    if (stream->tcp && bytes > 0) {
        (void)clamp_put_on(clamp, stream->fd, bytes);
    } else if (stream->tcp) {
        clamp_take_off(clamp, stream->fd);
    }
}

static int socket_take_back(struct stream *stream, uint32_t bytes)
{
    errno = EOPNOTSUPP;
    return stream->tcp ? segments_take_back(stream->fd, bytes) : -1;
}

static int socket_forget(struct stream *stream)
{
    errno = EOPNOTSUPP;
    return stream->tcp ? segments_forget(stream->fd) : -1;
}

static int socket_forge(struct stream *stream, int error)
{
    errno = EOPNOTSUPP;
    if (!stream->tcp) {
        return -1;
    }
    return error == 0 ? forge_rst(stream->fd) : forge_unreachable(stream->fd, error);
}

static void socket_close(struct stream *stream, bool reset)
{
    struct linger abort = {.l_onoff = 1, .l_linger = 0};

    if (reset) {
        (void)setsockopt(stream->fd, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
    }
    worker_close_later(stream->worker, stream->fd);
    stream->fd = -1;
}

const struct stream_ops socket_ops = {
    .read = socket_read,
    .write = socket_write,
    .splice_in = socket_splice_in,
    .splice_out = socket_splice_out,
    .send_fin = socket_send_fin,
    .take_error = socket_take_error,
    .was_asked = socket_was_asked,
    .hung_up = socket_hung_up,
    .state = socket_state,
    .unsent = socket_unsent,
    .unacked = socket_unacked,
    .round_trip = socket_round_trip,
    .lose = socket_lose,
    .segments = socket_segments,
    .sequence = socket_sequence,
    .clamp = socket_clamp,
    .take_back = socket_take_back,
    .forget = socket_forget,
    .forge = socket_forge,
    .close = socket_close,
};

int socket_prepare(int fd, int family, uint64_t window, uint64_t segments)
{
    if (family == AF_UNIX) {
        return 0;
    }
    if (set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1) < 0 || set_int(fd, SOL_SOCKET, SO_OOBINLINE, 1) < 0) {
        return -1;
    }
    /* The kernel doubles what it is given, and uses half of that for the window. */
    if (window > 0 && set_int(fd, SOL_SOCKET, SO_RCVBUF, window > INT32_MAX ? INT32_MAX : (int)window) < 0) {
        return -1;
    }
    if (segments > 0 && set_int(fd, IPPROTO_TCP, TCP_MAXSEG, segments > INT32_MAX ? INT32_MAX : (int)segments) < 0) {
        return -1;
    }
    return 0;
}

/* A machine that vanished is found out within 12 s. Sooner would take a path for dead that is only busy: a direct connection lives on. */
void socket_keep_alive(const struct stream *stream)
{
    if (stream->tcp) {
        (void)set_int(stream->fd, IPPROTO_TCP, TCP_KEEPIDLE, 2);
        (void)set_int(stream->fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
        (void)set_int(stream->fd, IPPROTO_TCP, TCP_KEEPCNT, 10);
        (void)set_int(stream->fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    }
}

int socket_new(int family)
{
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}
