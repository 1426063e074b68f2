/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One message a peer.
 */
#include "engine/peers.h"

#include <stdlib.h>

#include "engine/engine.h"
#include "relay/inbox.h"
#include "relay/relay.h"
#include "rules/memory.h"

struct news {
    struct message message;
    struct engine *engine; /* who is told */
    struct sockaddr_storage client;
    const struct relay *relay; /* held until it was told; NULL: it is a signal */
    char *signal;              /* or NULL */
};

static void news_run(struct message *message)
{
    struct news *news = (struct news *)((char *)message - offsetof(struct news, message));

    if (news->relay != NULL) {
        engine_client_came(news->engine, &news->client, news->relay, NULL);
        relay_let_go(news->relay);
    } else {
        engine_take_signal(news->engine, news->signal);
    }
    free(news->signal);
    free(news);
}

static void post(const struct engine *from, const struct news *news)
{
    for (size_t i = 0; from->peers != NULL && i < from->peers->count; i++) {
        struct engine *engine = from->peers->engines[i];
        struct news *copy;

        if (engine == from) {
            continue;
        }
        copy = xmalloc(sizeof(*copy));
        *copy = *news;
        copy->message.run = news_run;
        copy->engine = engine;
        copy->signal = news->signal != NULL ? xstrdup(news->signal) : NULL;
        if (copy->relay != NULL) {
            relay_hold(copy->relay);
        }
        inbox_post(&engine->worker->inbox, &copy->message);
    }
}

void peers_tell_client(const struct engine *engine, const struct link *opened)
{
    post(engine, &(struct news){.client = opened->client, .relay = opened->relay});
}

void peers_tell_signal(const struct engine *engine, const char *name)
{
    post(engine, &(struct news){.signal = (char *)(uintptr_t)name});
}
