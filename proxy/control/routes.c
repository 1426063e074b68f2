/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that can be asked: whoever adds a table adds its line.
 */
#include "control/routes.h"

#include "control/metrics.h"
#include "control/toxiproxy/api.h"
#include "control/wait.h"
#include "control/watchers.h"

const struct route routes_watch[] = {
    {"GET", "/v1/wait", waits_handler,
        "answers when links were seen (links=N), no more than N are open (open=N), a rule has fired (rule=NAME, times=N), a finding is "
        "there (finding=failed, passed, never_reached or any), or nothing was "
        "said for a while (idle=TIME); or when timeout=TIME is over (30s). 404 if the rule, or the relay whose links are counted, is taken "
        "away meanwhile",
        .query = "links open rule finding idle times relay link timeout", .status = 200},
    {"GET", "/v1/events", watchers_events,
        "tells what happens, as server-sent events: lines of the trace; an event `lost` says how many were left out here: who listens did "
        "not keep up, or there were too many",
        .query = "relay link", .status = 200},
    {"GET", "/metrics", metrics_handler, "tells counts, as Prometheus reads them", .status = 200},
    {.method = NULL},
};

const struct route *const route_tables[] = {
    routes_run, routes_relays, routes_rules, routes_links, routes_watch, routes_toxiproxy, routes_toxics, NULL};
