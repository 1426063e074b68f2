/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of wrong words. A row with two words in `wrong` is an action and what it cannot be done to.
 */
#include "rules/misnomers.h"

#include <string.h>

const struct misnomer rules_misnomers[] = {
    { "latency", "`delay WHAT by T`" },
    { "jitter", "`delay WHAT by 50..500ms`" },
    { "bandwidth", "`throttle WHAT to RATE`" },
    { "limit", "`throttle WHAT to RATE`" },
    { "stall", "`hold WHAT`, or `stop reading from SIDE`" },
    { "freeze", "`hold WHAT`, or `stop reading from SIDE`" },
    { "timeout", "`hold WHAT`, or `stop reading from SIDE`" },
    { "rst", "`reset`" },
    { "abort", "`reset`" },
    { "kill", "`reset`" },
    { "disconnect", "`close`" },
    { "hangup", "`close`" },
    { "blackhole", "`vanish`" },
    { "partition", "`vanish`" },
    { "ignore", "`lose client syn`" },
    { "insert", "`send \"...\" to SIDE`" },
    { "pass", "`wait until SIDE sends N bytes`" },
    { "idle", "`silent`, as in `client is silent for 5s`" },
    { "after", "`wait for T`, as an action before the others" },
    { "sleep", "`wait for T`" },
    { "watch", "`expect no STATE longer than T`" },
    { "once", "`when`" },
    { "upstream", "`client data`" },
    { "downstream", "`server data`" },
    { "fail", "`refuse`" },
    { "reject", "`refuse`" },
    { "delay fin", "`hold server fin for 2s`" },
    { "drop syn", "`lose client syn` (ignored), or `accept without server` (answered, not passed on)" },
    { NULL, NULL },
};

const char *misnomer_right(const struct misnomer *table, const char *word, size_t length)
{
    for (const struct misnomer *row = table; row && row->wrong; row++) {
        if (strlen(row->wrong) == length && strncasecmp(row->wrong, word, length) == 0)
            return row->right;
    }
    return NULL;
}
