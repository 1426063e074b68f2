/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of routes, one of each file api_*.c.
 */
#ifndef HANGUP_CONTROL_ROUTES_H
#define HANGUP_CONTROL_ROUTES_H

#include "control/route.h"

extern const struct route routes_run[], routes_relays[], routes_rules[], routes_links[], routes_watch[];

#endif
