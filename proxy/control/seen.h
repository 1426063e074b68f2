/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was seen last of the applications' own sockets, of the links that are open: from the notices `state`. Kept by a worker's monitor.
 */
#ifndef HANGUP_CONTROL_SEEN_H
#define HANGUP_CONTROL_SEEN_H

#include "relay/link.h"
#include "relay/sighting.h"

struct seen_link {
    struct seen_link *next; /* in its bucket */
    const struct link *link;
    struct sighting sides[2]; /* state 0: nothing was seen */
};

/* Zeroed: nothing was seen. */
struct seen_links {
    struct seen_link **buckets;
    size_t bucket_count, count;
};

void seen_note(struct seen_links *seen, const struct link *link, enum side side, const struct sighting *sighting);
void seen_forget(struct seen_links *seen, const struct link *link); /* fine if nothing was seen of it */
const struct sighting *seen_find(const struct seen_links *seen, const struct link *link, enum side side); /* NULL: nothing was seen */
void seen_release(struct seen_links *seen);

#endif
