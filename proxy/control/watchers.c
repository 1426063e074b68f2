/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who listens to events, and the pokes that keep all watchers awake. Waiting for a condition is wait.c's.
 */
#include "control/watchers.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/answer.h"
#include "control/call.h"
#include "control/control.h"
#include "control/wait.h"
#include "rules/memory.h"

#define BREATH 10 /* s between two signs of life to a listener who hears nothing else */

struct listener {
    struct listener *next;
    struct call *call;
    uint64_t relay; /* monitor_relay(), 0: of any */
    uint64_t link;  /* 0: any */
    uint64_t lost;  /* so many events were left out for it, and it was not told yet */
};

struct eye {
    struct message poke; /* first */
    struct watchers *watchers;
    struct monitor *monitor;
};

struct watchers {
    struct control *control;
    struct eye **eyes;
    size_t eye_count;
    struct listener *listeners;
    uint64_t lost; /* events, so far: the sum over all listeners */
    struct event *breath;
};

/* ---- events ---- */

static void lose(struct watchers *watchers, struct listener *listener, uint64_t events)
{
    listener->lost += events;
    watchers->lost += events;
}

/* As soon as it reads again; the last time, anyway. */
static void tell_lost(struct listener *listener, bool last)
{
    char text[96];

    snprintf(text, sizeof(text), "event: lost\ndata: {\"lost\":%" PRIu64 "}\n\n", listener->lost);
    if (listener->lost > 0 && last) {
        call_stream_last(listener->call, text, strlen(text));
    } else if (listener->lost > 0 && call_stream(listener->call, text, strlen(text))) {
        listener->lost = 0;
    }
}

static void hand_on(struct watchers *watchers, const struct monitor_event *event)
{
    char head[] = "data: ";

    for (struct listener *listener = watchers->listeners; listener != NULL; listener = listener->next) {
        if ((listener->relay == 0 || listener->relay == event->relay) && (listener->link == 0 || listener->link == event->link)) {
            struct call *call = listener->call;
            char *text = xmalloc(sizeof(head) + event->length + 2);

            memcpy(text, head, sizeof(head) - 1);
            memcpy(text + sizeof(head) - 1, event->line, event->length);
            memcpy(text + sizeof(head) - 1 + event->length, "\n\n", 2);
            tell_lost(listener, false);
            if (!call_stream(call, text, sizeof(head) - 1 + event->length + 2)) {
                lose(watchers, listener, 1);
            }
            free(text);
        }
    }
}

/* What a monitor had no room for is lost to all. */
static void take_events(struct eye *eye)
{
    uint64_t lost = monitor_take(eye->monitor, hand_on, eye->watchers);

    for (struct listener *listener = eye->watchers->listeners; lost > 0 && listener != NULL; listener = listener->next) {
        lose(eye->watchers, listener, lost);
        tell_lost(listener, false);
    }
}

static void on_breath(evutil_socket_t fd, short what, void *argument)
{
    static const char still_here[] = ": still here\n\n";

    (void)fd;
    (void)what;
    for (struct listener *listener = ((struct watchers *)argument)->listeners; listener != NULL; listener = listener->next) {
        tell_lost(listener, false);
        (void)call_stream(listener->call, still_here, sizeof(still_here) - 1);
    }
}

static void listener_gone(struct call *call)
{
    struct watchers *watchers = control_watchers(call->control);
    struct listener **place = &watchers->listeners, *listener;

    while ((*place)->call != call) {
        place = &(*place)->next;
    }
    listener = *place;
    *place = listener->next;
    free(listener);
    watchers_want(watchers);
    call_stream_end(call);
}

void watchers_events(struct call *call)
{
    struct watchers *watchers = control_watchers(call->control);
    const char *relay = call_query(call, "relay");
    struct listener *listener;
    uint64_t link = 0;

    if (!call_query_number(call, "link", UINT64_MAX, &link) || !answer_relay_is_there(call, relay)) {
        return;
    }
    if (link != 0 && relay == NULL) {
        call_error(call, 400, "`link` is a number among those of a `relay`");
        return;
    }
    listener = xmalloc(sizeof(*listener));
    *listener = (struct listener){
        .next = watchers->listeners, .call = call, .relay = relay != NULL ? monitor_relay(relay) : 0, .link = link};
    watchers->listeners = listener;
    call_watch(call, listener_gone);
    call_stream_begin(call, "text/event-stream");
    (void)call_stream(call, ": events as they happen\n\n", strlen(": events as they happen\n\n"));
    watchers_want(watchers);
}

size_t watchers_listening(const struct watchers *watchers)
{
    size_t count = 0;

    for (const struct listener *listener = watchers->listeners; listener != NULL; listener = listener->next) {
        count++;
    }
    return count;
}

uint64_t watchers_lost(const struct watchers *watchers)
{
    return watchers->lost;
}

/* ---- pokes ---- */

void watchers_want(struct watchers *watchers)
{
    uint64_t kinds = waits_want(control_waits(watchers->control));

    for (size_t i = 0; i < watchers->eye_count; i++) {
        monitor_want(watchers->eyes[i]->monitor, kinds, watchers->listeners != NULL);
    }
}

static void poked(struct message *message)
{
    struct eye *eye = (struct eye *)(void *)message;

    monitor_poked(eye->monitor); /* what happens from now on pokes again */
    take_events(eye);
    waits_look(control_waits(eye->watchers->control));
}

void watchers_look_through(struct watchers *watchers, struct monitor *monitor)
{
    struct eye *eye = xmalloc(sizeof(*eye));

    *eye = (struct eye){.poke.run = poked, .watchers = watchers, .monitor = monitor};
    watchers->eyes = xrealloc(watchers->eyes, (watchers->eye_count + 1) * sizeof(struct eye *));
    watchers->eyes[watchers->eye_count++] = eye;
    monitor_report_to(monitor, control_inbox(watchers->control), &eye->poke);
}

/* ---- the whole ---- */

struct watchers *watchers_new(struct control *control)
{
    const struct timeval breath = {.tv_sec = BREATH};
    struct watchers *watchers = xmalloc(sizeof(*watchers));

    *watchers = (struct watchers){.control = control, .breath = NULL};
    watchers->breath = event_new(control_base(control), -1, EV_PERSIST, on_breath, watchers);
    if (watchers->breath == NULL || event_add(watchers->breath, &breath) < 0) {
        abort();
    }
    return watchers;
}

void watchers_end(struct watchers *watchers)
{
    while (watchers->listeners != NULL) {
        tell_lost(watchers->listeners, true);
        listener_gone(watchers->listeners->call);
    }
    for (size_t i = 0; i < watchers->eye_count; i++) {
        monitor_report_to(watchers->eyes[i]->monitor, NULL, NULL);
    }
}

void watchers_free(struct watchers *watchers)
{
    if (watchers == NULL) {
        return;
    }
    for (size_t i = 0; i < watchers->eye_count; i++) {
        free(watchers->eyes[i]);
    }
    free(watchers->eyes);
    event_free(watchers->breath);
    free(watchers);
}
