/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was seen, in words.
 */
#include "judge/seen.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "judge/words.h"

/* "at 1.003 s", since the run began */
static struct words_time at_time(const struct vigil *vigil, uint64_t at)
{
    uint64_t start = vigil->claim->subject->docket->start;
    return words_time(at > start ? at - start : 0);
}

/* "after 0.412 s", or what it is if the clock had not started. */
static char *when(const struct vigil *vigil, uint64_t at)
{
    if (vigil->clock_at && at >= vigil->clock_at)
        return words("after %s", words_time(at - vigil->clock_at).text);
    return words("%s after the rule fired", words_time(at - vigil->fired_at).text);
}

/* With what there is to add. Frees the first. */
static char *add_how(char *seen, const char *how)
{
    char *both = how ? words("%s: %s", seen, how) : seen;
    if (how)
        free(seen);
    return both;
}

char *seen_deed_wanted(const struct vigil *vigil, uint64_t at, const char *how)
{
    return add_how(at == vigil->fired_at ? words("it had already when the rule fired") : when(vigil, at), how);
}

static const char *ending_seen(const struct vigil *vigil)
{
    const struct peer *peer = &vigil->claim->subject->peers[vigil->aim.side];
    if (vigil->aim.deed != DEED_CLOSES || vigil->closing)
        return aim_happened(&vigil->aim);
    if (!peer->rst_received && !peer->fin_received)
        return "its socket was seen to be closed";
    return peer->rst_received ? "its RST came" : "its FIN came";
}

char *seen_deed_unwanted(const struct vigil *vigil, uint64_t at, const char *how)
{
    const char *what = vigil->aim.kind == AIM_DEED ? ending_seen(vigil) : aim_happened(&vigil->aim);
    char *time = at == vigil->fired_at ? words("before the rule fired") : when(vigil, at);
    char *seen = words("%s %s", what, time);
    free(time);
    return add_how(seen, how);
}

static char *still_there(const struct vigil *vigil, struct words_time time)
{
    const struct peer *peer = &vigil->claim->subject->peers[vigil->aim.side];
    struct peer_state state = peer_state(peer);
    char who[SIGHTING_WHO];
    peer_who(peer, who);
    if (peer->timed_out)
        return words("no FIN or RST in %s: its machine no longer answers since %s", time.text, at_time(vigil, peer->timed_out).text);
    if (state.state == STATE_CLOSE_WAIT && peer->fin_acked)
        return words("still CLOSE_WAIT after %s (%s): our FIN was acknowledged at %s, no FIN or RST since%s", time.text, who,
                     at_time(vigil, peer->fin_acked).text, peer->spins ? "; the process spins" : "");
    if (vigil->closing && !peer->fin_sent)
        return words("still FIN_WAIT2 after %s (%s): its FIN came at %s, it has none of ours", time.text, who,
                     at_time(vigil, peer->fin_received).text);
    if (state.exact)
        return words("no FIN or RST in %s: still %s (%s)", time.text, tcp_state_name(state.state), who);
    if (peer->fin_sent && !peer->fin_acked)
        return words("no FIN or RST in %s: our FIN, sent at %s, is not acknowledged", time.text, at_time(vigil, peer->fin_sent).text);
    return words("no FIN or RST in %s", time.text);
}

/* What it was in the place of the state that was wanted. */
static char *seen_other_state(const struct vigil *vigil)
{
    const struct peer *peer = &vigil->claim->subject->peers[vigil->aim.side];
    enum tcp_state wanted = vigil->aim.words->values[0].state;
    struct peer_state state = peer_state(peer);
    struct words_time time = words_time(vigil->aim.time);
    bool inferable = wanted == STATE_CLOSE_WAIT || wanted == STATE_FIN_WAIT2;
    char who[SIGHTING_WHO];
    if (state.state)
        return words("%s in %s: it is in %s (%s)", aim_missing(&vigil->aim), time.text, tcp_state_name(state.state), peer_who(peer, who));
    if (!inferable && !peer->seen.state)
        return words("not seen in %s: its socket cannot be seen on this machine", time.text);
    return words("%s in %s", aim_missing(&vigil->aim), time.text);
}

char *seen_nothing(const struct vigil *vigil)
{
    struct words_time time = words_time(vigil->aim.time);
    if (vigil->aim.deed == DEED_CLOSES)
        return still_there(vigil, time);
    if (vigil->aim.deed == DEED_IN_STATE)
        return seen_other_state(vigil);
    return words("%s in %s", aim_missing(&vigil->aim), time.text);
}

static char *seen_growth(const struct vigil *vigil)
{
    uint64_t earlier, later;
    if (!vigil->aim.growing)
        return words("%s", "");
    if (pauses_count(&vigil->pauses) < PAUSES_LEAST)
        return words("; %zu pauses, at least %d tell whether they grow", pauses_count(&vigil->pauses), PAUSES_LEAST);
    pauses_halves(&vigil->pauses, &earlier, &later);
    return words("; of %zu pauses the earlier half lasted %s, the later %s%s", pauses_count(&vigil->pauses), words_time(earlier).text,
                 words_time(later).text, pauses_grow(&vigil->pauses) ? "" : ", not 1.5 times as long");
}

char *seen_times(const struct vigil *vigil)
{
    char *growth = seen_growth(vigil);
    const char *times = vigil->count == 1 ? "time" : "times";
    char *seen =
        vigil->count > vigil->aim.most
            ? words("%s %" PRIu64 " %s, that is too often", aim_happened(&vigil->aim), vigil->count, times)
            : words("%s %" PRIu64 " %s in %s%s", aim_happened(&vigil->aim), vigil->count, times, words_time(vigil->aim.time).text, growth);
    free(growth);
    return seen;
}

char *seen_over(const struct vigil *vigil, uint64_t at, const char *what)
{
    uint64_t deadline = vigil->clock_at + vigil->aim.time;
    if (!vigil->clock_at)
        return words("%s ended before its clock started", what);
    return words("%s ended %s before its time was over", what, words_time(deadline > at ? deadline - at : 0).text);
}
