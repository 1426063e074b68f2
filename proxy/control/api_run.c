/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The run as a whole: what it is, what was found so far, signals, reload, its end.
 */
#include "control/routes.h"

#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/answer.h"
#include "control/control.h"
#include "control/openapi.h"
#include "engine/engine.h"
#include "judge/report.h"
#include "judge/verdict.h"
#include "rules/memory.h"

static void overview(struct call *call)
{
    json_t *object = json_object();

    answer_set(object, "name", "hangup");
    answer_set(object, "version", PACKAGE_VERSION);
    answer_set_number(object, "running", control_now(call->control) / NS_PER_US);
    answer_set(object, "description", "/v1/openapi.json");
    call_reply(call, 200, object);
}

static void description(struct call *call)
{
    call_reply(call, 200, openapi_description());
}

/* ---- what was found ---- */

struct inquiry {
    struct errand errand; /* first */
    struct call *call;
    enum report_format format;
    const char *type;
    char *text;
    size_t length;
};

static void write_report(struct errand *errand, struct station *station)
{
    struct inquiry *inquiry = (struct inquiry *)(void *)errand;
    struct run_end end = {.lasted = control_now(errand->control)};
    FILE *out;

    if (station->number > 0) {
        return;
    }
    out = open_memstream(&inquiry->text, &inquiry->length);
    if (out == NULL) {
        abort();
    }
    report_print(out, inquiry->format, station->judge, &end);
    fclose(out);
}

static void send_report(struct errand *errand)
{
    struct inquiry *inquiry = (struct inquiry *)(void *)errand;

    call_reply_text(inquiry->call, 200, inquiry->type, inquiry->text, inquiry->length);
    free(inquiry->text);
    free(inquiry);
}

static void report(struct call *call)
{
    static const struct {
        const char *name, *type;
        enum report_format format;
    } forms[] = {{"json", "application/json", REPORT_JSON}, {"junit", "application/xml", REPORT_JUNIT}, {"tap", "text/plain", REPORT_TAP}};
    const char *wanted = call_query(call, "format");
    struct inquiry *inquiry;
    size_t form = 0;

    while (wanted != NULL && form < 3 && strcmp(forms[form].name, wanted) != 0) {
        form++;
    }
    if (form == 3) {
        call_error(call, 400, "format=%s: write json, junit or tap", wanted);
        return;
    }
    inquiry = xmalloc(sizeof(*inquiry));
    *inquiry = (struct inquiry){.errand = {.control = call->control, .work = write_report, .home = send_report}, .call = call,
        .format = forms[form].format, .type = forms[form].type};
    errand_send(&inquiry->errand);
}

static void send_findings(struct errand *errand)
{
    struct inquiry *inquiry = (struct inquiry *)(void *)errand;
    json_t *whole = json_loadb(inquiry->text, inquiry->length, 0, NULL), *findings = json_object_get(whole, "findings");

    call_reply(inquiry->call, 200, findings != NULL ? json_incref(findings) : json_array());
    json_decref(whole);
    free(inquiry->text);
    free(inquiry);
}

static void findings(struct call *call)
{
    struct inquiry *inquiry = xmalloc(sizeof(*inquiry));

    *inquiry = (struct inquiry){.errand = {.control = call->control, .work = write_report, .home = send_findings}, .call = call,
        .format = REPORT_JSON};
    errand_send(&inquiry->errand);
}

/* ---- signals ---- */

struct shout {
    struct errand errand; /* first */
    struct call *call;
    char *name;
};

static void shout(struct errand *errand, struct station *station)
{
    if (station->number == 0) {
        engine_signal(station->engine, ((struct shout *)(void *)errand)->name); /* who else is to hear of it hears of it from there */
    }
}

static void shouted(struct errand *errand)
{
    struct shout *signal = (struct shout *)(void *)errand;

    call_reply_nothing(signal->call, 204);
    free(signal->name);
    free(signal);
}

static void fire(struct call *call)
{
    struct shout *signal = xmalloc(sizeof(*signal));

    *signal = (struct shout){.errand = {.control = call->control, .work = shout, .home = shouted}, .call = call,
        .name = xstrdup(call->names[0])};
    errand_send(&signal->errand);
}

/* ---- reload, and the end ---- */

static void reloaded(struct change *change)
{
    struct call *call = change->context;
    json_t *object;

    if (!answer_change(change)) {
        return;
    }
    object = json_object();
    json_object_set_new(object, "messages", call_messages(change->diag));
    call_reply(call, 200, object);
}

static void reload(struct call *call)
{
    struct change *change = change_new(call->control, reloaded, call);

    change_reload(change);
    change_submit(change);
}

static void work_stop(struct errand *errand, struct station *station)
{
    const struct control_options *options = control_options(errand->control);

    if (station->number == 0) {
        options->stop(options->session);
    }
}

static void stopped(struct errand *errand)
{
    free(errand);
}

/* The answer is first: after it nobody is there to answer. */
static void stop(struct call *call)
{
    struct errand *errand = xmalloc(sizeof(*errand));

    *errand = (struct errand){.control = call->control, .work = work_stop, .home = stopped};
    call_reply_nothing(call, 204);
    errand_send(errand);
}

const struct route routes_run[] = {
    {"GET", "/v1", overview, "says what runs here, and since when (in microseconds)", .status = 200},
    {"GET", "/v1/openapi.json", description, "describes all of this, as OpenAPI 3.0", .status = 200},
    {"GET", "/v1/findings", findings, "lists what was found so far", .status = 200},
    {"GET", "/v1/report", report, "gives the report as it would be now", .query = "format", .status = 200},
    {"POST", "/v1/signals/{signal}", fire, "gives the signal of that name to the rules", .status = 204},
    {"POST", "/v1/reload", reload, "reads the files anew that hangup was started with; if one is wrong, all stays as it was",
        .status = 200},
    {"POST", "/v1/stop", stop, "ends the run, verdict and all", .status = 204},
    {.method = NULL},
};
