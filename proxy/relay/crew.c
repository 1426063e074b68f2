/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Workers and their threads.
 */
#include "relay/crew.h"

#include <errno.h>
#include <stdlib.h>

#include "kernel/thread.h"
#include "relay/worker.h"
#include "rules/memory.h"

struct crew *crew_new(size_t count, const struct clock *clock, size_t buffer_limit)
{
    struct crew *crew = xmalloc(sizeof(*crew));

    *crew = (struct crew){.workers = xmalloc(count * sizeof(struct worker *)), .threads = xmalloc(count * sizeof(pthread_t))};
    for (crew->count = 0; crew->count < count; crew->count++) {
        crew->workers[crew->count] = worker_new(clock, buffer_limit);
        if (crew->workers[crew->count] == NULL) {
            int error = errno;

            crew_free(crew);
            errno = error;
            return NULL;
        }
        crew->workers[crew->count]->crew = crew;
        crew->workers[crew->count]->started_at = crew->workers[0]->started_at;
    }
    return crew;
}

void crew_free(struct crew *crew)
{
    if (crew == NULL) {
        return;
    }
    while (crew->count > 0) { /* the first one last: the others' links belong to its relays */
        worker_free(crew->workers[--crew->count]);
    }
    free(crew->workers);
    free(crew->threads);
    free(crew);
}

static void *run(void *argument)
{
    worker_run(argument);
    return NULL;
}

bool crew_start(struct crew *crew)
{
    bool all = true;
    int error;

    for (size_t i = 1; i < crew->count && all; i++) {
        all = thread_start(&crew->threads[i], run, crew->workers[i]);
        crew->running += all;
    }
    if (!all) {
        error = errno;
        crew_stop(crew);
        errno = error;
    }
    return all;
}

struct order {
    struct message message;
    struct worker *worker;
};

static void order_to_stop(struct message *message)
{
    struct order *order = (struct order *)((char *)message - offsetof(struct order, message));

    worker_stop(order->worker);
    free(order);
}

void crew_stop(struct crew *crew)
{
    for (size_t i = 1; i <= crew->running; i++) {
        struct order *order = xmalloc(sizeof(*order));

        *order = (struct order){.message.run = order_to_stop, .worker = crew->workers[i]};
        inbox_post(&crew->workers[i]->inbox, &order->message);
    }
    while (crew->running > 0) {
        pthread_join(crew->threads[crew->running--], NULL);
    }
}

struct worker *crew_choose(struct crew *crew)
{
    crew->last = (crew->last + 1) % crew->count;
    return crew->workers[crew->last];
}

size_t crew_link_count(const struct crew *crew)
{
    size_t links = atomic_load_explicit(&crew->arriving, memory_order_relaxed);

    for (size_t i = 0; i < crew->count; i++) {
        links += atomic_load_explicit(&crew->workers[i]->link_count, memory_order_relaxed);
    }
    return links;
}
