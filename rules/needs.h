/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What phrases need of the machine and of the user that hangup runs as, and whether they have it. Rows say what they need (`asks`); what is
 * allowed is found out elsewhere (proxy/kernel/privilege.c) and handed to rules_compile(), which refuses a rule that needs more. The
 * manual, `hangup help` and `hangup doctor` read the same rows.
 */
#ifndef HANGUP_RULES_NEEDS_H
#define HANGUP_RULES_NEEDS_H

#include <stdio.h>

#include "rules/vocab.h"

/* What is allowed here. */
struct means {
    bool allowed[NEEDS];       /* by enum need; [NEED_NOTHING] is true */
    const char *reason[NEEDS]; /* where not allowed: why, for people; lives as long as the program */
    char remedy[512];          /* the one command that would allow more; empty if all is allowed, or if no command would help */
};

/* The need as the manual says it: "CAP_NET_RAW". */
const char *need_name(enum need need);

/* For the `applies` of a need that the phrase alone does not have: the rest of its rule decides, and check_rule.c looks at that. */
bool needs_the_rest(const struct phrase *phrase);

/* What is still missing for this phrase: the first need of its row that applies to it and is not allowed; NEED_NOTHING if none is. */
enum need needs_missing(const struct phrase *phrase, const struct means *means);

/* The `asks` of rows with a STATE: whoever is in SYN_SENT is only heard where its SYN is held. */
extern const struct row_need needs_of_states[];

/* What a row needs, in words: "CAP_NET_ADMIN, and CAP_NET_RAW with ERRNO". False and nothing printed: any user can. */
bool needs_print(FILE *out, const struct row *row);

#endif
