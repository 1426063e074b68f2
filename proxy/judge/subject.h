/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A subject: one link, as the judge knows it, by relay and number. It holds what was seen of both applications and the expectations that
 * rules have raised on it (claims), and lives until the link is closed and each of them is decided; those of reconnects outlive the link.
 * No pointer to the link itself is kept.
 */
#ifndef HANGUP_JUDGE_SUBJECT_H
#define HANGUP_JUDGE_SUBJECT_H

#include "judge/clients.h"
#include "judge/findings.h"
#include "judge/peer.h"

struct docket;
struct vigil;

/* An expectation on one connection. Each firing of its rule adds a vigil; what they find merges here: failed beats passed beats never
 * reached. */
struct claim {
    struct claim *next; /* of its subject */
    struct subject *subject;
    const struct rule *rule;
    const struct step *step;
    const struct expectation *expectation; /* of the step */
    struct vigil *vigils; /* settled ones too, until the judge sweeps */
    size_t vigil_count;
    bool has_outcome, decided; /* a vigil has found something; the finding has been handed out */
    enum outcome outcome;
    uint64_t at;   /* ns: when that was found */
    uint64_t took; /* ns, or TIME_NEVER */
    char *seen;    /* owned */
};

struct subject {
    struct subject *next;       /* in its bucket */
    struct subject *next_dirty; /* of those that the judge has to sweep */
    bool dirty;
    struct docket *docket;
    const struct relay *relay;
    uint64_t number;
    struct client client;
    char client_text[64];
    struct peer peers[2];
    bool closed; /* the link is gone */
    struct claim *claims;
};

/* The claim of that expectation, made if it is the first. */
struct claim *subject_claim(struct subject *subject, const struct rule *rule, const struct step *step);

/* Takes what a vigil has found, `seen` too. */
void claim_merge(struct claim *claim, enum outcome outcome, uint64_t at, uint64_t took, char *seen);

/* Whether the rule may fire on the connection once more. */
bool claim_repeats(const struct claim *claim);

/* All subjects, by relay and number. Zeroed before the first one. */
struct subjects {
    struct subject **buckets;
    size_t bucket_count, count;
};

struct subject *subjects_add(struct subjects *subjects, const struct relay *relay, uint64_t number);
struct subject *subjects_find(const struct subjects *subjects, const struct relay *relay, uint64_t number);

/* Frees it, and its claims; their vigils must be gone. */
void subjects_remove(struct subjects *subjects, struct subject *subject);
void subjects_release(struct subjects *subjects); /* when all are removed */

#endif
