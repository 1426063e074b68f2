/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers as Toxiproxy gives them: its headers, its content types, its error object. Called by the api_ files here.
 */
#ifndef HANGUP_CONTROL_TOXIPROXY_REPLY_H
#define HANGUP_CONTROL_TOXIPROXY_REPLY_H

#include "control/call.h"
#include "control/toxiproxy/body.h"

/* What clients are told, and compare: from 2.6.0 on they use PATCH. */
#define REPLY_VERSION "2.12.0"

/* All of them free the call. */
void reply_json(struct call *call, int status, json_t *json); /* takes the reference */
void reply_nothing(struct call *call);                        /* 204 */
void reply_problem(struct call *call, const struct problem *problem);
void reply_version(struct call *call);

/* Web browsers are not answered on Toxiproxy's routes, as by Toxiproxy. False: that was said, and the call is over. */
bool reply_may_go_on(struct call *call);

#endif
