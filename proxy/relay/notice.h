/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notices: what the relay, and the rules at work on it, tell whoever listens. Trace, judge and metrics are observers; the relay knows
 * none of them. A notice is a value: valid during the call, with nothing to free. Observers may not change links; only engine/, the last
 * of them, does: what it does about a notice is told after all others know of that notice.
 *
 * The table is the documentation, too: the trace's field `what` is the name in it, and the manual's list is made from it.
 */
#ifndef HANGUP_RELAY_NOTICE_H
#define HANGUP_RELAY_NOTICE_H

#include "relay/filter.h"
#include "rules/ruleset.h"

struct link;
struct sockaddr_storage;
struct relay;
struct sighting;

/* X(name in C, name in traces, side?, help).  The side is the application concerned: `client fin received` is the client's FIN. */
#define NOTICES(X) \
    X(RELAY_LISTENING, "relay listening", false, "the relay accepts connections at `text`") \
    X(RELAY_PAUSED, "relay paused", false, "no descriptor is left, or another program has its port: connections wait") \
    X(RELAY_RESUMED, "relay resumed", false, "connections are accepted again") \
    X(RELAY_REFUSING, "relay refusing", false, "a rule makes the relay refuse connections") \
    X(RELAY_ACCEPTING, "relay accepting", false, "the relay listens again after a refusal") \
    X(RELAY_REMOVED, "relay removed", false, "the relay listens no more, for good; its open connections go on") \
    X(RELAY_CLOSED, "relay closed", false, "a relay that was removed has lost its last connection") \
    X(OPENED, "opened", false, "a client's attempt reached us, its SYN held or its connection accepted; `text` is its address") \
    X(ACCEPTED, "accepted", false, "the client's SYN was held, and its connect has succeeded now") \
    X(TURNED_AWAY, "turned away", false, "the client's connect fails with `error`; with ETIMEDOUT, since it gets no answer") \
    X(GAVE_UP, "gave up", true, "this side stopped trying before it was connected") \
    X(DIALLING, "dialling", false, "the server's address `text` is tried") \
    X(CONNECTED, "connected", false, "the server accepted; `text` is the address that did") \
    X(REFUSED, "refused", false, \
        "no address of the server could be connected to; `error` is the last one's, `text` the address, or why it has none") \
    X(RECEIVED, "received", true, "`bytes` bytes came from this side") \
    X(DELIVERED, "delivered", true, "`bytes` bytes were written to this side's socket") \
    X(FIN_RECEIVED, "fin received", true, "this side's FIN came: it has closed or shut down") \
    X(FIN_SENT, "fin sent", true, "our FIN to this side was handed to the kernel, behind all data") \
    X(FIN_ACKED, "fin acknowledged", true, "this side's kernel has our FIN") \
    X(RST_RECEIVED, "rst received", true, "this side's RST came; `error` is what its socket said") \
    X(RST_SENT, "rst sent", true, "this side's socket was reset by us; `bytes` is what was thrown away unsent") \
    X(HANDSHAKE_DONE, "handshake done", true, "our TLS handshake with this side is over; `text`: version, cipher, protocol") \
    X(HANDSHAKE_ABORTED, "handshake aborted", true, "this side ended the TLS handshake: `text` is FIN, RST or the alert's name") \
    X(TLS_FAILED, "tls failed", true, "TLS with this side failed for a reason of ours, `text`: its certificate, its bytes") \
    X(NOTIFY_RECEIVED, "close_notify received", true, "this side said TLS's goodbye") \
    X(NOTIFY_SENT, "close_notify sent", true, "this side was sent TLS's goodbye") \
    X(ALERT_RECEIVED, "alert received", true, "this side sent the TLS alert `text`") \
    X(TLS_ENDED, "tls ended", true, \
        "how this side ended its TLS, after the handshake: `text` is close_notify, bare FIN, RST or the alert's name, `bytes` its number") \
    X(ALERT_SENT, "alert sent", true, "this side was sent the TLS alert `text`") \
    X(TIMED_OUT, "timed out", true, "this side's machine no longer answers; `error` says how it was noticed") \
    X(CLOSED_ON, "closed on", true, "this side's end was closed by a rule: whatever it says now is answered by RST") \
    X(STATE, "state", true, \
        "this application's own socket is in another TCP state; `text` says in which, and who has it or that it is inferred") \
    X(SPINNING, "spinning", true, \
        "this application's process goes round and round over its socket, which is at its end; `text` says how that is known") \
    X(UNSEEN, "unseen", true, "nothing more is told of this application's own socket: it is not on this machine, or nobody wants to know") \
    X(OVERLOOKED, "overlooked", true, "too many sockets are looked after already: nobody looks at this application's own one") \
    X(GONE, "gone", true, "our socket that faces this side is closed") \
    X(BUFFER_FULL, "buffer full", true, \
        "what this side says fills the connection's buffer (`bytes`): it is not read until there is room; told once") \
    X(CLOSED, "closed", false, "both ends of the connection are gone; `text` says why") \
    X(RULE_FIRED, "rule fired", false, "the rule's event came, and its place was reached; `bytes` is how often on this connection") \
    X(ACTION_STARTED, "action started", false, "the rule's action is in force") \
    X(ACTION_HAPPENED, "action happened", false, \
        "the action could be felt: what it sent or let go is acknowledged, the first byte was held …") \
    X(ACTION_ENDED, "action ended", false, "the action is over: its time, its amount, or its connection") \
    X(EXPECTED, "expected", false, "the event and every action above this expectation have happened: its clock starts") \
    X(DEED_SEEN, "deed seen", false, "the text, the amount, the silence or the TLS message that this expectation waits for came") \
    X(DEED_MISSED, "deed missed", false, \
        "the side that this expectation waits for ended instead, or `text`: what it was to send or to do cannot come") \
    X(DEED_HIDDEN, "deed hidden", false, "what came may be what this expectation waits for, but it is encrypted") \
    X(TLS_MESSAGE, "tls message", true, \
        "this side sent the TLS message or alert `text`, in its record number `bytes`; told where a rule looks into TLS") \
    X(TLS_RECORD, "tls record", true, \
        "this side sent its TLS record number `bytes`, which is `text`; told where a rule speaks of records") \
    X(BYTE_SEEN, "byte seen", false, "the first byte since the rule fired came from the side that is expected to stay silent") \
    X(FINDING, "finding", false, "the outcome of an expectation; `text` is the finding's line")

enum notice_kind {
#define X(id, name, has_side, help) NOTICE_##id,
    NOTICES(X)
#undef X
    NOTICE_KINDS
};

struct notice {
    enum notice_kind kind;
    uint64_t at;              /* ns, monotonic: when it happened (for RECEIVED: when it was read) */
    const struct relay *relay; /* always set, except for FINDING of standing expectations */
    struct link *link;        /* engine/'s alone: NULL for relay notices, findings, and on any thread but its worker's */
    uint64_t number;          /* the connection's; 0 if it is about none */
    const struct sockaddr_storage *client; /* where that connection came from; NULL where number is 0, and for FINDING */
    enum side side;           /* where the table says so */
    uint64_t bytes;
    int error;                /* an errno, or 0 */
    const char *text;         /* or NULL */
    const struct sighting *sighting; /* STATE; else NULL */
    const struct rule *rule; /* RULE_FIRED … FINDING; for RST_SENT, FIN_SENT, GONE … the rule that did it, NULL if the other side did */
    const struct step *step;  /* ACTION_*, EXPECTED, DEED_SEEN, BYTE_SEEN, FINDING; or NULL */
    uint64_t firing;          /* which firing of the rule on this link, from 1; 0 where no rule is concerned */
};

struct notice_row {
    const char *name, *help;
    bool has_side;
};

extern const struct notice_row notice_rows[NOTICE_KINDS];

#define NOTICE_BIT(kind) (UINT64_C(1) << (kind))
_Static_assert(NOTICE_KINDS <= 64, "a bit for each kind");

/* Whoever wants to hear. Embedded in the listener's own struct. */
struct observer {
    void (*tell)(struct observer *observer, const struct notice *notice);
    uint64_t ignores; /* NOTICE_BIT()s of what it is not told: most of what happens is bytes, which few want to hear of */
};

/* Those who hear what happens on a worker, in the order in which they are told. Who is in the lists of several workers is told by several
 * threads at a time. Zeroed: nobody. */
struct observers {
    struct observer **list;
    size_t count;
    uint64_t wanted; /* NOTICE_BIT()s of what not all of them ignore */
};

void observers_add(struct observers *observers, struct observer *observer); /* behind those that are there; it must outlive the list */
void observers_tell(const struct observers *observers, const struct notice *notice);
void observers_clear(struct observers *observers); /* nobody is told any more; frees the list */

/* Inline, as a notice that nobody wants, one for each read and write, need not even be made. */
static inline bool observers_want(const struct observers *observers, enum notice_kind kind)
{
    return (observers->wanted & NOTICE_BIT(kind)) != 0;
}

#endif
