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
    else if (notice->kind == NOTICE_RST_RECEIVED)
        first(&peer->rst_received, notice->at);
    else if (notice->kind == NOTICE_RST_SENT)
        first(&peer->rst_sent, notice->at);
    else if (notice->kind == NOTICE_TIMED_OUT)
        first(&peer->timed_out, notice->at);
    else if (notice->kind == NOTICE_GONE)
        first(&peer->gone, notice->at);
}

struct peer_state peer_state(const struct peer *peer)
{
    if (peer->rst_received || peer->rst_sent || peer->timed_out || peer->gone)
        return (struct peer_state){.since = 0};
    if (peer->fin_acked && !peer->fin_received)
        return (struct peer_state){.state = STATE_CLOSE_WAIT, .since = peer->fin_acked};
    if (peer->fin_received && !peer->fin_sent)
        return (struct peer_state){.state = STATE_FIN_WAIT2, .since = peer->fin_received};
    return (struct peer_state){.since = 0};
}

bool peer_is_over(const struct peer *peer)
{
    return peer->fin_received && (peer->rst_received || peer->fin_acked || (peer->gone && !peer->rst_sent && !peer->timed_out));
}

bool peer_is_cut_off(const struct peer *peer)
{
    return peer->rst_sent && !peer->rst_received;
}
