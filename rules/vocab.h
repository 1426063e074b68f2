/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The types of the vocabulary: what a row of it says, and the values its words have. A row *is* the syntax of one phrase
 * (`throttle WHAT to RATE [shared]`), with its help and its needs. The parser, `hangup help`, completion and hangup-rules(5) read the
 * same rows. The rows themselves stand elsewhere: faults/ exports the effects, engine/ the selectors and deeds, judge/ the
 * expectations; cli/ gathers them into a struct vocab and hands it to rules_compile(). So rules/ knows no fault.
 */
#ifndef HANGUP_RULES_VOCAB_H
#define HANGUP_RULES_VOCAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The syntax of a row, in words:
 *   word        that word, literally                 word(s)     singular or plural
 *   SLOT        a value, by form or by table (below)  [ … ]      may be left out
 *   ( a | b )   one of these words
 * Every SLOT, every ( … | … ) group and every [ … ] group that holds only words yields one value, in the order of the syntax;
 * `[of each client]` is one value of kind WORDS, present or not. In `[to SIDE]` only SIDE is a value (absent when the group was left
 * out). Rows may share their first words; one word of look-ahead must always be enough to choose (a test holds that).
 */
enum slot {
    SLOT_WORDS,    /* `[shared]`, `( open | silent )`: which of the words stands there */
    SLOT_NUMBER,   /* NUMBER    3 */
    SLOT_NUMBERS,  /* NUMBERS   3; 1..2; 4.. */
    SLOT_ORDINALS, /* ORDINALS  1..2, 5, 9..  a list of NUMBERS */
    SLOT_NTH,      /* NTH       2nd */
    SLOT_DURATION, /* DURATION  30s; 1..30s pareto */
    SLOT_SIZE,     /* SIZE      512 bytes; 1..64 KiB; 0..512 bytes in turn */
    SLOT_RATE,     /* RATE      256 KiB/s */
    SLOT_PERCENT,  /* PERCENT   0.25% */
    SLOT_STRING,   /* STRING    "…" */
    SLOT_TEXT,     /* TEXT      "…" or a PATTERN */
    SLOT_NAME,     /* NAME      a signal */
    SLOT_RELAY,    /* RELAY     the NAME of a relay block that there is */
    SLOT_PREFIX,   /* PREFIX    10.0.0.0/8 */
    SLOT_SIDE,     /* SIDE      client, server */
    SLOT_WHAT,     /* WHAT      [client | server] (data | fin | rst | …), limited to the row's `what` */
    SLOT_STATE,    /* STATE     a TCP state */
    SLOT_ERRNO,    /* ERRNO     ECONNREFUSED … */
    SLOT_ALERT,    /* ALERT     a TLS alert's name */
    SLOT_KIND,     /* KIND      a certificate fault */
    SLOT_DEED,     /* DEED      a deed with its own values */
};

enum side { SIDE_CLIENT, SIDE_SERVER }; /* the application, and the end of ours that faces it */

/* Whom a phrase is about. Actions without a side mean SIDES_BOTH; events say `either`. */
enum sides { SIDES_CLIENT, SIDES_SERVER, SIDES_BOTH };

enum what { WHAT_DATA, WHAT_FIN, WHAT_RST, WHAT_SYN, WHAT_SEGMENTS, WHAT_ACKS, WHAT_RECORDS, WHAT_CLOSE_NOTIFY, WHAT_WINDOW };
#define WHAT_BIT(w) (1u << (w))

/* The kernel's names, in its numbering (tcp_states.h): TCP_INFO and sock_diag give these numbers. */
enum tcp_state {
    STATE_ESTABLISHED = 1, STATE_SYN_SENT, STATE_SYN_RECV, STATE_FIN_WAIT1, STATE_FIN_WAIT2, STATE_TIME_WAIT, STATE_CLOSE,
    STATE_CLOSE_WAIT, STATE_LAST_ACK, STATE_LISTEN, STATE_CLOSING,
};

enum shape {
    SHAPE_UNIFORM,
    SHAPE_NORMAL, /* mean in the middle, four standard deviations from end to end, cut off there */
    SHAPE_PARETO, /* from low, shape 1.16, cut off at high */
    SHAPE_IN_TURN /* low on the rule's first connection, then one unit more on each, and from the start again */
};

/* A number or a range of them: nanoseconds, bytes, bytes a second, or a plain count. One number: low == high. */
struct range {
    uint64_t low, high; /* high UINT64_MAX: no upper end (`4..`) */
    uint64_t unit;      /* what one step of `in turn` adds: 1 byte, 1 ms … */
    enum shape shape;
};

/* A literal text or a pattern. */
struct text {
    const char *bytes; /* the literal, escapes resolved; or the pattern's source between the slashes */
    size_t length;
    bool pattern;
    /* Patterns, compiled once (pcre2_code_8), else NULL: `ends` for dfa matching with DFA_SHORTEST (NO_AUTO_POSSESS: known at the last
     * byte); `greedy` for replace. Shared by all threads: matching does not write to them. */
    const struct pcre2_real_code_8 *ends, *greedy;
};

struct prefix {
    int family; /* AF_INET or AF_INET6 */
    uint8_t address[16];
    unsigned bits;
};

struct phrase;

struct value {
    enum slot slot;
    bool present; /* false: the optional group was left out, all else is unset */
    union {
        unsigned word;                                          /* WORDS: index among the alternatives, 0 for `[…]` groups */
        struct range range;                                     /* NUMBER NUMBERS DURATION SIZE RATE */
        struct { const struct range *list; size_t count; } ordinals;
        uint64_t nth;                                           /* NTH */
        double share;                                           /* PERCENT: 0.0 to 1.0 */
        struct { const char *bytes; size_t length; } string;    /* STRING; NUL-terminated as well */
        struct text text;
        const char *name;                                       /* NAME RELAY */
        struct prefix prefix;
        enum side side;
        struct { enum sides sides; enum what what; } flow;      /* WHAT */
        enum tcp_state state;
        int error;                                              /* ERRNO */
        unsigned code;                                          /* ALERT, KIND */
        const struct phrase *deed;                              /* DEED */
    };
};

#define PHRASE_VALUES 6

/* A row of the vocabulary, found in a text, with its values. */
struct phrase {
    const struct row *row;
    struct value values[PHRASE_VALUES];
};

/* Which table a row belongs to, and so where it may stand. */
enum row_table {
    ROW_SELECTOR,    /* behind `for`:  10% of connections */
    ROW_EVENT,       /* behind `when`, without a subject: signal NAME; both are silent for DURATION */
    ROW_DEED,        /* behind a subject: sends fin.  Events and expectations share them */
    ROW_EFFECT,      /* behind `then` */
    ROW_EXPECTATION, /* behind `expect SIDE`, in a rule */
    ROW_STANDING,    /* behind `expect`, outside of rules */
};

/* What the checks of the language need to know of a row. */
enum row_traits {
    ROW_TAKES_TIME = 1u << 0,    /* may have `for DURATION` or `until EVENT` behind it */
    ROW_NEEDS_TIME = 1u << 1,    /* must have it: `wait` */
    ROW_ENDS_SIDE = 1u << 2,     /* leaves nothing of that side to hold or to close: reset, forget */
    ROW_CLOSES_SIDE = 1u << 3,   /* no more data goes to that side: close, send fin */
    ROW_AT_CONNECT = 1u << 4,    /* goes with `client connects` or a window only: refuse, accept without server */
    ROW_OUTLIVES = 1u << 5,      /* deeds: seen on later connections: reconnects, connects to relay */
    ROW_DEAFENS_SIDE = 1u << 6,  /* that side cannot be heard while it lasts: vanish */
    ROW_STAYS = 1u << 7,         /* without a time it is done at once, and its effect stays: hold, delay … */
    ROW_NOT_EXPECTED = 1u << 8,  /* a deed for events only: is about to send */
    ROW_UNHEARD = 1u << 9,       /* while it lasts no attempt is seen at all, so none can be chosen or counted: refuse */
    ROW_NEEDS_TLS = 1u << 10,    /* nothing can come of it without a relay that speaks TLS: send close_notify */
    ROW_NEEDS_TLS_THERE = 1u << 11, /* and it has to speak it to the row's SIDE: send key_updates */
    ROW_IN_HANDSHAKE = 1u << 12, /* done in the TLS handshake, behind the client's hello: in time for a ROW_BY_HELLO, too */
    ROW_LOSES = 1u << 13,        /* segments of that side are lost: its FIN among them, it cannot be heard while that lasts */
    ROW_BY_HELLO = 1u << 14,     /* selectors: known when the client's hello has come, and nothing of the rule is done before: tls name */
};

/* What a phrase may need of the machine and of the user that hangup runs as; anything else any user can do. */
enum need {
    NEED_NOTHING,
    NEED_FILTER,   /* a filter of ours on a TCP socket of ours */
    NEED_REPAIR,   /* TCP_REPAIR on a TCP socket of ours */
    NEED_RAW,      /* raw sockets */
    NEED_DESTROY,  /* ending another's socket by sock_diag */
    NEED_HELD_SYN, /* a client's SYN is kept back until its connection is decided: filters and raw sockets */
    NEEDS
};

/* One need of a row. A list of them ends with NEED_NOTHING. */
struct row_need {
    enum need need;
    const char *when;                             /* NULL: always; else in which case, for people: "with ERRNO" */
    bool (*applies)(const struct phrase *phrase); /* the same for the phrase as it was written; NULL: always */
};

struct row {
    enum row_table table;
    const char *syntax;  /* "throttle WHAT to RATE [shared]" */
    const char *help;    /* one sentence: from the place on, that … / happens when … / passes when … */
    const char *needs;   /* NULL: nothing; else what it needs of the relay or of where it runs, as the manual says it: "a relay with tls" */
    const struct row_need *asks; /* NULL: any user can; else what it needs of machine and user, case by case (needs.h) */
    unsigned traits;     /* enum row_traits */
    unsigned what;       /* WHAT_BIT()s that its WHAT may be */
    const int *errnos;   /* NULL: any; else those that its ERRNO may be, 0 behind the last */
    int id;              /* the exporter's own number for it: enum deed, enum selector …; rules/ uses those below only */
};

/* Deeds and events: what rules/ checks by, engine/ detects and judge/ waits for. */
enum deed {
    DEED_CONNECTS,      /* connects */
    DEED_CONNECTS_TO,   /* connects to relay RELAY */
    DEED_RECONNECTS,    /* reconnects */
    DEED_ACCEPTS,       /* accepts */
    DEED_REFUSES,       /* refuses */
    DEED_SENDS_BYTES,   /* sends SIZE */
    DEED_SENDS_TEXT,    /* sends TEXT */
    DEED_SENDS_FIN,     /* sends fin */
    DEED_CLOSES,        /* closes */
    DEED_RESETS,        /* resets */
    DEED_ABOUT_TO_SEND, /* is about to send TEXT */
    DEED_SILENT,        /* is silent for DURATION;  both are silent for DURATION (a ROW_EVENT) */
    DEED_IN_STATE,      /* is in STATE */
    DEED_SIGNAL,        /* signal NAME (a ROW_EVENT) */
    /* Of TLS, in the order of their rows: what is sent, what is about to be. */
    DEED_SENDS_MESSAGE,  /* sends ( client_hello | server_hello | certificate | finished ) */
    DEED_SENDS_ALERT,    /* sends alert [ALERT] */
    DEED_SENDS_RECORD,   /* sends record NUMBER */
    DEED_ABOUT_MESSAGE,  /* is about to send ( client_hello | server_hello | certificate | finished ) */
    DEED_ABOUT_ALERT,    /* is about to send alert [ALERT] */
    DEED_ABOUT_RECORD,   /* is about to send record NUMBER */
    DEED_SENDS_NOTIFY,   /* sends close_notify */
    DEED_ABOUT_NOTIFY,   /* is about to send close_notify */
    DEED_ABORTS,         /* aborts handshake */
};

enum selector_id {
    SELECT_CONNECTIONS,  /* connection(s) ORDINALS [of each client] */
    SELECT_OVER_AT_ONCE, /* connections over NUMBER at once */
    SELECT_EVERY,        /* every NTH connection [of each client] */
    SELECT_SHARE,        /* PERCENT of ( connections | clients ) */
    SELECT_CLIENT,       /* client PREFIX */
    SELECT_RELAY,        /* relay RELAY */
    SELECT_TLS_NAME,     /* tls name STRING; decided when the client's hello has come */
    SELECT_TLS_PROTOCOL, /* tls protocol STRING; likewise */
};

enum expectation_id {
    EXPECT_WITHIN, /* DEED [NUMBERS time(s)] within DURATION [with growing pauses] */
    EXPECT_NEVER,  /* never DEED */
    EXPECT_STAYS,  /* stays ( open | silent | away ) for DURATION */
};

enum standing_id {
    STANDING_NONE_LONGER, /* no [SIDE] STATE longer than DURATION */
    STANDING_AT_MOST,     /* at most NUMBER [SIDE] STATE */
    STANDING_TRUNCATION,  /* no truncation */
    STANDING_SPINNING,    /* no spinning */
};

/* Words people try that are not in the language, and what to write instead. */
struct misnomer {
    const char *wrong, *right; /* "latency", "delay" */
};

struct vocab {
    const struct row *const *const *lists; /* NULL-terminated lists of rows, such as fault_rows; the last list is NULL */
    const struct misnomer *misnomers; /* ends with wrong == NULL */
};

#endif
