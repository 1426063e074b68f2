/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Selectors, events and deeds. The expectations of judge/ are made of the same deeds. Says nothing about how they are found out.
 */
#include "engine/vocabulary.h"

#include "rules/needs.h"

static const struct row selectors[] = {
    {
        .table = ROW_SELECTOR,
        .syntax = "connection(s) ORDINALS [of each client]",
        .help = "chosen by its number: attempts that reached this relay since the rule was loaded, from 1; `of each client`: counted for "
                "its address alone",
        .id = SELECT_CONNECTIONS,
    },
    {
        .table = ROW_SELECTOR,
        .syntax = "connections over NUMBER at once",
        .help = "chosen if so many others of this relay are open",
        .id = SELECT_OVER_AT_ONCE,
    },
    {
        .table = ROW_SELECTOR,
        .syntax = "every NTH connection [of each client]",
        .help = "chosen if its number is 5, 10, 15 ... for `every 5th`; `of each client`: counted for its address alone",
        .id = SELECT_EVERY,
    },
    {
        .table = ROW_SELECTOR,
        .syntax = "PERCENT of ( connections | clients )",
        .help = "drawn from the seed, once for each connection; `of clients`: once for each client address, all of its connections or none",
        .id = SELECT_SHARE,
    },
    {
        .table = ROW_SELECTOR,
        .syntax = "client PREFIX",
        .help = "chosen if its client's address is inside",
        .id = SELECT_CLIENT,
    },
    {
        .table = ROW_SELECTOR,
        .syntax = "relay RELAY",
        .help = "chosen if it came in at that relay",
        .id = SELECT_RELAY,
    },
    {
        .table = ROW_SELECTOR,
        .syntax = "tls name STRING",
        .help = "chosen if its client hello asks for that name, where `*` stands for one label; decided when that has come: until then "
                "nothing else of the rule runs",
        .traits = ROW_BY_HELLO,
        .id = SELECT_TLS_NAME,
    },
    {
        .table = ROW_SELECTOR,
        .syntax = "tls protocol STRING",
        .help = "chosen if its client hello offers that protocol (ALPN: `h2`, `http/1.1`); decided when that has come, as `tls name`",
        .traits = ROW_BY_HELLO,
        .id = SELECT_TLS_PROTOCOL,
    },
};

static const struct row events[] = {
    {
        .table = ROW_EVENT,
        .syntax = "both are silent for DURATION",
        .help = "happens when that long no byte came from either side",
        .id = DEED_SILENT,
    },
    {
        .table = ROW_EVENT,
        .syntax = "signal NAME",
        .help = "happens when that signal comes, on every chosen connection that is open; `usr1`, `USR1` and `SIGUSR1` are the Unix signal",
        .id = DEED_SIGNAL,
    },
};

static const struct row deeds[] = {
    {
        .table = ROW_DEED,
        .syntax = "connects",
        .help = "happens when the attempt reaches us, before the server is dialled",
        .traits = ROW_OUTLIVES,
        .id = DEED_CONNECTS,
    },
    {
        .table = ROW_DEED,
        .syntax = "connects to relay RELAY",
        .help = "happens when the same client connects there",
        .traits = ROW_OUTLIVES,
        .id = DEED_CONNECTS_TO,
    },
    {
        .table = ROW_DEED,
        .syntax = "reconnects",
        .help = "happens when the same client address connects to this relay again",
        .traits = ROW_OUTLIVES,
        .id = DEED_RECONNECTS,
    },
    {
        .table = ROW_DEED,
        .syntax = "accepts",
        .help = "happens when our connect to the server succeeds",
        .id = DEED_ACCEPTS,
    },
    {
        .table = ROW_DEED,
        .syntax = "refuses",
        .help = "happens when our connect to the server fails: refused, unreachable or timed out",
        .id = DEED_REFUSES,
    },
    {
        .table = ROW_DEED,
        .syntax = "sends SIZE",
        .help = "happens when that many bytes have come: since the connection began, since the last firing for `each time`, since the step "
                "in a step",
        .id = DEED_SENDS_BYTES,
    },
    {
        .table = ROW_DEED,
        .syntax = "sends TEXT",
        .help = "happens at the byte where the leftmost match can first end, wherever the reads cut it",
        .id = DEED_SENDS_TEXT,
    },
    {
        .table = ROW_DEED,
        .syntax = "sends fin",
        .help = "happens when its FIN comes: it has closed, or shut down its sending side; TCP does not say which",
        .id = DEED_SENDS_FIN,
    },
    {
        .table = ROW_DEED,
        .syntax = "closes",
        .help = "happens when its FIN or its RST comes",
        .id = DEED_CLOSES,
    },
    {
        .table = ROW_DEED,
        .syntax = "resets",
        .help = "happens when its RST comes",
        .id = DEED_RESETS,
    },
    {
        .table = ROW_DEED,
        .syntax = "is about to send TEXT",
        .help = "as `sends`, but in front of the match: bytes that may be its beginning wait until that is decided",
        .traits = ROW_NOT_EXPECTED,
        .id = DEED_ABOUT_TO_SEND,
    },
    {
        .table = ROW_DEED,
        .syntax = "is silent for DURATION",
        .help = "happens when that long no byte came from it",
        .id = DEED_SILENT,
    },
    {
        .table = ROW_DEED,
        .syntax = "is in STATE",
        .help = "happens when its socket enters that state; a state that lasts less than 10 ms may go unseen",
        .needs = "the application on this machine; CLOSE_WAIT and FIN_WAIT2 are inferred where it is elsewhere",
        .asks = needs_of_states,
        .id = DEED_IN_STATE,
    },
};

/*
 * Where the relay speaks TLS itself all of it is known; in TLS that passes through, what is in the clear or what its records' sizes tell
 * (tls/view.h).
 */
static const struct row tls_deeds[] = {
    {
        .table = ROW_DEED,
        .syntax = "sends ( client_hello | server_hello | certificate | finished )",
        .help = "happens when the last byte of that TLS message comes",
        .id = DEED_SENDS_MESSAGE,
    },
    {
        .table = ROW_DEED,
        .syntax = "sends alert [ALERT]",
        .help = "happens when that TLS alert comes, or any; which one is known while it is in the clear",
        .id = DEED_SENDS_ALERT,
    },
    {
        .table = ROW_DEED,
        .syntax = "sends record NUMBER",
        .help = "happens when the last byte of that TLS record comes, counted from the connection's first",
        .id = DEED_SENDS_RECORD,
    },
    {
        .table = ROW_DEED,
        .syntax = "is about to send ( client_hello | server_hello | certificate | finished )",
        .help = "happens in front of that TLS message: bytes that may be its beginning wait until that is decided",
        .traits = ROW_NOT_EXPECTED,
        .id = DEED_ABOUT_MESSAGE,
    },
    {
        .table = ROW_DEED,
        .syntax = "is about to send alert [ALERT]",
        .help = "happens in front of that TLS alert, or any",
        .traits = ROW_NOT_EXPECTED,
        .id = DEED_ABOUT_ALERT,
    },
    {
        .table = ROW_DEED,
        .syntax = "is about to send record NUMBER",
        .help = "happens in front of that TLS record, counted from the connection's first",
        .traits = ROW_NOT_EXPECTED,
        .id = DEED_ABOUT_RECORD,
    },
    {
        .table = ROW_DEED,
        .syntax = "aborts handshake",
        .help = "happens when it ends TLS's handshake, by alert, FIN or RST, before its `finished`",
        .id = DEED_ABORTS,
    },
    {
        .table = ROW_DEED,
        .syntax = "sends close_notify",
        .help = "happens when TLS's goodbye comes",
        .needs = "a relay with tls",
        .traits = ROW_NEEDS_TLS,
        .id = DEED_SENDS_NOTIFY,
    },
    {
        .table = ROW_DEED,
        .syntax = "is about to send close_notify",
        .help = "happens in front of TLS's goodbye",
        .needs = "a relay with tls",
        .traits = ROW_NOT_EXPECTED | ROW_NEEDS_TLS,
        .id = DEED_ABOUT_NOTIFY,
    },
};

const struct row *const engine_rows[] = {
    &selectors[0], &selectors[1], &selectors[2], &selectors[3], &selectors[4], &selectors[5], &selectors[6], &selectors[7],
    &events[0], &events[1],
    &deeds[0], &deeds[1], &deeds[2], &deeds[3], &deeds[4], &deeds[5], &deeds[6],
    &deeds[7], &deeds[8], &deeds[9], &deeds[10], &deeds[11], &deeds[12],
    &tls_deeds[0], &tls_deeds[1], &tls_deeds[2], &tls_deeds[3], &tls_deeds[4], &tls_deeds[5], &tls_deeds[6],
    &tls_deeds[7], &tls_deeds[8],
    NULL,
};
