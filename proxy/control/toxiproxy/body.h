/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The body of a request, read as Toxiproxy reads it, since its clients rely on that: the keys of an object in any case, the last one of
 * several alike; null is the same as left out; what stands behind the first value is not looked at. Says what is wrong in the words of
 * Toxiproxy, which clients show to people. Not for hangup's own API, which is stricter. Called by whoever reads a client's JSON here.
 */
#ifndef HANGUP_CONTROL_TOXIPROXY_BODY_H
#define HANGUP_CONTROL_TOXIPROXY_BODY_H

#include <jansson.h>
#include <stdbool.h>

/* Why a request is refused. Zeroed: nothing is wrong. */
struct problem {
    int status;     /* of HTTP: 400, 404, 409, 500 */
    char text[512]; /* what stands behind "error" */
};

/* Fills it in; the first one stays. Always false, so that it can be returned. */
bool problem_set(struct problem *problem, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* NULL, and a problem, if this is no JSON. The caller drops the reference. */
json_t *body_parse(const char *bytes, size_t length, struct problem *problem);

/* A value of an object, borrowed; NULL: left out, or null, or this is no object. */
json_t *body_value(const json_t *object, const char *name);

/*
 * A value of the kind that is wanted; what `to` points to stays as it is where it is left out. `path` is its name with what it is in, for
 * messages: "attributes.latency"; its last word is the key. False, and a problem, if it is of another kind.
 */
bool body_text(const json_t *object, const char *path, const char **to, struct problem *problem); /* borrowed */
bool body_flag(const json_t *object, const char *path, bool *to, struct problem *problem);
bool body_whole(const json_t *object, const char *path, json_int_t *to, struct problem *problem); /* no fractions */
bool body_number(const json_t *object, const char *path, double *to, struct problem *problem);

#endif
