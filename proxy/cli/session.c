/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A run from rule files to verdict: puts the parts together in the order that they need, ends COMMAND, and gives the verdict.
 */
#include "cli/session.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/announcer.h"
#include "cli/child.h"
#include "cli/command.h"
#include "cli/mates.h"
#include "cli/signals.h"
#include "cli/vocabulary.h"
#include "control/control.h"
#include "control/monitor.h"
#include "control/toxiproxy/api.h"
#include "engine/engine.h"
#include "faults/table.h"
#include "judge/interest.h"
#include "judge/verdict.h"
#include "kernel/privilege.h"
#include "relay/callers.h"
#include "relay/layer.h"
#include "relay/lookout.h"
#include "relay/relay.h"
#include "relay/worker.h"
#include "rules/memory.h"
#include "tls/tls.h"
#include "trace/writer.h"

/* COMMAND has this long to end by itself after it was asked to. */
#define KILL_AFTER (2 * NS_PER_S)

/* Between two looks at what has ended below COMMAND. */
#define CENSUS (200 * NS_PER_MS)

/* What is already on its way when COMMAND has ended (its own FINs) is waited for this long. */
#define LAST_LOOK (10 * NS_PER_MS)

struct session {
    const struct session_options *options;
    struct means means;
    struct rules_input input; /* the options', and what is allowed here */
    struct ruleset *rules;
    struct monitor *monitor;
    struct control *control; /* NULL: there is none */
    struct crew *crew;
    struct worker *worker; /* the first of the crew; the one whose thread this is */
    struct mates mates;    /* for the others */
    struct commons commons;
    struct tls *tls;
    struct layer_kit **kits; /* by relay of the rules, until it has it; or NULL */
    struct engine *engine;
    struct lookout *lookout; /* NULL: nobody is interested in the applications' own sockets */
    struct callers *callers; /* NULL: clients do not wait for their servers' answers, or their SYNs are held */
    struct judge *judge;
    struct trace_writer *trace;
    struct announcer announcer;
    struct child child;
    struct signals signals;
    struct timer census; /* looks who below COMMAND has ended, so that it is not taken for the cause of a later ending */
    struct timer limit; /* --time-limit, and then the patience with COMMAND */
    struct rlimit files; /* the limit of descriptors as it was given to us */
    bool asked_to_end;  /* COMMAND was sent a signal that ends it */
    uint64_t kill_at;   /* ns: when the time limit's patience ends */
    bool out_of_time;   /* it was the time limit that ended COMMAND */
    bool cannot_run;
};

/* ---- signals ---- */

static bool ends_us(int number)
{
    return number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT;
}

static void end_command(struct session *session, int number)
{
    child_signal(&session->child, number);
    session->asked_to_end = true;
    timer_set(&session->worker->timers, &session->limit, timers_now(&session->worker->timers) + KILL_AFTER);
}

static void end_run(struct session *session, int number)
{
    if (session->child.pid > 0) {
        end_command(session, number);
    } else {
        worker_stop(session->worker);
    }
}

static void signal_came(struct signals *signals, int number)
{
    struct session *session = (struct session *)((char *)signals - offsetof(struct session, signals));

    if (number == SIGCHLD) {
        if (child_is_over(&session->child)) {
            worker_stop(session->worker);
        }
        return;
    }
    if (signals_pass_on(signals, session->engine, number) || !ends_us(number)) {
        return;
    }
    if (number == SIGHUP && session->control != NULL) {
        control_reload(session->control);
    } else {
        end_run(session, number);
    }
}

static bool listen_for_signals(struct session *session)
{
    static const int always[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD};

    signal(SIGPIPE, SIG_IGN);
    session->signals = (struct signals){.given_elsewhere = session->control != NULL, .worker = session->worker,
        .names = session->options->signals,
        .name_count = session->options->signal_count, .came = signal_came};
    if (!signals_init(&session->signals)) {
        fprintf(stderr, "hangup: no signals: %s\n", strerror(errno));
        return false;
    }
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        signals_listen(&session->signals, always[i]);
    }
    signals_listen_for_rules(&session->signals, session->rules);
    return true;
}

/* ---- time limit ---- */

static void limit_is_reached(struct timer *timer)
{
    struct session *session = (struct session *)((char *)timer - offsetof(struct session, limit));

    if (session->child.pid <= 0) {
        worker_stop(session->worker);
    } else if (session->asked_to_end) {
        child_signal(&session->child, SIGKILL);
    } else {
        fprintf(stderr, "hangup: the time limit is reached: ending %s\n", session->options->command[0]);
        session->out_of_time = true;
        session->kill_at = timers_now(&session->worker->timers) + KILL_AFTER;
        end_command(session, SIGTERM);
    }
}

static void take_census(struct timer *timer)
{
    struct session *session = (struct session *)((char *)timer - offsetof(struct session, census));

    child_look_around(&session->child);
    timer_set(&session->worker->timers, timer, timers_now(&session->worker->timers) + CENSUS);
}

/* ---- putting it together ---- */

/* Held SYNs cost time: without being asked for they are only held where a rule needs it. */
static void hold_where_needed(struct session *session)
{
    struct means late = session->means;
    struct rules_input input = session->input;
    struct diag *diag = diag_new();
    struct ruleset *rules;

    late.allowed[NEED_HELD_SYN] = false;
    late.reason[NEED_HELD_SYN] = "no rule has asked for it at the start (--connect held)";
    late.remedy[0] = '\0';
    input.means = &late;
    rules = rules_compile(&input, &vocabulary, diag);
    if (rules != NULL) {
        session->means = late;
    }
    ruleset_unref(rules);
    diag_free(diag);
}

static struct ruleset *compile(struct session *session)
{
    static const struct rules_known nothing = {.relays = NULL};
    struct diag *diag = diag_new();
    struct ruleset *rules;

    session->input = session->options->input;
    session->input.means = &session->means;
    if (session->options->control != NULL) {
        session->input.known = &nothing; /* relays may come later */
    }
    if (session->options->connect == CONNECT_AS_NEEDED && session->means.allowed[NEED_HELD_SYN]) {
        hold_where_needed(session);
    }
    rules = rules_compile(&session->input, &vocabulary, diag);

    diag_print(diag, stderr, isatty(STDERR_FILENO));
    diag_free(diag);
    return rules;
}

/* Why a rule cannot have held SYNs that this machine would allow; NULL: it can. */
static const char *held_is_unwanted(const struct session_options *options)
{
    switch (options->connect) {
    case CONNECT_LATE: return "--connect late does without";
    case CONNECT_MET: return "--connect met does without";
    case CONNECT_AS_NEEDED: return options->workers > 1 ? "several --workers do without (--connect held)" : NULL;
    case CONNECT_HELD:
    case CONNECT_BEST: break;
    }
    return NULL;
}

/* What may be done here, and what of it the user wants. */
static bool find_means(struct session *session)
{
    struct means *means = &session->means;
    const char *unwanted = held_is_unwanted(session->options);

    *means = privilege_probe();
    if (session->options->connect == CONNECT_HELD && !means->allowed[NEED_HELD_SYN]) {
        fprintf(stderr, "hangup: --connect held needs %s, and %s%s%s\n", need_name(NEED_HELD_SYN), means->reason[NEED_HELD_SYN],
            means->remedy[0] != '\0' ? "; what would allow it: " : "", means->remedy);
        return false;
    }
    if (unwanted != NULL) {
        means->allowed[NEED_HELD_SYN] = false;
        means->reason[NEED_HELD_SYN] = unwanted;
        means->remedy[0] = '\0';
    }
    return true;
}

/* As many descriptors as we are allowed to have. */
static void raise_descriptor_limit(struct session *session)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &session->files) == 0) {
        limit = session->files;
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static uint64_t choose_seed(const struct session *session)
{
    uint64_t seed = 1;

    if (session->options->has_seed) {
        return session->options->seed;
    }
    if (session->rules->has_seed) {
        return session->rules->seed;
    }
    (void)!getrandom(&seed, sizeof(seed), 0);
    seed %= 1000000; /* short enough to be typed again */
    if (session->rules->rule_count > 0 && !session->options->quiet) {
        fprintf(stderr, "seed %" PRIu64 " (--seed %" PRIu64 " draws the same again)\n", seed, seed);
    }
    return seed;
}

/* COMMAND is told what to trust. */
static bool open_tls(struct session *session)
{
    char error[1024], *authority;
    bool any = false;

    session->tls = tls_new();
    session->kits = xmalloc((session->rules->relay_count + 1) * sizeof(*session->kits));
    memset(session->kits, 0, (session->rules->relay_count + 1) * sizeof(*session->kits));
    for (size_t i = 0; i < session->rules->relay_count; i++) {
        if (!tls_prepare(session->tls, &session->rules->relays[i], &session->kits[i], error, sizeof(error))) {
            fprintf(stderr, "hangup: %s\n", error);
            return false;
        }
        any = any || session->kits[i] != NULL;
    }
    if (!any) {
        return true;
    }
    authority = tls_authority(error, sizeof(error));
    if (authority == NULL) {
        fprintf(stderr, "hangup: %s\n", error);
        return false;
    }
    setenv("HANGUP_CA", authority, 1);
    free(authority);
    return true;
}

static void close_tls(struct session *session)
{
    for (size_t i = 0; session->kits != NULL && i < session->rules->relay_count; i++) {
        if (session->kits[i] != NULL) { /* its relay was never opened */
            session->kits[i]->free(session->kits[i]);
        }
    }
    free(session->kits);
    tls_free(session->tls);
}

/* Clients of this machine wait for their servers' answers, where they are to and their SYNs cannot be held. */
static bool start_callers(struct session *session)
{
    bool best = session->options->connect == CONNECT_BEST;

    if (session->options->connect != CONNECT_MET && !(best && !session->worker->holds_syns)) {
        return true;
    }
    session->callers = callers_can_be_seen() ? callers_start(session->worker) : NULL;
    if (session->callers == NULL && !best) {
        fprintf(stderr, "hangup: --connect met: who is in connect() on this machine cannot be asked (sock_diag): %s\n", strerror(errno));
    }
    return session->callers != NULL || best;
}

/* Nobody new begins behind this. */
static void stop_callers(struct session *session)
{
    if (session->callers != NULL) {
        callers_stop(session->callers);
        inbox_run(&session->worker->inbox);
    }
}

static bool open_trace(struct session *session)
{
    const char *path = session->options->trace;

    if (path == NULL) {
        return true;
    }
    session->trace = trace_writer_open(path, session->worker->started_at);
    if (session->trace == NULL) {
        fprintf(stderr, "hangup: the trace %s cannot be written: %s\n", path, strerror(errno));
        return false;
    }
    worker_observe(session->worker, trace_writer_observer(session->trace));
    return true;
}

static void start_lookout(struct session *session)
{
    struct interest interest = interest_of(session->rules, session->trace != NULL || session->control != NULL);

    if (!interest_is_any(&interest) && session->options->control == NULL) {
        return;
    }
    session->lookout = lookout_start(&interest);
    if (session->lookout == NULL) {
        fprintf(stderr, "hangup: warning: this machine's sockets cannot be seen (%s): CLOSE_WAIT and FIN_WAIT2 are inferred, other states "
            "remain unknown\n", strerror(errno));
    }
}

/* What it has seen is still told. */
static void stop_lookout(struct session *session)
{
    if (session->lookout != NULL) {
        lookout_stop(session->lookout);
        inbox_run(&session->worker->inbox);
    }
}

/* ---- the control side ---- */

static void stop_was_asked(struct session *session)
{
    end_run(session, SIGTERM);
}

static void rules_have_changed(struct session *session, const struct roster *roster)
{
    struct interest interest = interest_of_roster(roster, session->trace != NULL);

    if (session->lookout != NULL) {
        lookout_change(session->lookout, &interest);
    }
    for (size_t i = 0; i < roster->rule_count; i++) {
        signals_listen_for_rule(&session->signals, roster->rules[i].rule);
    }
}

static bool open_control(struct session *session)
{
    const struct session_options *options = session->options;
    char error[512];

    if (options->control == NULL) {
        return true;
    }
    session->monitor = monitor_new(session->worker->started_at);
    worker_observe(session->worker, monitor_observer(session->monitor));
    session->control = control_open(&(struct control_options){.address = options->control, .token = options->token,
        .input = &session->input, .vocab = &vocabulary, .tls = session->tls, .rules = session->rules, .start = session->worker->started_at,
        .stop = stop_was_asked, .changed = rules_have_changed, .session = session}, error, sizeof(error));
    if (session->control == NULL) {
        fprintf(stderr, "hangup: %s\n", error);
        return false;
    }
    worker_keep_descriptors(session->worker, control_descriptors(session->control));
    return true;
}

static bool start_control(struct session *session)
{
    if (session->control == NULL) {
        return true;
    }
    control_add(session->control, session->worker, session->engine, session->judge, session->monitor);
    mates_join(&session->mates, session->control);
    setenv("HANGUP_CONTROL", control_address(session->control), 1);
    if (!control_start(session->control)) {
        fprintf(stderr, "hangup: the control side cannot be started: %s\n", strerror(errno));
        return false;
    }
    if (session->options->proxies != NULL) {
        populate_from_file(session->control, session->options->proxies);
    }
    if (!session->options->quiet) {
        fprintf(stderr, "control on %s\n", control_address(session->control));
    }
    if (!control_is_private(session->control) && session->options->token == NULL) {
        fputs("hangup: warning: whoever reaches the control side may do what it can; --token-file FILE lets in who knows a token\n",
            stderr);
    }
    return true;
}

/* The order of the observers matters: what happens is recorded, judged and announced first; then rules act on it, and what they do is
 * told in turn. */
static bool assemble(struct session *session)
{
    for (size_t i = 0; i < session->options->report_count; i++) {
        if (report_check(&session->options->reports[i]) < 0) {
            return false;
        }
    }
    raise_descriptor_limit(session);
    session->crew = crew_new(session->options->workers, &clock_monotonic, (size_t)session->options->buffer);
    if (session->crew == NULL) {
        fprintf(stderr, "hangup: no event loop: %s\n", strerror(errno));
        return false;
    }
    session->worker = session->crew->workers[0];
    session->worker->splicing = session->options->splicing;
    session->worker->sleeper.busy_wait = session->options->busy_wait;
    session->worker->holds_syns = session->means.allowed[NEED_HELD_SYN];
    session->worker->mirrors_refusals = session->rules->rule_count == 0 && session->rules->standing_count == 0;
    session->limit.fire = limit_is_reached;
    session->census.fire = take_census;
    if (!start_callers(session) || !open_tls(session) || !open_trace(session)) {
        return false;
    }
    start_lookout(session);
    session->judge = judge_new(&(struct judge_options){.ruleset = session->rules, .timers = &session->worker->timers,
        .sees = session->lookout != NULL,
        .start = session->worker->started_at, .exits = session->options->command != NULL ? &session->child.exits : NULL,
        .live = session->options->control != NULL, .observers = &session->worker->observers});
    worker_observe(session->worker, judge_tally_observer(session->judge));
    worker_observe(session->worker, judge_observer(session->judge));
    announcer_init(&session->announcer, &session->worker->timers, session->options->quiet);
    worker_observe(session->worker, &session->announcer.observer);
    if (!open_control(session)) {
        return false;
    }
    if (session->lookout != NULL) {
        lookout_attach(session->lookout, session->worker);
    }
    commons_init(&session->commons);
    session->engine = engine_new(session->worker, &session->commons, choose_seed(session), fault_kind_of);
    mates_init(&session->mates, &(struct mates_options){.crew = session->crew, .engine = session->engine, .judge = session->judge,
        .announcer = &session->announcer.observer, .trace = session->trace, .lookout = session->lookout,
        .monitored = session->control != NULL});
    return true;
}

static bool open_relays(struct session *session)
{
    bool all = true;

    for (size_t i = 0; i < session->rules->relay_count; i++) {
        char error[512];
        struct relay *relay = relay_open(session->worker, &session->rules->relays[i], error, sizeof(error));

        if (relay == NULL) {
            fprintf(stderr, "hangup: %s\n", error);
            all = false;
        } else {
            relay_take_kit(relay, session->kits[i]);
            session->kits[i] = NULL;
        }
    }
    return all;
}

static bool say_ready(struct session *session)
{
    int fd = session->options->ready_fd;
    FILE *ready;
    bool well;

    if (fd < 0) {
        return true;
    }
    ready = fdopen(fd <= STDERR_FILENO ? dup(fd) : fd, "w"); /* a standard stream stays open: it is COMMAND's, too */
    if (ready == NULL) {
        fprintf(stderr, "hangup: --ready-fd %d: %s\n", fd, strerror(errno));
        return false;
    }
    if (session->control != NULL) {
        fprintf(ready, "control=%s\n", control_address(session->control));
    }
    for (const struct relay *relay = session->worker->relays; relay != NULL; relay = relay->next) {
        fprintf(ready, "%s=%s\n", relay->spec->name, relay->text);
    }
    well = fclose(ready) == 0;
    if (!well) {
        fprintf(stderr, "hangup: --ready-fd %d: %s\n", fd, strerror(errno));
    }
    return well;
}

static bool start_command(struct session *session)
{
    char **command = session->options->command;

    if (command != NULL) {
        timer_set(&session->worker->timers, &session->census, timers_now(&session->worker->timers) + CENSUS);
    }
    if (command == NULL || child_start(&session->child, command, session->worker, &session->files)) {
        return true;
    }
    fprintf(stderr, "hangup: %s cannot be run: %s\n", command[0], strerror(errno));
    return false;
}

/* After the time limit those that COMMAND has left behind have their time to end as well, and no more than that. */
static void last_look_is_over(struct timer *timer)
{
    struct session *session = (struct session *)((char *)timer - offsetof(struct session, limit));
    uint64_t now = timers_now(&session->worker->timers);

    if (session->out_of_time && child_left_behind(&session->child) && now < session->kill_at) {
        timer_set(&session->worker->timers, timer, now + LAST_LOOK);
        return;
    }
    if (session->out_of_time) {
        child_kill_left_behind(&session->child);
    }
    worker_stop(session->worker);
}

/* COMMAND has ended: what its end says on the wire is here already or comes at once. */
static void look_once_more(struct session *session)
{
    session->limit.fire = last_look_is_over;
    timer_set(&session->worker->timers, &session->limit, timers_now(&session->worker->timers) + LAST_LOOK);
    worker_run(session->worker);
}

static bool start(struct session *session)
{
    if (!open_relays(session) || !listen_for_signals(session)) {
        return false;
    }
    engine_start(session->engine, session->rules);
    if (!start_control(session)) {
        return false;
    }
    if (!mates_start(&session->mates, session->rules)) {
        fprintf(stderr, "hangup: no thread for a worker: %s\n", strerror(errno));
        return false;
    }
    if (!say_ready(session) || !start_command(session)) {
        return false;
    }
    if (session->options->command == NULL && isatty(STDERR_FILENO) && !session->options->quiet) {
        announcer_go_live(&session->announcer, judge_tally(session->judge));
    }
    if (session->options->time_limit > 0) {
        timer_set(&session->worker->timers, &session->limit, timers_now(&session->worker->timers) + session->options->time_limit);
    }
    return true;
}

static char *join_words(char *const *words)
{
    size_t length = 0;
    char *joined;

    for (size_t i = 0; words[i] != NULL; i++) {
        length += strlen(words[i]) + 1;
    }
    joined = calloc(1, length + 1);
    for (size_t i = 0; joined != NULL && words[i] != NULL; i++) {
        strcat(strcat(joined, i > 0 ? " " : ""), words[i]);
    }
    return joined;
}

static int give_verdict(struct session *session)
{
    const struct session_options *options = session->options;
    uint64_t now = timers_now(&session->worker->timers);
    struct run_end end = {.lasted = now - session->worker->started_at, .status = session->child.status};
    char *command = options->command != NULL ? join_words(options->command) : NULL;
    int code;

    end.command = command;
    if (session->out_of_time && WIFEXITED(end.status) && WEXITSTATUS(end.status) == 0) {
        end.status = SIGTERM; /* however politely it went: it did not end by itself */
    }
    stop_lookout(session);
    judge_finish(session->judge, now);
    mates_drop_links(&session->mates);
    end.trouble = trace_writer_close(session->trace) < 0;
    session->trace = NULL;
    observers_clear(&session->worker->observers); /* nobody is told of what follows */
    announcer_stop(&session->announcer);
    for (size_t i = 0; i < options->report_count; i++) {
        end.trouble = report_write(&options->reports[i], session->judge, &end) < 0 || end.trouble;
    }
    if (options->say != NULL) {
        options->say(options->context, session->judge, &end);
    } else if (!options->quiet || verdict_exit_code(session->judge, &end) != VERDICT_WELL) {
        verdict_print(stderr, session->judge, &end, isatty(STDERR_FILENO));
    }
    code = verdict_exit_code(session->judge, &end);
    free(command);
    return code;
}

static void take_apart(struct session *session)
{
    child_release(&session->child);
    mates_stop(&session->mates);
    control_stop(session->control);
    stop_callers(session);
    control_free(session->control);
    if (session->worker != NULL) {
        observers_clear(&session->worker->observers);
        timer_cancel(&session->worker->timers, &session->limit);
        timer_cancel(&session->worker->timers, &session->census);
        signals_release(&session->signals);
        if (session->mates.crew != NULL) {
            mates_drop_links(&session->mates);
        }
        stop_lookout(session);
        lookout_free(session->lookout);
        mates_release(&session->mates);
        engine_free(session->engine);
        while (session->worker->relays != NULL) {
            relay_close(session->worker->relays);
        }
        callers_free(session->callers);
    }
    trace_writer_close(session->trace);
    judge_free(session->judge);
    crew_free(session->crew);
    monitor_free(session->monitor);
    close_tls(session);
    ruleset_unref(session->rules);
}

int session_run(const struct session_options *options)
{
    struct session session = {.options = options};
    int code = EXIT_CANNOT_RUN;

    if (!find_means(&session)) {
        return EXIT_CANNOT_RUN;
    }
    session.rules = compile(&session);
    if (session.rules == NULL || (options->command != NULL && !child_names_differ(session.rules))) {
        ruleset_unref(session.rules);
        return EXIT_USAGE;
    }
    if (assemble(&session) && start(&session)) {
        worker_run(session.worker);
        if (session.child.ended) {
            look_once_more(&session);
        }
        mates_stop(&session.mates);
        control_stop(session.control);
        stop_callers(&session);
        code = give_verdict(&session);
    }
    take_apart(&session);
    return code;
}
