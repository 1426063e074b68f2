/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the phrase of an expectation means to the judge.
 */
#include "judge/aim.h"

#include "relay/sighting.h"
#include "relay/timers.h"

enum stays { STAYS_OPEN, STAYS_SILENT, STAYS_AWAY }; /* as in the row's syntax */

/* A time that is a range is over when the longest is. */
static struct aim aim_within(const struct phrase *phrase)
{
    const struct value *values = phrase->values; /* DEED [NUMBERS time(s)] within DURATION [with growing pauses] */
    return (struct aim){
        .id = EXPECT_WITHIN,
        .deed = (enum deed)values[0].deed->row->id,
        .words = values[0].deed,
        .time = values[2].range.high,
        .counted = values[1].present || values[3].present,
        .growing = values[3].present,
        .least = values[1].present ? values[1].range.low : 1,
        .most = values[1].present ? values[1].range.high : UINT64_MAX,
    };
}

static struct aim aim_never(const struct phrase *phrase)
{
    const struct phrase *deed = phrase->values[0].deed; /* never DEED */
    return (struct aim){.id = EXPECT_NEVER, .deed = (enum deed)deed->row->id, .words = deed, .time = TIME_NEVER};
}

static struct aim aim_stays(const struct phrase *phrase)
{
    const struct value *values = phrase->values; /* stays ( open | silent | away ) for DURATION */
    return (struct aim){
        .id = EXPECT_STAYS,
        .kind = values[0].word == STAYS_SILENT ? AIM_NO_BYTE : AIM_DEED,
        .deed = values[0].word == STAYS_AWAY ? DEED_RECONNECTS : DEED_CLOSES,
        .time = values[1].range.high,
    };
}

struct aim aim_of(const struct expectation *expectation)
{
    const struct phrase *phrase = &expectation->phrase;
    enum expectation_id id = (enum expectation_id)phrase->row->id;
    struct aim aim = id == EXPECT_WITHIN ? aim_within(phrase) : id == EXPECT_NEVER ? aim_never(phrase) : aim_stays(phrase);
    aim.side = expectation->side;
    return aim;
}

bool aim_awaits_client(const struct aim *aim)
{
    return aim->kind == AIM_DEED && (aim->deed == DEED_CONNECTS || aim->deed == DEED_CONNECTS_TO || aim->deed == DEED_RECONNECTS);
}

bool aim_outlives(const struct aim *aim)
{
    bool state = aim->kind == AIM_DEED && aim->deed == DEED_IN_STATE;
    return aim_awaits_client(aim) || (state && state_is_closed(aim->words->values[0].state));
}

bool aim_is_ending(const struct aim *aim)
{
    return aim->kind == AIM_DEED && (aim->deed == DEED_CLOSES || aim->deed == DEED_SENDS_FIN || aim->deed == DEED_RESETS);
}

static const struct {
    const char *happened, *missing;
} deeds[] = {
    [DEED_CONNECTS] = {"it connected again", "no connect"},
    [DEED_CONNECTS_TO] = {"it connected there", "no connect there"},
    [DEED_RECONNECTS] = {"it reconnected", "no reconnect"},
    [DEED_ACCEPTS] = {"it accepted", "it did not accept"},
    [DEED_REFUSES] = {"it refused", "it did not refuse"},
    [DEED_SENDS_BYTES] = {"they came", "they did not come"},
    [DEED_SENDS_TEXT] = {"it came", "it did not come"},
    [DEED_SENDS_FIN] = {"its FIN came", "no FIN"},
    [DEED_CLOSES] = {"it closed", "no FIN or RST"},
    [DEED_RESETS] = {"its RST came", "no RST"},
    [DEED_ABOUT_TO_SEND] = {"it came", "it did not come"},
    [DEED_SILENT] = {"it was silent", "it was not silent that long"},
    [DEED_IN_STATE] = {"it was", "it was not"},
    [DEED_SIGNAL] = {"it came", "it did not come"},
    [DEED_SENDS_MESSAGE] = {"it came", "it did not come"},
    [DEED_SENDS_ALERT] = {"it came", "it did not come"},
    [DEED_SENDS_RECORD] = {"it came", "it did not come"},
    [DEED_ABOUT_MESSAGE] = {"it came", "it did not come"},
    [DEED_ABOUT_ALERT] = {"it came", "it did not come"},
    [DEED_ABOUT_RECORD] = {"it came", "it did not come"},
    [DEED_ABORTS] = {"it aborted the handshake", "it did not abort the handshake"},
    [DEED_SENDS_NOTIFY] = {"its close_notify came", "no close_notify"},
    [DEED_ABOUT_NOTIFY] = {"it came", "it did not come"},
};

const char *aim_happened(const struct aim *aim)
{
    return aim->kind == AIM_NO_BYTE ? "a byte came" : deeds[aim->deed].happened;
}

const char *aim_missing(const struct aim *aim)
{
    return aim->kind == AIM_NO_BYTE ? "no byte" : deeds[aim->deed].missing;
}
