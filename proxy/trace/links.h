/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The links of a trace: its records, gathered by the link that they are of. Holds copies of all that it is given, so a trace of gigabytes
 * wants a choice of links first. Used by `hangup show`.
 */
#ifndef HANGUP_TRACE_LINKS_H
#define HANGUP_TRACE_LINKS_H

#include <stdio.h>

#include "trace/record.h"

struct traced_link {
    char *relay;
    uint64_t number;
    struct record *records; /* in order */
    size_t count, capacity;
};

struct traced_links {
    struct traced_link *links; /* in the order in which they begin */
    size_t count, capacity;
    size_t *places; /* hash table: 1 + index into links, 0: free */
    size_t place_count;
};

/* `links` zeroed before the first one. Records without a link are passed over. */
void traced_links_add(struct traced_links *links, const struct record *record);
void traced_links_release(struct traced_links *links);

/* One line a link: who, when, how much, how it ended, what was found. */
void traced_link_summary(FILE *out, const struct traced_link *link);

#endif
