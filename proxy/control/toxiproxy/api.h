/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of Toxiproxy's API share: its routes are in two tables, and a change of a proxy takes its toxics along.
 */
#ifndef HANGUP_CONTROL_TOXIPROXY_API_H
#define HANGUP_CONTROL_TOXIPROXY_API_H

#include "control/route.h"
#include "control/toxiproxy/task.h"

extern const struct route routes_toxiproxy[], routes_toxics[];

/* Adds to a change: this toxic's rules come, or take the place of those that it had before (`was`: whether it was there); they go, and what
 * its removal does is done. */
void toxics_put(struct change *change, const char *proxy, const struct toxic *toxic, const struct toxic *was);
void toxics_take_away(struct change *change, const char *proxy, const struct toxic *toxic);
void toxics_take_all_away(struct change *change, const struct toxiproxy *toxiproxy, const char *proxy);

/* The proxy as clients are told; NULL, and a problem: there is none. */
json_t *proxy_json(struct task *task, const char *name);

/* Begins a task whose body is a list of proxies: those of POST /populate, or of a config file. */
void populate_begin(struct task *task);

/* From any thread: the list of a config file. What is wrong with it is said on standard error, and no more, as Toxiproxy does. */
void populate_from_file(struct control *control, const char *path);

#endif
