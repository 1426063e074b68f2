/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What people are told while it runs: which notices become a line on standard error, how many of each, and the live line.
 */
#include "cli/announcer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "relay/relay.h"

/* So many warnings of a kind are given; a server that is down would fill the terminal. */
#define WARNINGS_MOST 5
#define REFRESH (500 * NS_PER_MS)

#define ANNOUNCED \
    (NOTICE_BIT(NOTICE_RELAY_LISTENING) | NOTICE_BIT(NOTICE_RELAY_PAUSED) | NOTICE_BIT(NOTICE_RELAY_RESUMED) \
        | NOTICE_BIT(NOTICE_RELAY_REFUSING) | NOTICE_BIT(NOTICE_RELAY_ACCEPTING) | NOTICE_BIT(NOTICE_REFUSED) \
        | NOTICE_BIT(NOTICE_TIMED_OUT) | NOTICE_BIT(NOTICE_TLS_FAILED) | NOTICE_BIT(NOTICE_SPINNING) | NOTICE_BIT(NOTICE_OVERLOOKED) \
        | NOTICE_BIT(NOTICE_BUFFER_FULL))

static void wipe(struct announcer *announcer)
{
    if (announcer->line_is_there) {
        fputs("\r\033[K", stderr);
        announcer->line_is_there = false;
    }
}

/* Which connection: `redis #3`. Relay notices have none. */
static void say_where(const struct notice *notice)
{
    fprintf(stderr, "hangup: relay %s", notice->relay->spec->name);
    if (notice->number > 0) {
        fprintf(stderr, " #%" PRIu64, notice->number);
    }
    fputs(": ", stderr);
}

static bool may_warn(struct announcer *announcer, const struct notice *notice)
{
    unsigned given = announcer->warnings[notice->kind]++;

    if (given >= WARNINGS_MOST) {
        if (given == WARNINGS_MOST) {
            wipe(announcer);
            fprintf(stderr, "hangup: further warnings of this kind (%s) are not shown; --trace has them\n", notice_rows[notice->kind].name);
        }
        return false;
    }
    wipe(announcer);
    say_where(notice);
    return true;
}

static void announce(struct announcer *announcer, const struct notice *notice, const char *text)
{
    if (!announcer->quiet) {
        wipe(announcer);
        say_where(notice);
        fprintf(stderr, "%s\n", text);
    }
}

/* Where there is a choice. */
static const char *connect_how(const struct relay *relay)
{
    if (relay->address.ss_family == AF_UNIX) {
        return "";
    }
    return relay_holds_syns(relay) ? ", connect held" : relay->bell != NULL ? ", connect met" : ", connect late";
}

static void announce_listening(struct announcer *announcer, const struct relay *relay)
{
    if (!announcer->quiet) {
        fprintf(stderr, "relay %s listening on %s, server %s%s\n", relay->spec->name, relay->text, relay->spec->server.text,
            connect_how(relay));
    }
}

static void announcer_tell(struct observer *observer, const struct notice *notice)
{
    struct announcer *announcer = (struct announcer *)(void *)observer;

    if (notice->kind == NOTICE_RELAY_LISTENING) {
        announce_listening(announcer, notice->relay);
    } else if (notice->kind == NOTICE_RELAY_PAUSED) {
        if (may_warn(announcer, notice)) {
            fputs(notice->error == EADDRINUSE ? "another program listens at its port: it tries again until that is gone\n"
                                              : "no descriptor is left: connections wait (ulimit -n says how many there are)\n", stderr);
        }
    } else if (notice->kind == NOTICE_RELAY_RESUMED) {
        if (announcer->warnings[NOTICE_RELAY_PAUSED] <= WARNINGS_MOST) {
            announce(announcer, notice, "accepts connections again");
        }
    } else if (notice->kind == NOTICE_RELAY_REFUSING) {
        announce(announcer, notice, "refuses connections now");
    } else if (notice->kind == NOTICE_RELAY_ACCEPTING) {
        announce(announcer, notice, "accepts connections again");
    } else if (notice->kind == NOTICE_REFUSED) {
        if (may_warn(announcer, notice)) {
            fprintf(stderr, "warning: no connection to the server, %s%s%s\n", notice->text, notice->error != 0 ? ": " : "",
                notice->error != 0 ? strerror(notice->error) : "");
        }
    } else if (notice->kind == NOTICE_TIMED_OUT) {
        if (may_warn(announcer, notice)) {
            fprintf(stderr, "warning: the %s no longer answers: %s\n", side_name(notice->side), strerror(notice->error));
        }
    } else if (notice->kind == NOTICE_TLS_FAILED) {
        if (may_warn(announcer, notice)) {
            fprintf(stderr, "warning: TLS with the %s failed: %s\n", side_name(notice->side), notice->text);
        }
    } else if (notice->kind == NOTICE_SPINNING) {
        if (may_warn(announcer, notice)) {
            fprintf(stderr, "warning: %s\n", notice->text);
        }
    } else if (notice->kind == NOTICE_OVERLOOKED) {
        if (may_warn(announcer, notice)) {
            fprintf(stderr, "warning: too many sockets are looked at already: the state of the %s's remains unknown\n",
                side_name(notice->side));
        }
    } else if (notice->kind == NOTICE_BUFFER_FULL) {
        if (may_warn(announcer, notice)) {
            fprintf(stderr,
                "warning: what the %s says fills the buffer (%" PRIu64 " bytes): it is not read until there is room; --buffer SIZE\n",
                side_name(notice->side), notice->bytes);
        }
    }
}

static void refresh(struct timer *timer)
{
    struct announcer *announcer = (struct announcer *)((char *)timer - offsetof(struct announcer, refresh));
    const struct tally *tally = announcer->tally;

    fprintf(stderr,
        "\r\033[K%" PRIu64 " open, %" PRIu64 " connections, %" PRIu64 " bytes, %" PRIu64 " rules fired, %" PRIu64 " passed, %" PRIu64
        " failed",
        tally->open_links, tally->links, tally->bytes, tally->firings, tally->findings[OUTCOME_PASSED], tally->findings[OUTCOME_FAILED]);
    fflush(stderr);
    announcer->line_is_there = true;
    timer_set(announcer->timers, timer, timers_now(announcer->timers) + REFRESH);
}

void announcer_init(struct announcer *announcer, struct timers *timers, bool quiet)
{
    *announcer = (struct announcer){.observer = {.tell = announcer_tell, .ignores = ~ANNOUNCED}, .timers = timers, .quiet = quiet,
        .refresh = {.fire = refresh}};
}

void announcer_go_live(struct announcer *announcer, const struct tally *tally)
{
    announcer->tally = tally;
    announcer->live = true;
    timer_set(announcer->timers, &announcer->refresh, timers_now(announcer->timers) + REFRESH);
}

void announcer_stop(struct announcer *announcer)
{
    timer_cancel(announcer->timers, &announcer->refresh);
    wipe(announcer);
}
