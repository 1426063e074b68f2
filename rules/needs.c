/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names of needs, and the two questions about them (see needs.h).
 */
#include "rules/needs.h"

#include "rules/ruleset.h"

const char *need_name(enum need need)
{
    switch (need) {
    case NEED_NOTHING: break;
    case NEED_FILTER: return "CAP_NET_ADMIN (socket filters)";
    case NEED_REPAIR: return "CAP_NET_ADMIN";
    case NEED_RAW: return "CAP_NET_RAW";
    case NEED_DESTROY: return "CAP_NET_ADMIN (SOCK_DESTROY)";
    case NEED_HELD_SYN: return "CAP_NET_ADMIN and CAP_NET_RAW (a held SYN)";
    case NEEDS: break;
    }
    return "any user";
}

bool needs_the_rest(const struct phrase *phrase)
{
    (void)phrase;
    return false;
}

static bool is_syn_sent(const struct phrase *phrase)
{
    const struct value *state = phrase_value(phrase, SLOT_STATE);

    return state && state->state == STATE_SYN_SENT;
}

const struct row_need needs_of_states[] = { { NEED_HELD_SYN, "SYN_SENT", is_syn_sent }, { .need = NEED_NOTHING } };

enum need needs_missing(const struct phrase *phrase, const struct means *means)
{
    for (const struct row_need *ask = phrase->row->asks; ask && ask->need != NEED_NOTHING; ask++) {
        if (!means->allowed[ask->need] && (!ask->applies || ask->applies(phrase)))
            return ask->need;
    }
    return NEED_NOTHING;
}

bool needs_print(FILE *out, const struct row *row)
{
    bool any = false;

    if (row->needs) {
        fputs(row->needs, out);
        any = true;
    }
    for (const struct row_need *ask = row->asks; ask && ask->need != NEED_NOTHING; ask++) {
        fprintf(out, "%s%s%s%s", any ? "; " : "", ask->when ? ask->when : "", ask->when ? ": " : "", need_name(ask->need));
        any = true;
    }
    return any;
}
