/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The thread of the control side, and what belongs to it.
 */
#include "control/control.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/desk.h"
#include "control/door.h"
#include "control/monitor.h"
#include "control/toxiproxy/task.h"
#include "control/wait.h"
#include "control/watchers.h"
#include "kernel/thread.h"
#include "relay/crew.h"
#include "relay/worker.h"
#include "rules/memory.h"

#define STATIONS_MOST CREW_MOST

struct control {
    struct control_options options;
    struct event_base *base;
    struct inbox inbox;
    struct event *mail;
    struct door *door;
    struct desk desk;
    struct watchers *watchers;
    struct waits *waits;
    struct toxiproxy *toxiproxy;
    struct station stations[STATIONS_MOST];
    size_t station_count;
    pthread_t thread;
    bool started, over;
};

/* ---- who it is for ---- */

const struct control_options *control_options(const struct control *control)
{
    return &control->options;
}

struct event_base *control_base(const struct control *control)
{
    return control->base;
}

struct inbox *control_inbox(struct control *control)
{
    return &control->inbox;
}

struct desk *control_desk(struct control *control)
{
    return &control->desk;
}

struct door *control_door(struct control *control)
{
    return control->door;
}

struct watchers *control_watchers(struct control *control)
{
    return control->watchers;
}

struct waits *control_waits(struct control *control)
{
    return control->waits;
}

struct toxiproxy *control_toxiproxy(const struct control *control)
{
    return control->toxiproxy;
}

bool control_is_over(const struct control *control)
{
    return control->over;
}

struct station *control_station(struct control *control, size_t number)
{
    return number < control->station_count ? &control->stations[number] : NULL;
}

uint64_t control_now(const struct control *control)
{
    return clock_monotonic.now(&clock_monotonic) - control->options.start;
}

/* ---- the thread ---- */

static void on_mail(evutil_socket_t fd, short what, void *argument)
{
    (void)fd;
    (void)what;
    inbox_run(&((struct control *)argument)->inbox);
}

static void *turn(void *argument)
{
    struct control *control = argument;

    event_base_dispatch(control->base);
    return NULL;
}

bool control_start(struct control *control)
{
    control->started = door_start(control->door) && thread_start(&control->thread, turn, control);
    return control->started;
}

struct halt {
    struct message message; /* first */
    struct event_base *base;
};

static void halt(struct message *message)
{
    event_base_loopbreak(((struct halt *)(void *)message)->base);
}

/* Errands that are under way: the workers stand still, and all is this thread's now. */
static void bring_home(struct control *control)
{
    bool under_way = true;

    while (under_way) {
        under_way = !inbox_is_empty(&control->inbox);
        inbox_run(&control->inbox);
        for (size_t i = 0; i < control->station_count; i++) {
            under_way = under_way || !inbox_is_empty(control->stations[i].inbox);
            inbox_run(control->stations[i].inbox);
        }
    }
}

void control_stop(struct control *control)
{
    struct halt message = {.message.run = halt};

    if (control == NULL || !control->started) {
        return;
    }
    message.base = control->base;
    inbox_post(&control->inbox, &message.message);
    pthread_join(control->thread, NULL);
    control->started = false;
    control->over = true;
    bring_home(control);
}

/* ---- reload ---- */

struct reload {
    struct message message; /* first */
    struct control *control;
};

static void reloaded(struct change *change)
{
    if (change->diag != NULL) {
        diag_print(change->diag, stderr, isatty(STDERR_FILENO));
    }
    if (change->outcome == CHANGE_MADE) {
        fputs("hangup: reloaded\n", stderr);
    } else {
        fprintf(stderr, "hangup: not reloaded, all is as it was%s%s\n", change->problem != NULL ? ": " : "",
            change->problem != NULL ? change->problem : "");
    }
}

static void reload(struct message *message)
{
    struct reload *wanted = (struct reload *)(void *)message;
    struct change *change = change_new(wanted->control, reloaded, NULL);

    change_reload(change);
    change_submit(change);
    free(wanted);
}

void control_reload(struct control *control)
{
    struct reload *wanted = xmalloc(sizeof(*wanted));

    *wanted = (struct reload){.message.run = reload, .control = control};
    inbox_post(&control->inbox, &wanted->message);
}

/* ---- the whole ---- */

static struct event_base *base_new(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base = NULL;

    if (config != NULL) {
        event_config_require_features(config, EV_FEATURE_EARLY_CLOSE);
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
        base = event_base_new_with_config(config);
        event_config_free(config);
    }
    return base;
}

struct control *control_open(const struct control_options *options, char *error, size_t size)
{
    struct control *control = xmalloc(sizeof(*control));

    *control = (struct control){.options = *options, .inbox.fd = -1};
    control->door = door_open(control, options->address, error, size);
    if (control->door == NULL) {
        free(control);
        return NULL;
    }
    control->base = base_new();
    if (control->base != NULL && inbox_open(&control->inbox)) {
        control->mail = event_new(control->base, control->inbox.fd, EV_READ | EV_PERSIST, on_mail, control);
    }
    if (control->mail == NULL || event_add(control->mail, NULL) < 0) {
        snprintf(error, size, "the control side has no event loop");
        control_free(control);
        return NULL;
    }
    desk_open(&control->desk, control, options->rules);
    control->waits = waits_new(control);
    control->watchers = watchers_new(control);
    control->toxiproxy = toxiproxy_new(control);
    return control;
}

const char *control_address(const struct control *control)
{
    return door_address(control->door);
}

bool control_is_private(const struct control *control)
{
    return door_is_private(control->door);
}

size_t control_descriptors(const struct control *control)
{
    return door_descriptors(control->door);
}

/* The relays that are open, each with the port that it has. */
static void note_relays(struct control *control, const struct worker *worker)
{
    for (const struct relay *relay = worker->relays; relay != NULL; relay = relay->next) {
        struct part *part;
        struct part_relay *known = part_list_relay(&control->desk.list, relay->spec->name, &part);

        known->open = true;
        snprintf(known->text, sizeof(known->text), "%s", relay->text);
    }
}

void control_add(struct control *control, struct worker *worker, struct engine *engine, struct judge *judge, struct monitor *monitor)
{
    struct station *station = &control->stations[control->station_count];

    *station = (struct station){.inbox = &worker->inbox, .worker = worker, .engine = engine, .judge = judge, .monitor = monitor,
        .number = (unsigned)control->station_count};
    control->station_count++;
    watchers_look_through(control->watchers, monitor);
    note_relays(control, worker);
}

void control_free(struct control *control)
{
    if (control == NULL) {
        return;
    }
    toxiproxy_free(control->toxiproxy);
    control->toxiproxy = NULL;
    if (control->watchers != NULL) {
        waits_end(control->waits);
        watchers_end(control->watchers);
    }
    door_close(control->door); /* leases end, and what they change is sent home */
    if (control->mail != NULL) {
        event_free(control->mail);
    }
    inbox_close(&control->inbox);
    watchers_free(control->watchers);
    waits_free(control->waits);
    if (control->base != NULL) {
        event_base_free(control->base);
    }
    desk_close(&control->desk);
    free(control);
}
