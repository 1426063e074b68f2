/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Engines and couriers for all workers but the first.
 */
#include "cli/mates.h"

#include <stdlib.h>
#include <string.h>

#include "control/control.h"
#include "control/monitor.h"
#include "engine/engine.h"
#include "judge/judge.h"
#include "relay/courier.h"
#include "relay/link.h"
#include "relay/lookout.h"
#include "relay/worker.h"
#include "rules/memory.h"
#include "trace/writer.h"

/* As on the first worker: what happens is recorded and judged before rules act on it. */
static void add_mate(struct mates *mates, const struct mates_options *options, size_t i)
{
    const struct worker *first = mates->crew->workers[0];
    struct worker *worker = mates->crew->workers[i];

    worker->splicing = first->splicing;
    worker->sleeper.busy_wait = first->sleeper.busy_wait;
    if (options->trace != NULL) {
        worker_observe(worker, trace_writer_observer(options->trace));
    }
    worker_observe(worker, judge_tally_observer(options->judge));
    mates->couriers[i] = worker->courier = courier_new(&mates->crew->workers[0]->inbox, &mates->listeners);
    worker_observe(worker, courier_observer(worker->courier));
    if (options->monitored) {
        mates->monitors[i] = monitor_new(worker->started_at);
        worker_observe(worker, monitor_observer(mates->monitors[i]));
    }
    if (options->lookout != NULL) {
        lookout_attach(options->lookout, worker);
    }
    mates->engines[i] = engine_new(worker, options->engine->commons, options->engine->seed, options->engine->kind_of);
    mates->engines[i]->peers = &mates->peers;
}

void mates_init(struct mates *mates, const struct mates_options *options)
{
    size_t count = options->crew->count;

    *mates = (struct mates){.crew = options->crew, .engines = xmalloc(count * sizeof(struct engine *)),
        .couriers = xmalloc(count * sizeof(struct courier *)), .monitors = xmalloc(count * sizeof(struct monitor *))};
    mates->engines[0] = options->engine;
    memset(mates->couriers, 0, count * sizeof(struct courier *));
    memset(mates->monitors, 0, count * sizeof(struct monitor *));
    mates->peers = (struct peers){.engines = mates->engines, .count = count};
    if (count == 1) {
        return;
    }
    options->engine->peers = &mates->peers;
    observers_add(&mates->listeners, judge_observer(options->judge));
    observers_add(&mates->listeners, options->announcer);
    for (size_t i = 1; i < count; i++) {
        add_mate(mates, options, i);
    }
}

void mates_join(const struct mates *mates, struct control *control)
{
    for (size_t i = 1; i < mates->crew->count; i++) {
        control_add(control, mates->crew->workers[i], mates->engines[i], NULL, mates->monitors[i]);
    }
}

bool mates_start(struct mates *mates, const struct ruleset *rules)
{
    for (size_t i = 1; i < mates->crew->count; i++) {
        engine_start(mates->engines[i], rules);
    }
    return crew_start(mates->crew);
}

/* Until nobody has anything left to say to another. */
static void read_mail(struct crew *crew)
{
    bool some = true;

    while (some) {
        some = false;
        for (size_t i = 0; i < crew->count; i++) {
            some = some || !inbox_is_empty(&crew->workers[i]->inbox);
            inbox_run(&crew->workers[i]->inbox);
            worker_end_turn(crew->workers[i]);
        }
    }
}

void mates_stop(struct mates *mates)
{
    if (mates->crew != NULL && mates->crew->count > 1) {
        crew_stop(mates->crew);
        read_mail(mates->crew);
    }
}

void mates_drop_links(struct mates *mates)
{
    for (size_t i = 0; i < mates->crew->count; i++) {
        while (mates->crew->workers[i]->links != NULL) {
            link_drop(mates->crew->workers[i]->links);
        }
        worker_end_turn(mates->crew->workers[i]);
    }
    read_mail(mates->crew);
}

void mates_release(struct mates *mates)
{
    if (mates->crew == NULL) {
        return;
    }
    observers_clear(&mates->listeners);
    for (size_t i = 1; i < mates->crew->count; i++) {
        observers_clear(&mates->crew->workers[i]->observers);
        mates->crew->workers[i]->courier = NULL;
        courier_free(mates->couriers[i]);
        engine_free(mates->engines[i]);
        monitor_free(mates->monitors[i]);
    }
    free(mates->engines);
    free(mates->couriers);
    free(mates->monitors);
}
