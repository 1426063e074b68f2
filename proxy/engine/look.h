/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A look into TLS: what one rule sees of the TLS that passes on one link, at its place in both flows. An instance has one from the link's
 * beginning if its rule speaks of TLS in any way; its gates then stand in both flows and feed it, and watches ask it. A link into which
 * no rule looks is not parsed. What is seen is tunnelled bytes: where a relay ends TLS itself, flows carry plain text, and what there is to
 * see is told by notices (engine.c) and endings (gate.c).
 */
#ifndef HANGUP_ENGINE_LOOK_H
#define HANGUP_ENGINE_LOOK_H

#include "engine/outlet.h"
#include "rules/ruleset.h"
#include "tls/view.h"

struct instance;
struct watch;

struct look {
    struct tls_view view;
    struct instance *instance;
    bool apart;         /* the relay ends TLS itself: what flows carry is no TLS, and tls/ tells what there is */
    bool tells;         /* the notices: the first rule that looks into this link does */
    bool tells_records; /* and its rule speaks of records */
    struct outlet outlets[2]; /* by speaker; for a rule that speaks of records, where the relay speaks TLS itself */
};

/* Whether a rule speaks of TLS; whether it chooses by `tls name` or `tls protocol`, and so waits for the client's hello. */
bool look_is_needed(const struct rule *rule);
bool look_waits_for_hello(const struct rule *rule);

/* Begins to look: the gates of both flows are opened. For the instance's link, before anything passes. */
struct look *look_new(struct instance *instance);
void look_free(struct look *look);

/* How many of these bytes may be taken at once; look may be NULL. */
size_t look_reach(const struct look *look, enum side speaker, size_t length);
void look_take(struct look *look, enum side speaker, const uint8_t *bytes, size_t length);

/* Whether these selectors hold, as far as is known: that it is known by now is for the caller to ask. */
bool look_hello_holds(const struct look *look);

/* Where it is `apart`: the client's hello has come, and says this. */
void look_told_hello(struct look *look, const struct tls_client_hello *hello);

/* Whether what was taken last is the deed of a watch that waits for something of TLS; its place is set then, and what is said of it. */
bool look_is_hit(const struct look *look, struct watch *watch, enum side speaker);

/* Whether that may be the alert which a watch waits for by its name, and that is encrypted. */
bool look_is_hidden(const struct look *look, const struct watch *watch, enum side speaker);

/* Whether that ends the handshake which a watch waits to see aborted. */
bool look_is_over(const struct look *look, const struct watch *watch, enum side speaker);

/* Whether an ending of that speaker, now, aborts its handshake; else why not. NULL: it does. */
bool look_is_abort(const struct look *look, enum side speaker);
const char *look_not_aborted(const struct look *look, enum side speaker);

#endif
