/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notices as parcels, all of a turn in one message. A parcel holds what its notice points to until it was told: the relay and the rule set.
 */
#include "relay/courier.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "relay/inbox.h"
#include "relay/relay.h"
#include "relay/sighting.h"
#include "rules/memory.h"

struct parcel {
    struct parcel *next;
    struct notice notice;
    struct sockaddr_storage client;
    struct sighting sighting;
    char text[];
};

/* What a turn has brought. */
struct delivery {
    struct message message;
    const struct observers *listeners;
    struct parcel *first;
};

struct courier {
    struct observer observer;
    struct inbox *home;
    const struct observers *listeners;
    struct parcel *first, **last; /* of this turn */
};

static struct parcel *parcel_new(const struct notice *notice)
{
    size_t length = notice->text != NULL ? strlen(notice->text) + 1 : 0;
    struct parcel *parcel = xmalloc(sizeof(*parcel) + length);

    parcel->next = NULL;
    parcel->notice = *notice;
    parcel->notice.link = NULL;
    if (notice->text != NULL) {
        memcpy(parcel->text, notice->text, length);
        parcel->notice.text = parcel->text;
    }
    if (notice->client != NULL) {
        parcel->client = *notice->client;
        parcel->notice.client = &parcel->client;
    }
    if (notice->sighting != NULL) {
        parcel->sighting = *notice->sighting;
        parcel->notice.sighting = &parcel->sighting;
    }
    if (notice->relay != NULL) {
        relay_begin_work(notice->relay);
    }
    if (notice->rule != NULL) {
        ruleset_ref(notice->rule->set);
    }
    return parcel;
}

static void parcel_free(struct parcel *parcel)
{
    if (parcel->notice.relay != NULL) {
        relay_end_work(parcel->notice.relay);
    }
    if (parcel->notice.rule != NULL) {
        ruleset_unref(parcel->notice.rule->set);
    }
    free(parcel);
}

static void delivery_run(struct message *message)
{
    struct delivery *delivery = (struct delivery *)((char *)message - offsetof(struct delivery, message));
    struct parcel *next;

    for (struct parcel *parcel = delivery->first; parcel != NULL; parcel = next) {
        next = parcel->next;
        observers_tell(delivery->listeners, &parcel->notice);
        parcel_free(parcel);
    }
    free(delivery);
}

static void courier_tell(struct observer *observer, const struct notice *notice)
{
    struct courier *courier = (struct courier *)((char *)observer - offsetof(struct courier, observer));

    if (observers_want(courier->listeners, notice->kind)) {
        *courier->last = parcel_new(notice);
        courier->last = &(*courier->last)->next;
    }
}

struct courier *courier_new(struct inbox *home, const struct observers *listeners)
{
    struct courier *courier = xmalloc(sizeof(*courier));

    *courier = (struct courier){
        .observer = {.tell = courier_tell, .ignores = NOTICE_BIT(NOTICE_RECEIVED) | NOTICE_BIT(NOTICE_DELIVERED)},
        .home = home,
        .listeners = listeners,
    };
    courier->last = &courier->first;
    return courier;
}

void courier_free(struct courier *courier)
{
    if (courier != NULL) {
        courier_send(courier);
        free(courier);
    }
}

struct observer *courier_observer(struct courier *courier)
{
    return &courier->observer;
}

void courier_send(struct courier *courier)
{
    struct delivery *delivery;

    if (courier->first == NULL) {
        return;
    }
    delivery = xmalloc(sizeof(*delivery));
    *delivery = (struct delivery){.message.run = delivery_run, .listeners = courier->listeners, .first = courier->first};
    courier->first = NULL;
    courier->last = &courier->first;
    inbox_post(courier->home, &delivery->message);
}
