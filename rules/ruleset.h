/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rule set: what rule files mean once they are compiled. Immutable, counted by references, shared by all threads without a lock. The
 * relay blocks in it say what to listen on; the rules say what engine/ does on which links; the expectations say what judge/ watches for.
 * Made by rules_compile() only.
 */
#ifndef HANGUP_RULES_RULESET_H
#define HANGUP_RULES_RULESET_H

#include "rules/diag.h"
#include "rules/vocab.h"

/* An address as written. Resolving names is the relay's business. */
enum address_kind {
    ADDRESS_IP,   /* host is a numeric IPv4 or IPv6 address */
    ADDRESS_NAME, /* host is a name */
    ADDRESS_UNIX, /* host is a path */
};

struct address {
    enum address_kind kind;
    const char *host; /* without brackets */
    uint16_t port;    /* host byte order; 0: the kernel chooses (listen only) */
    const char *text; /* as written */
};

enum proxy_protocol { PROXY_NONE, PROXY_V1, PROXY_V2 };

enum tls_version { VERSION_1_0, VERSION_1_1, VERSION_1_2, VERSION_1_3 };

struct relay_spec {
    const char *name;
    const char *text; /* what stands in its block, as people read it; white space folded. A relay is its name and its text */
    struct address listen, server;
    uint64_t window;   /* bytes, 0: the kernel's own; SO_RCVBUF on both our ends */
    uint64_t segments; /* bytes, 0: the path's own; TCP_MAXSEG on both our ends */
    bool late_acks;    /* what comes is acknowledged as late as TCP allows; TCP_QUICKACK off on both our ends */
    enum proxy_protocol proxy;
    bool tls[2];             /* by side: hangup speaks TLS there. What follows is for such relays only */
    const char *trust;       /* a file of certificates that the server's must be signed by; NULL: the system's */
    bool trust_anyone;       /* whatever the server shows */
    const char *certificate, *key;               /* files: what is shown to clients; NULL: one is minted */
    const char *client_certificate, *client_key; /* files: what is shown to a server that asks; NULL: nothing */
    bool has_version;
    enum tls_version version; /* that one only; else TLS 1.2 and 1.3 */
    const char *ciphers;      /* as OpenSSL names them; NULL: its own choice */
    struct place place;
    unsigned index;      /* unique among all that were compiled in a run, in their order */
    struct ruleset *set; /* that it belongs to */
};

struct selector {
    bool negated;
    struct phrase phrase;
};

/* `from A to B every P`. A moment is a time since the rules were loaded, or a signal. */
struct moment {
    const char *signal; /* NULL: at `after` */
    struct range after; /* ns */
};

struct window {
    bool present, has_end, repeats;
    struct moment from, to;
    uint64_t every; /* ns */
    struct place place;
};

enum occasion {
    OCCASION_WHEN,  /* the first time on a connection */
    OCCASION_EACH,  /* every time */
    OCCASION_NTH,   /* that one */
    OCCASION_FIRST, /* the first so many times */
};

struct event {
    enum sides subject; /* SIDES_BOTH: `either`; of `both are silent`: both */
    struct phrase deed; /* row->id is an enum deed */
};

struct action {
    struct phrase effect;
    bool has_time;             /* `for DURATION` */
    struct range time;         /* ns */
    const struct event *until; /* `until EVENT`, or NULL */
};

struct expectation {
    enum side side;
    struct phrase phrase; /* row->id is an enum expectation_id */
};

enum step_kind { STEP_ACTION, STEP_EXPECTATION };

struct step {
    enum step_kind kind;
    union {
        struct action action;
        struct expectation expectation;
    };
    unsigned index;     /* its number in the rule, from 0 */
    const char *text;   /* as people read it: "expect client closes within 2s", "hold server fin for 30s"; white space folded */
    struct place place; /* of its first word */
};

struct rule {
    const char *name; /* --rule texts: "rule-1" … by their order */
    const char *text; /* its sentence as people read it; white space folded. A rule is its name and its text */
    struct place place;
    unsigned index;      /* unique among all that were compiled in a run; in a rule set the order of S6 */
    struct ruleset *set; /* that it belongs to */
    const struct selector *selectors;
    size_t selector_count;
    struct window window;
    enum occasion occasion;
    uint64_t count;            /* OCCASION_NTH, OCCASION_FIRST */
    const struct event *event; /* NULL: none written (`client connects`, or with a window: see there) */
    const struct step *steps;
    size_t step_count;
    bool by_chance; /* leaves whether it fires to a % or to a signal: if it never does, that is no exit code 4 */
};

struct standing {
    struct phrase phrase; /* row->id is an enum standing_id */
    const char *text;
    struct place place;
    struct ruleset *set; /* that it belongs to */
};

struct ruleset {
    bool has_seed;
    uint64_t seed;
    const struct relay_spec *relays;
    size_t relay_count;
    const struct rule *rules;
    size_t rule_count;
    const struct standing *standings;
    size_t standing_count;
    struct ruleset_memory *memory; /* owns all of this, and counts; rules/ only */
};

/* A sentence that becomes a rule of that name, and how messages call the place where it stands. */
struct rules_sentence {
    const char *name, *text, *where;
};

/* A relay of any name, by its two addresses; messages call them `listen` and `server`. */
struct rules_relay {
    const char *name, *listen, *server;
    const char *with; /* its options, as in a relay block; or NULL */
};

/* What is in force beside the rule set that is compiled, so that it may be named and must not be named again. */
struct rules_known {
    const char *const *relays, *const *rules;
    size_t relay_count, rule_count;
    const bool (*tls)[2]; /* by relay: the sides that it speaks TLS to */
};

/* What to compile. Files come in the order given, and --rule texts behind them. */
struct rules_input {
    const char *const *files;
    size_t file_count;
    const char *const *texts; /* each a sentence, without `rule NAME { }` */
    size_t text_count;
    const char *document, *document_name; /* a file's content that is in no file, and its name for messages; or NULL */
    const struct rules_sentence *sentences;
    size_t sentence_count;
    const struct rules_relay *relays;
    size_t relay_count;
    const struct rules_known *known; /* NULL: this is the first, and must have a relay */
    unsigned first_relay, first_rule; /* the `index` of the first of them */
    bool sealed; /* what is read may not have other files read: it comes from somebody else */
    const char *listen, *server; /* --listen and --server, or NULL: a relay named "relay" in front of all others */
    const char *with; /* --with, or NULL: the options of that relay */
    bool checking; /* nothing will run: there need not be a relay, and where there is none, the names of relays are not looked up */
    const struct means *means; /* what this machine and user allow: what needs more is an error, when checking a warning. NULL: all is */
};

/*
 * Reads and compiles. On any error returns NULL, with the errors in diag (a file that cannot be read is one); else a rule set with one
 * reference, maybe with warnings in diag. `vocab` must outlive the rule set.
 */
struct ruleset *rules_compile(const struct rules_input *input, const struct vocab *vocab, struct diag *diag);

struct ruleset *ruleset_ref(struct ruleset *set);
void ruleset_unref(struct ruleset *set); /* NULL is fine; frees with the last reference */

/* The first value of that kind in a phrase, or NULL if it was left out. */
const struct value *phrase_value(const struct phrase *phrase, enum slot slot);

/* The names of things, both ways. The _from_name functions return -1 for no such name. */
const char *side_name(enum side side);
const char *alert_name(unsigned code); /* NULL: none that has a name */
const char *what_name(enum what what);
const char *tcp_state_name(enum tcp_state state);
const char *tls_version_name(enum tls_version version);
int tcp_state_from_name(const char *name, size_t length);

#endif
