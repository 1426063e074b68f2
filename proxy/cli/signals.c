/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unix signals: which are listened for, and by what names the rules hear of them.
 */
#include "cli/signals.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/engine.h"
#include "relay/worker.h"

int signals_number(const char *name)
{
    if (strncasecmp(name, "SIG", 3) == 0) {
        name += 3;
    }
    for (int number = 1; number < NSIG; number++) {
        const char *known = sigabbrev_np(number);

        if (known != NULL && strcasecmp(known, name) == 0) {
            return number;
        }
    }
    return 0;
}

/* Those that no program gets, that we live on ourselves, and that say our own code is broken. */
bool signals_may_be_mapped(int number)
{
    static const int ours[] = {SIGKILL, SIGSTOP, SIGCHLD, SIGPIPE, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        if (number == ours[i]) {
            return false;
        }
    }
    return true;
}

bool signals_pass_on(const struct signals *signals, struct engine *engine, int number)
{
    char name[32];
    bool mapped = false;

    for (size_t i = 0; i < signals->name_count; i++) {
        if (signals->names[i].number == number) {
            engine_signal(engine, signals->names[i].name);
            mapped = true;
        }
    }
    engine_signal(engine, sigabbrev_np(number));
    snprintf(name, sizeof(name), "SIG%s", sigabbrev_np(number));
    engine_signal(engine, name);
    return mapped;
}

static void on_signal(evutil_socket_t number, short what, void *argument)
{
    struct signals *signals = argument;

    (void)what;
    signals->came(signals, (int)number);
}

void signals_listen(struct signals *signals, int number)
{
    if (number > 0 && number < NSIG && signals->events[number] == NULL) {
        signals->events[number] = evsignal_new(signals->worker->base, number, on_signal, signals);
        if (signals->events[number] == NULL || event_add(signals->events[number], NULL) < 0) {
            abort();
        }
    }
}

static bool is_mapped(const struct signals *signals, const char *name)
{
    for (size_t i = 0; i < signals->name_count; i++) {
        if (strcasecmp(signals->names[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void listen_for_name(struct signals *signals, const struct rule *rule, const char *name)
{
    int number = signals_number(name);

    if (is_mapped(signals, name)) {
        return;
    }
    if (number == 0 || !signals_may_be_mapped(number)) {
        fprintf(stderr,
            "%s:%u:%u: warning: nothing can give the signal `%s`: map a Unix signal to it, --signal %s=USR1, or name one (usr1)\n",
            rule->place.file, rule->place.line, rule->place.column, name, name);
    } else {
        signals_listen(signals, number);
    }
}

static void listen_for_event(struct signals *signals, const struct rule *rule, const struct event *event)
{
    if (event != NULL && event->deed.row->id == DEED_SIGNAL) {
        listen_for_name(signals, rule, event->deed.values[0].name);
    }
}

static void listen_for_rule(struct signals *signals, const struct rule *rule)
{
    if (rule->window.present && rule->window.from.signal != NULL) {
        listen_for_name(signals, rule, rule->window.from.signal);
    }
    if (rule->window.present && rule->window.has_end && rule->window.to.signal != NULL) {
        listen_for_name(signals, rule, rule->window.to.signal);
    }
    listen_for_event(signals, rule, rule->event);
    for (size_t i = 0; i < rule->step_count; i++) {
        if (rule->steps[i].kind == STEP_ACTION) {
            listen_for_event(signals, rule, rule->steps[i].action.until);
        }
    }
}

void signals_listen_for_rules(struct signals *signals, const struct ruleset *rules)
{
    for (size_t i = 0; i < signals->name_count; i++) {
        signals_listen(signals, signals->names[i].number);
    }
    for (size_t i = 0; i < rules->rule_count; i++) {
        listen_for_rule(signals, &rules->rules[i]);
    }
}

void signals_release(struct signals *signals)
{
    for (int number = 0; number < NSIG; number++) {
        if (signals->events[number] != NULL) {
            event_free(signals->events[number]);
        }
    }
}
