/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes requests to the control side: whatever the method, the path and the body, there is an answer, and everything comes to an end. An
 * input is a line `METHOD PATH`, and behind it the body. The control side runs on its thread; this one is the worker and the client.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/vocabulary.h"
#include "control/control.h"
#include "control/monitor.h"
#include "engine/engine.h"
#include "faults/table.h"
#include "judge/judge.h"
#include "relay/relay.h"
#include "relay/worker.h"
#include "tests/fuzz/driver.h"

#define PATIENCE 20000 /* ms: an answer that takes longer is none */

const char *const fuzz_folders[] = {"tests/fuzz/requests.corpus", NULL};

struct house {
    struct rules_input input;
    struct ruleset *rules;
    struct worker *worker;
    struct monitor *monitor;
    struct judge *judge;
    struct commons commons;
    struct engine *engine;
    struct control *control;
};

static void on_stop(struct session *session)
{
    (void)session;
}

static void on_change(struct session *session, const struct roster *roster)
{
    (void)session;
    (void)roster;
}

static struct ruleset *compile(const struct rules_input *input)
{
    struct diag *diag = diag_new();
    struct ruleset *rules = rules_compile(input, &vocabulary, diag);

    diag_free(diag);
    return rules;
}

static void build(struct house *house)
{
    static const struct rules_known nothing = {.relays = NULL};
    char address[64], error[256];

    snprintf(address, sizeof(address), "unix:/tmp/hangup-fuzz.%d", (int)getpid());
    house->input.known = &nothing;
    house->rules = compile(&house->input);
    house->worker = worker_new(&clock_monotonic, 65536);
    house->monitor = monitor_new(0);
    house->judge = judge_new(&(struct judge_options){.ruleset = house->rules, .timers = &house->worker->timers, .live = true,
        .observers = &house->worker->observers});
    worker_observe(house->worker, judge_observer(house->judge));
    worker_observe(house->worker, monitor_observer(house->monitor));
    house->control = control_open(&(struct control_options){.address = address, .input = &house->input, .vocab = &vocabulary,
        .rules = house->rules, .stop = on_stop, .changed = on_change}, error, sizeof(error));
    if (house->control == NULL) {
        fprintf(stderr, "%s\n", error);
        abort();
    }
    commons_init(&house->commons);
    house->engine = engine_new(house->worker, &house->commons, 1, fault_kind_of);
    engine_start(house->engine, house->rules);
    control_add(house->control, house->worker, house->engine, house->judge, house->monitor);
    if (!control_start(house->control)) {
        abort();
    }
}

static void tear_down(struct house *house)
{
    control_stop(house->control);
    control_free(house->control);
    observers_clear(&house->worker->observers);
    engine_free(house->engine);
    while (house->worker->relays != NULL) {
        relay_close(house->worker->relays);
    }
    worker_end_turn(house->worker);
    judge_free(house->judge);
    worker_free(house->worker);
    monitor_free(house->monitor);
    ruleset_unref(house->rules);
}

static int call(const struct house *house)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", control_address(house->control) + strlen("unix:"));
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        abort();
    }
    return fd;
}

/* Those that may be answered much later, or never end. */
static bool is_patient(const char *text)
{
    return strstr(text, "wait") != NULL || strstr(text, "events") != NULL || strstr(text, "lease") != NULL;
}

/* Is the worker until the answer is complete. */
static void hear(struct house *house, int fd, bool patient)
{
    char answer[4096];

    for (;;) {
        struct pollfd look[] = {{.fd = fd, .events = POLLIN}, {.fd = house->worker->inbox.fd, .events = POLLIN}};
        int ready = poll(look, 2, patient ? 20 : PATIENCE);

        if (ready == 0 && patient) {
            return;
        }
        if (ready <= 0) {
            fputs("no answer\n", stderr);
            abort();
        }
        if (look[1].revents != 0) {
            inbox_run(&house->worker->inbox);
            worker_end_turn(house->worker);
        }
        if (look[0].revents != 0 && read(fd, answer, sizeof(answer)) <= 0) {
            return;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct house house = {.worker = NULL};
    char *text = malloc(size + 1), *request = NULL, *body;
    size_t length = 0;
    FILE *out;
    int fd;

    memcpy(text, bytes, size);
    text[size] = '\0';
    body = memchr(text, '\n', size);
    body = body != NULL ? body + 1 : text + size;
    out = open_memstream(&request, &length);
    fprintf(out, "%.*s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n", (int)strcspn(text, "\r\n"), text,
        (size_t)(text + size - body));
    fwrite(body, 1, (size_t)(text + size - body), out);
    fclose(out);
    build(&house);
    fd = call(&house);
    if (send(fd, request, length, MSG_NOSIGNAL) == (ssize_t)length) {
        hear(&house, fd, is_patient(text));
    }
    close(fd);
    tear_down(&house);
    free(request);
    free(text);
    return 0;
}
