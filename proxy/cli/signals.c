/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unix signals: which are listened for, and by what names the rules hear of them.
 */
#include "cli/signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/signalfd.h>
#include <unistd.h>

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

static void signals_ready(struct polled *polled, unsigned says)
{
    struct signals *signals = (struct signals *)((char *)polled - offsetof(struct signals, polled));
    struct signalfd_siginfo info;

    (void)says;
    while (read(signals->fd, &info, sizeof(info)) == sizeof(info)) {
        signals->came(signals, (int)info.ssi_signo);
    }
}

bool signals_init(struct signals *signals)
{
    signals->polled.ready = signals_ready;
    sigemptyset(&signals->set);
    pthread_sigmask(SIG_SETMASK, NULL, &signals->before);
    signals->fd = signalfd(-1, &signals->set, SFD_NONBLOCK | SFD_CLOEXEC);
    return signals->fd >= 0 && poller_add_level(signals->worker->poller, signals->fd, &signals->polled) == 0;
}

void signals_listen(struct signals *signals, int number)
{
    if (number > 0 && number < NSIG && sigismember(&signals->set, number) == 0) {
        sigaddset(&signals->set, number);
        pthread_sigmask(SIG_BLOCK, &signals->set, NULL);
        signalfd(signals->fd, &signals->set, 0);
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
    if ((number == 0 || !signals_may_be_mapped(number)) && signals->given_elsewhere) {
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

void signals_listen_for_rule(struct signals *signals, const struct rule *rule)
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
        signals_listen_for_rule(signals, &rules->rules[i]);
    }
}

void signals_release(struct signals *signals)
{
    struct signalfd_siginfo late;

    if (signals->worker != NULL) {
        while (read(signals->fd, &late, sizeof(late)) == sizeof(late)) { /* came behind the end: it is no reason to die of any more */
        }
        poller_remove(signals->worker->poller, signals->fd, &signals->polled);
        close(signals->fd);
        pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
        signals->worker = NULL;
    }
}
