/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Metrics, as Prometheus reads them. The table below is what is told, and what the manual says about it; the numbers come from the workers'
 * monitors, and from a look at the links that are open.
 */
#ifndef HANGUP_CONTROL_METRICS_H
#define HANGUP_CONTROL_METRICS_H

#include <stdint.h>

#include "control/monitor.h"

struct call;

/* X(name in C, name, type, labels, help) */
#define METRICS(X) \
    X(LINKS, "hangup_links_total", "counter", "relay", "connections that were accepted") \
    X(OPEN, "hangup_links_open", "gauge", "relay", "connections that are open") \
    X(ENDED, "hangup_links_ended_total", "counter", "ending", "connections that are over, by how they ended") \
    X(STATES, "hangup_ends", "gauge", "side, state", "sockets of ours that face that side, by their TCP state") \
    X(RECEIVED, "hangup_received_bytes_total", "counter", "relay, side", "bytes that came from that side") \
    X(DELIVERED, "hangup_delivered_bytes_total", "counter", "relay, side", "bytes that were written to that side") \
    X(FIRED, "hangup_rules_fired_total", "counter", "", "how often rules fired") \
    X(ACTIONS, "hangup_faults_started_total", "counter", "fault", "actions of rules that began, by the first word of their effect") \
    X(FINDINGS, "hangup_findings_total", "counter", "outcome", "outcomes of expectations") \
    X(CLOSE_WAIT, "hangup_close_wait", "gauge", "side", "applications that sit in CLOSE_WAIT: our FIN was acknowledged, none came") \
    X(CLOSE_WAIT_AGE, "hangup_close_wait_age_seconds", "gauge", "side", "for how long the one that sits there longest has") \
    X(DELAY, "hangup_delay_seconds", "histogram", "le", "from reading bytes to having written them, where no rule is at work") \
    X(LAG, "hangup_loop_lag_seconds", "gauge", "worker", "how long a message to that worker waited for its loop, just now") \
    X(RELAYS, "hangup_relays", "gauge", "", "relays that there are") \
    X(RULES, "hangup_rules", "gauge", "", "rules in force") \
    X(REQUESTS, "hangup_control_requests_total", "counter", "", "requests to the control side") \
    X(VISITORS, "hangup_control_connections", "gauge", "", "open connections to the control side") \
    X(LISTENERS, "hangup_control_listeners", "gauge", "", "of those, the ones that hear events as they happen") \
    X(EVENTS_LOST, "hangup_control_events_lost_total", "counter", "", \
        "events that such a one was not told: it did not keep up, or there were too many") \
    X(TOXI_RECEIVED, "toxiproxy_proxy_received_bytes_total", "counter", "direction, listener, proxy, upstream", \
        "what came, as Toxiproxy counts it; upstream: from the client") \
    X(TOXI_SENT, "toxiproxy_proxy_sent_bytes_total", "counter", "direction, listener, proxy, upstream", \
        "what went on, as Toxiproxy counts it; upstream: to the server")

enum metric {
#define X(id, name, type, labels, help) METRIC_##id,
    METRICS(X)
#undef X
    METRIC_COUNT
};

struct metric_row {
    const char *name, *type, *labels, *help;
};

extern const struct metric_row metric_rows[METRIC_COUNT];

/* The upper bounds of the delay's classes, ns; the last class has none. */
extern const uint64_t metrics_delays[MONITOR_DELAYS - 1];

void metrics_handler(struct call *call);

#endif
