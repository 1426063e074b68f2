/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a peer's endings say about its state.
 */
#include "judge/peer.h"

static void first(uint64_t *time, uint64_t at)
{
    if (*time == 0)
        *time = at;
}

void peer_told(struct peer *peer, const struct notice *notice)
{
    if (notice->kind == NOTICE_FIN_RECEIVED)
        first(&peer->fin_received, notice->at);
    else if (notice->kind == NOTICE_FIN_SENT)
        first(&peer->fin_sent, notice->at);
    else if (notice->kind == NOTICE_FIN_ACKED)
        first(&peer->fin_acked, notice->at);
    else if (notice->kind == NOTICE_RST_RECEIVED || notice->kind == NOTICE_GAVE_UP)
        first(&peer->rst_received, notice->at);
    else if (notice->kind == NOTICE_RST_SENT)
        first(&peer->rst_sent, notice->at);
    else if (notice->kind == NOTICE_TIMED_OUT)
        first(&peer->timed_out, notice->at);
    else if (notice->kind == NOTICE_GONE)
        first(&peer->gone, notice->at);
    else if (notice->kind == NOTICE_HANDSHAKE_DONE)
        first(&peer->handshaken, notice->at);
    else if (notice->kind == NOTICE_NOTIFY_SENT || notice->kind == NOTICE_ALERT_SENT)
        first(&peer->tls_goodbye, notice->at);
    else if (notice->kind == NOTICE_STATE && notice->sighting->exact)
        peer->seen = *notice->sighting;
    else if (notice->kind == NOTICE_UNSEEN || notice->kind == NOTICE_OVERLOOKED)
        peer->unseen = true;
}

static struct peer_state inferred(const struct peer *peer)
{
    if (peer->rst_received || peer->rst_sent || peer->timed_out || peer->gone)
        return (struct peer_state){.since = 0};
    if (peer->fin_acked && !peer->fin_received)
        return (struct peer_state){.state = STATE_CLOSE_WAIT, .since = peer->fin_acked};
    if (peer->fin_received && !peer->fin_sent)
        return (struct peer_state){.state = STATE_FIN_WAIT2, .since = peer->fin_received};
    return (struct peer_state){.since = 0};
}

/* What was seen is not older than what we know from the wire. */
static bool is_seen(const struct peer *peer)
{
    bool reset = peer->rst_received || peer->rst_sent;
    return peer->seen.state && state_fits(peer->seen.state, peer->fin_acked, peer->fin_received) &&
           (!reset || peer->seen.state == STATE_CLOSE);
}

struct peer_state peer_state(const struct peer *peer)
{
    struct peer_state state = inferred(peer);
    if (!is_seen(peer))
        return state;
    if (state.state != peer->seen.state || peer->seen.since < state.since)
        state.since = peer->seen.since; /* our own socket often knows it sooner */
    return (struct peer_state){.state = peer->seen.state, .since = state.since, .exact = true};
}

const char *peer_who(const struct peer *peer, char text[SIGHTING_WHO])
{
    return sighting_who(is_seen(peer) ? &peer->seen : &(struct sighting){.exact = false}, text);
}

bool peer_is_over(const struct peer *peer)
{
    bool seen_gone = sighting_is_abandoned(&peer->seen) && !peer->rst_sent;
    bool gone = peer->gone && !peer->rst_sent && !peer->timed_out;
    return peer->fin_received && (peer->rst_received || peer->fin_acked || gone || seen_gone);
}

bool peer_is_cut_off(const struct peer *peer)
{
    return peer->rst_sent && !peer->rst_received;
}

bool peer_is_truncated(const struct peer *peer)
{
    return peer->handshaken && peer->fin_acked && !peer->tls_goodbye;
}
