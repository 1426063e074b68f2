/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The types of toxics, and one of them read from JSON and written to it.
 */
#include "control/toxiproxy/toxic.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "rules/memory.h"

/* Bounds of what a client may ask for: a year, a terabyte (a second); far beyond any test, and far from any overflow. */
#define MS_MOST INT64_C(31536000000)
#define US_MOST (MS_MOST * 1000)
#define BYTES_MOST INT64_C(1000000000000)
#define RATE_MOST INT64_C(1000000000)

const struct toxic_kind toxic_kinds[TOXIC_TYPES] = {
    [TOXIC_LATENCY] = {
        .name = "latency",
        .help = "delay … data by latency ± jitter; an ending is delayed too, also one with no data in front of it",
        .attributes = {{"latency", "ms", false, 0, MS_MOST}, {"jitter", "ms", false, 0, MS_MOST}},
    },
    [TOXIC_BANDWIDTH] = {
        .name = "bandwidth",
        .help = "throttle … data to rate; 0: hold … data, let go when the toxic is removed",
        .attributes = {{"rate", "kB/s (1000 bytes)", false, 0, RATE_MOST}},
    },
    [TOXIC_SLOW_CLOSE] = {
        .name = "slow_close",
        .help = "hold … fin for delay",
        .attributes = {{"delay", "ms", false, 0, MS_MOST}},
    },
    [TOXIC_TIMEOUT] = {
        .name = "timeout",
        .help = "drop … data, wait until … is silent for timeout, close; 0: never by itself; its removal closes what it struck",
        .attributes = {{"timeout", "ms", false, 0, MS_MOST}},
    },
    [TOXIC_RESET_PEER] = {
        .name = "reset_peer",
        .help = "hold … data and fin at the first byte or FIN, wait for timeout, reset at once; so too on connections that were open",
        .attributes = {{"timeout", "ms", false, 0, MS_MOST}},
    },
    [TOXIC_SLICER] = {
        .name = "slicer",
        .help = "slice … data into average_size ± size_variation pieces every delay",
        .attributes = {{"average_size", "bytes", false, 1, BYTES_MOST},
            {"size_variation", "bytes, at most average_size", false, 0, BYTES_MOST}, {"delay", "us", false, 0, US_MOST}},
    },
    [TOXIC_LIMIT_DATA] = {
        .name = "limit_data",
        .help = "when … sends bytes then close; 0: in front of the first byte",
        .attributes = {{"bytes", "bytes", false, 0, BYTES_MOST}},
    },
    [TOXIC_PACKET_LOSS] = {
        .name = "packet_loss",
        .help = "drop loss_rate of … data, each byte by lot, whatever the reads were; correlation has no effect",
        .attributes = {{"loss_rate", "0 to 1", true, 0, 1}, {"correlation", "0 to 1", true, 0, 1}},
    },
    [TOXIC_NOOP] = {.name = "noop", .help = "nothing"},
};

static int find_type(const char *name)
{
    for (int type = 0; type < TOXIC_TYPES; type++) {
        if (strcmp(toxic_kinds[type].name, name) == 0)
            return type;
    }
    return -1;
}

static bool is_upstream(const char *stream)
{
    return strcasecmp(stream, "upstream") == 0;
}

struct toxic *toxic_new(const json_t *body, struct problem *problem)
{
    const char *name = "", *stream = "downstream", *type = "";
    struct toxic *toxic;

    if (!json_is_object(body) && !json_is_null(body)) {
        problem_set(problem, 400, "bad request body: json: a toxic is an object");
        return NULL;
    }
    if (!body_text(body, "name", &name, problem) || !body_text(body, "type", &type, problem)
        || !body_text(body, "stream", &stream, problem))
        return NULL;
    if (!is_upstream(stream) && strcasecmp(stream, "downstream") != 0) {
        problem_set(problem, 400, "stream was invalid, can be either upstream or downstream");
        return NULL;
    }
    if (find_type(type) < 0) {
        problem_set(problem, 400, "invalid toxic type");
        return NULL;
    }
    toxic = xmalloc(sizeof *toxic);
    *toxic = (struct toxic){.type = (enum toxic_type)find_type(type), .stream = xstrdup(stream), .upstream = is_upstream(stream),
        .toxicity = 1};
    if (toxic->type == TOXIC_PACKET_LOSS)
        toxic->share[0] = 0.1;
    if (name[0] != '\0')
        toxic->name = xstrdup(name);
    else if (asprintf(&toxic->name, "%s_%s", type, stream) < 0)
        abort();
    return toxic;
}

void toxic_free(struct toxic *toxic)
{
    if (!toxic)
        return;
    free(toxic->name);
    free(toxic->stream);
    free(toxic);
}

struct toxic *toxic_copy(const struct toxic *toxic)
{
    struct toxic *copy = xmalloc(sizeof *copy);

    *copy = *toxic;
    copy->next = NULL;
    copy->name = xstrdup(toxic->name);
    copy->stream = xstrdup(toxic->stream);
    return copy;
}

void toxic_copy_values(struct toxic *toxic, const struct toxic *from)
{
    toxic->toxicity = from->toxicity;
    memcpy(toxic->whole, from->whole, sizeof toxic->whole);
    memcpy(toxic->share, from->share, sizeof toxic->share);
}

static bool take_attribute(
    const struct toxic_attribute *attribute, const json_t *body, json_int_t *whole, double *share, struct problem *problem)
{
    char path[64];
    snprintf(path, sizeof path, "attributes.%s", attribute->name);
    if (attribute->share) {
        if (!body_number(body, path, share, problem))
            return false;
        return (*share >= 0 && *share <= 1) || problem_set(problem, 400, "%s is %.9g: it must be from 0 to 1", path, *share);
    }
    if (!body_whole(body, path, whole, problem))
        return false;
    if (*whole < attribute->least || *whole > attribute->most)
        return problem_set(problem, 400, "%s is %" PRId64 ": it must be from %" PRId64 " to %" PRId64 " (%s)", path, (int64_t)*whole,
            (int64_t)attribute->least, (int64_t)attribute->most, attribute->help);
    return true;
}

static bool take_attributes(struct toxic *toxic, const json_t *attributes, struct problem *problem)
{
    const struct toxic_kind *kind = &toxic_kinds[toxic->type];

    if (attributes && !json_is_object(attributes))
        return problem_set(problem, 400, "bad request body: json: attributes is an object");
    for (int i = 0; i < TOXIC_ATTRIBUTES && kind->attributes[i].name; i++) {
        if (!take_attribute(&kind->attributes[i], attributes, &toxic->whole[i], &toxic->share[i], problem))
            return false;
    }
    if (toxic->type == TOXIC_SLICER && toxic->whole[1] > toxic->whole[0])
        return problem_set(problem, 400, "attributes.size_variation is %" PRId64 ": it must not be more than average_size, %" PRId64,
            (int64_t)toxic->whole[1], (int64_t)toxic->whole[0]);
    return true;
}

bool toxic_take(struct toxic *toxic, const json_t *body, struct problem *problem)
{
    struct toxic taken = *toxic;

    if (!json_is_object(body) && !json_is_null(body))
        return problem_set(problem, 400, "bad request body: json: a toxic is an object");
    if (!body_number(body, "toxicity", &taken.toxicity, problem))
        return false;
    if (!(taken.toxicity >= 0 && taken.toxicity <= 1))
        return problem_set(problem, 400, "toxicity is %.9g: it must be from 0 to 1", taken.toxicity);
    if (!take_attributes(&taken, body_value(body, "attributes"), problem))
        return false;
    *toxic = taken;
    return true;
}

/* As Go prints a float32: the shortest text that reads back to the same one; without a point where it is whole. */
static json_t *share_json(double share)
{
    char text[32];
    float exact = (float)share;

    if (share == (double)(json_int_t)share)
        return json_integer((json_int_t)share);
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)exact);
        if (strtof(text, NULL) == exact)
            break;
    }
    return json_real(strtod(text, NULL));
}

json_t *toxic_json(const struct toxic *toxic)
{
    const struct toxic_kind *kind = &toxic_kinds[toxic->type];
    json_t *attributes = json_object(), *object = json_object();

    for (int i = 0; i < TOXIC_ATTRIBUTES && kind->attributes[i].name; i++)
        json_object_set_new(attributes, kind->attributes[i].name,
            kind->attributes[i].share ? share_json(toxic->share[i]) : json_integer(toxic->whole[i]));
    json_object_set_new(object, "attributes", attributes);
    json_object_set_new(object, "name", json_string(toxic->name));
    json_object_set_new(object, "type", json_string(kind->name));
    json_object_set_new(object, "stream", json_string(toxic->stream));
    json_object_set_new(object, "toxicity", share_json(toxic->toxicity));
    return object;
}
