/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sightings, in words.
 */
#include "relay/sighting.h"

#include <stdio.h>

/* Where RFC 9293's diagram (section 3.3.2) has got the peer's FIN; and where it has sent one. */
#define BIT(state) (1u << (state))
#define ENDED (BIT(STATE_CLOSING) | BIT(STATE_LAST_ACK) | BIT(STATE_TIME_WAIT) | BIT(STATE_CLOSE))
#define HAS_FIN (ENDED | BIT(STATE_CLOSE_WAIT))
#define SENT_FIN (ENDED | BIT(STATE_FIN_WAIT1) | BIT(STATE_FIN_WAIT2))

bool state_fits(enum tcp_state state, bool has_our_fin, bool has_sent_fin)
{
    return (!has_our_fin || (BIT(state) & HAS_FIN) != 0) && (!has_sent_fin || (BIT(state) & SENT_FIN) != 0);
}

bool state_is_closed(enum tcp_state state)
{
    return (BIT(state) & SENT_FIN) != 0;
}

bool sighting_is_abandoned(const struct sighting *sighting)
{
    return sighting->exact && !sighting->owned && state_is_closed(sighting->state);
}

const char *sighting_who(const struct sighting *sighting, char text[SIGHTING_WHO])
{
    const struct owner *owner = &sighting->owner;

    if (!sighting->exact)
        snprintf(text, SIGHTING_WHO, "inferred");
    else if (sighting->state == STATE_CLOSE)
        snprintf(text, SIGHTING_WHO, "gone");
    else if (!sighting->owned)
        snprintf(text, SIGHTING_WHO, sighting_is_abandoned(sighting) ? "closed by its process" : "not accepted yet");
    else if (owner->pid == 0)
        snprintf(text, SIGHTING_WHO, "uid %u", sighting->uid);
    else if (owner->others > 0)
        snprintf(text, SIGHTING_WHO, "pid %d %s, fd %d, and %u more process%s", (int)owner->pid, owner->name, owner->fd, owner->others,
            owner->others == 1 ? "" : "es");
    else
        snprintf(text, SIGHTING_WHO, "pid %d %s, fd %d", (int)owner->pid, owner->name, owner->fd);
    return text;
}
