/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writer of a trace: two buffers, one that is filled by whoever tells, one that is written by the thread, exchanged under a lock.
 */
#include "trace/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kernel/thread.h"
#include "relay/timers.h"
#include "rules/memory.h"
#include "trace/record.h"

#define BUFFER_LIMIT ((size_t)4 << 20) /* bytes that wait for the disk before data events are dropped */
#define HURRY ((size_t)256 << 10)      /* bytes after which the thread no longer waits for more */
#define PATIENCE (50 * NS_PER_MS)      /* how long data may wait in the buffer */

struct buffer {
    char *bytes;
    size_t length, capacity;
};

struct trace_writer {
    struct observer observer;
    char *path;
    int fd;
    uint64_t start; /* ns */
    pthread_t thread;
    struct buffer writing; /* the thread's own */

    pthread_mutex_t lock; /* of all below */
    pthread_cond_t wake;
    struct buffer filling;
    uint64_t lost;      /* data events dropped since the last line */
    bool urgent, ended; /* the thread shall not wait; and not come back */
    bool failed;        /* nothing can be written any more */
};

static void append(struct buffer *buffer, const struct record *record)
{
    if (buffer->length + RECORD_LINE > buffer->capacity) {
        buffer->capacity = 2 * buffer->capacity + RECORD_LINE;
        buffer->bytes = xrealloc(buffer->bytes, buffer->capacity);
    }
    buffer->length += record_line(record, buffer->bytes + buffer->length);
}

static bool is_data(enum notice_kind kind)
{
    return kind == NOTICE_RECEIVED || kind == NOTICE_DELIVERED;
}

static void tell(struct observer *observer, const struct notice *notice)
{
    struct trace_writer *writer = (struct trace_writer *)((char *)observer - offsetof(struct trace_writer, observer));
    struct record record = record_of_notice(notice, writer->start);
    struct buffer *buffer = &writer->filling;

    pthread_mutex_lock(&writer->lock);
    bool was_idle = buffer->length == 0;
    if (writer->failed || (is_data(notice->kind) && buffer->length >= BUFFER_LIMIT)) {
        writer->lost++;
    } else {
        if (writer->lost)
            append(buffer, &(struct record){.time = record.time, .what = "trace incomplete", .lost = writer->lost});
        writer->lost = 0;
        append(buffer, &record);
    }
    bool urgent = !is_data(notice->kind) || buffer->length >= HURRY;
    if (was_idle || (urgent && !writer->urgent))
        pthread_cond_signal(&writer->wake);
    writer->urgent |= urgent;
    pthread_mutex_unlock(&writer->lock);
}

/* With the lock held: waits until there is something to write and enough of it. */
static void wait_for_lines(struct trace_writer *writer)
{
    while (writer->filling.length == 0 && !writer->ended)
        pthread_cond_wait(&writer->wake, &writer->lock);
    uint64_t until = clock_monotonic.now(&clock_monotonic) + PATIENCE;
    struct timespec deadline = {.tv_sec = (time_t)(until / NS_PER_S), .tv_nsec = (long)(until % NS_PER_S)};
    while (!writer->urgent && !writer->ended) {
        if (pthread_cond_timedwait(&writer->wake, &writer->lock, &deadline) == ETIMEDOUT)
            break;
    }
    writer->urgent = false;
}

/* 0, or an errno. */
static int write_all(int fd, const struct buffer *buffer)
{
    for (size_t done = 0; done < buffer->length;) {
        ssize_t count = write(fd, buffer->bytes + done, buffer->length - done);
        if (count < 0 && errno != EINTR)
            return errno;
        if (count > 0)
            done += (size_t)count;
    }
    return 0;
}

static void *run(void *argument)
{
    struct trace_writer *writer = argument;
    bool last = false;
    pthread_mutex_lock(&writer->lock);
    while (!last) {
        wait_for_lines(writer);
        struct buffer full = writer->filling;
        writer->filling = writer->writing;
        writer->writing = full;
        last = writer->ended || writer->failed;
        pthread_mutex_unlock(&writer->lock);

        int error = write_all(writer->fd, &writer->writing);
        writer->writing.length = 0;
        if (error)
            fprintf(stderr, "hangup: the trace ends here, it cannot be written to %s: %s; the run goes on without it\n", writer->path,
                    strerror(error));
        pthread_mutex_lock(&writer->lock);
        writer->failed |= error != 0;
        last |= error != 0;
    }
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

static void init_lock(struct trace_writer *writer)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&writer->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&writer->lock, NULL);
}

static void release(struct trace_writer *writer)
{
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->lock);
    free(writer->filling.bytes);
    free(writer->writing.bytes);
    free(writer->path);
    free(writer);
}

static void first_line(struct trace_writer *writer)
{
    time_t now = time(NULL);
    struct tm utc;
    char date[32];
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    append(&writer->filling, &(struct record){.what = "trace started", .text = date, .version = RECORD_VERSION});
}

struct trace_writer *trace_writer_open(const char *path, uint64_t start)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return NULL;
    struct trace_writer *writer = xmalloc(sizeof *writer);
    *writer = (struct trace_writer){.observer.tell = tell, .path = xstrdup(path), .fd = fd, .start = start, .urgent = true};
    init_lock(writer);
    first_line(writer);
    if (thread_start(&writer->thread, run, writer))
        return writer;
    int error = errno;
    close(fd);
    release(writer);
    errno = error;
    return NULL;
}

struct observer *trace_writer_observer(struct trace_writer *writer)
{
    return &writer->observer;
}

int trace_writer_close(struct trace_writer *writer)
{
    if (!writer)
        return 0;
    pthread_mutex_lock(&writer->lock);
    writer->ended = true;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);

    int result = writer->failed ? -1 : 0;
    if (close(writer->fd) != 0 && !writer->failed) {
        fprintf(stderr, "hangup: the trace may not be whole: %s: %s\n", writer->path, strerror(errno));
        result = -1;
    }
    release(writer);
    return result;
}
