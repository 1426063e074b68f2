/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The aim of an expectation: its phrase, taken apart. All three kinds wait for a deed: `within` wants it, `never` and `stays` do not
 * (`stays open` is `never closes` for a while, `stays away` is `never reconnects`).
 */
#ifndef HANGUP_JUDGE_AIM_H
#define HANGUP_JUDGE_AIM_H

#include "rules/ruleset.h"

enum aim_kind {
    AIM_DEED,    /* one of enum deed */
    AIM_NO_BYTE, /* stays silent: any byte */
};

struct aim {
    enum expectation_id id;
    enum side side;
    enum aim_kind kind;
    enum deed deed;             /* AIM_DEED */
    const struct phrase *words; /* the deed's own values; NULL for `stays` */
    uint64_t time;              /* ns; TIME_NEVER: `never` */
    bool counted;               /* N times, or growing pauses: judged when its time is over */
    bool growing;
    uint64_t least, most;       /* times, if counted */
};

struct aim aim_of(const struct expectation *expectation);

/* It can still happen when the connection is gone: reconnects, connects to relay; a state that a socket has then: TIME_WAIT. */
bool aim_outlives(const struct aim *aim);

/* It happens on another connection of the same client. */
bool aim_awaits_client(const struct aim *aim);

/* The deed is an ending of the application, which its exit brings about as well. */
bool aim_is_ending(const struct aim *aim);

/* "it closed"; "no FIN or RST". */
const char *aim_happened(const struct aim *aim);
const char *aim_missing(const struct aim *aim);

#endif
