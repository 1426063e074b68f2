/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A watch: an event that an instance waits for on its link: its rule's, the one that a running action waits `until`, or a deed in bytes
 * that an expectation wants to hear of. What is seen in a flow is shown to it by gate.c; the rest by happening.c. It only says when; what
 * follows is instance.c's.
 */
#ifndef HANGUP_ENGINE_WATCH_H
#define HANGUP_ENGINE_WATCH_H

#include "engine/detector.h"
#include "relay/filter.h"
#include "relay/timers.h"
#include "rules/ruleset.h"

struct instance;

enum watch_purpose {
    WATCH_EVENT,  /* the rule's own */
    WATCH_UNTIL,  /* ends the action that is running */
    WATCH_DEED,   /* an expectation's deed: told to the judge, each time */
    WATCH_SILENCE /* an expectation that a side stays silent: its first byte is told */
};

struct watch {
    struct watch *next; /* among those of its instance */
    struct instance *instance;
    enum watch_purpose purpose;
    enum deed deed;
    enum sides subject;
    const struct phrase *phrase; /* the deed's values */
    const struct step *step;     /* WATCH_DEED, WATCH_SILENCE: the expectation */
    /* by speaker: its ending was seen, and it comes once; what is armed by it now sees the same one, which is behind the place */
    bool ended[2];
    struct detector detectors[2]; /* by speaker, where the deed is found in bytes */
    bool due;                     /* gate.c: it is hit at the byte where the gate stands, */
    struct hit hit;               /* like this */
    struct timer silence;         /* DEED_SILENT */
    uint64_t silent_for;          /* ns: drawn anew for each silence */
    bool silence_counts;          /* since a byte came (or the watch was armed) nothing has been reported yet */
    uint64_t draws;               /* so many values were drawn for it */
    char how[48];                 /* what was seen that is its deed, for people: "alert bad_certificate"; empty: there is nothing to add */
};

/* Adds a watch to the instance and arms it. `subject` and `phrase` are those of an event or an expectation. */
struct watch *watch_new(struct instance *instance, enum watch_purpose purpose, enum sides subject, const struct phrase *phrase,
    const struct step *step);
void watch_free(struct watch *watch); /* takes it out of its instance */

bool watch_concerns(const struct watch *watch, enum side speaker);
bool watch_reads(const struct watch *watch, enum side speaker); /* its deed is found in that flow's bytes */
bool watch_looks(const struct watch *watch, enum side speaker); /* its deed is found in that flow's TLS */
bool watch_holds_back(const struct watch *watch);               /* is about to send */

/* The same as the detector's, for that speaker. A watch for silence's end is hit in front of the first byte. */
bool watch_find(struct watch *watch, enum side speaker, const uint8_t *bytes, size_t length, struct hit *hit);
void watch_take(struct watch *watch, enum side speaker, const uint8_t *bytes, size_t length);

/* Whether an ending of that speaker means that its deed, which is in bytes, cannot come. */
bool watch_is_missed(const struct watch *watch, enum side speaker);

/* Whether an ending that passes is what it waits for. */
bool watch_is_ending(const struct watch *watch, enum side speaker, enum ending ending);

/* The same behind it: the ending is a message of TLS, and `sends` means its last byte. */
bool watch_is_behind_ending(const struct watch *watch, enum side speaker, enum ending ending);

/* Whether the ending is the deed of an expectation that only the engine sees: it aborts the handshake. */
bool watch_is_abort(const struct watch *watch, enum side speaker);

/* How far that speaker's bytes were taken, and how many of the last of them may still begin what it waits for. */
uint64_t watch_position(const struct watch *watch, enum side speaker);
uint64_t watch_undecided(const struct watch *watch, enum side speaker);

/* After it was hit by that speaker: for the next time. */
void watch_restart(struct watch *watch, enum side speaker);

/* A byte came from that side: silence counts anew. */
void watch_heard(struct watch *watch, enum side speaker);

#endif
