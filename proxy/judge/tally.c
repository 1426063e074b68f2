/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counting. Nothing hangs on the order in which other threads see it.
 */
#include "judge/tally.h"

#include <string.h>

#define COUNTED \
    (NOTICE_BIT(NOTICE_DELIVERED) | NOTICE_BIT(NOTICE_OPENED) | NOTICE_BIT(NOTICE_CLOSED) | NOTICE_BIT(NOTICE_RULE_FIRED) \
        | NOTICE_BIT(NOTICE_TLS_ENDED) | NOTICE_BIT(NOTICE_HANDSHAKE_ABORTED))

static void add(_Atomic uint64_t *number, uint64_t amount)
{
    atomic_fetch_add_explicit(number, amount, memory_order_relaxed);
}

static void tls_ended(struct tally *tally, const struct notice *notice)
{
    if (strcmp(notice->text, "close_notify") == 0) {
        add(&tally->tls[notice->side].close_notify, 1);
    } else if (strcmp(notice->text, "bare FIN") == 0) {
        add(&tally->tls[notice->side].bare_fin, 1);
    } else if (strcmp(notice->text, "RST") == 0) {
        add(&tally->tls[notice->side].reset, 1);
    } else {
        add(&tally->tls[notice->side].alerts[notice->bytes % TALLY_ALERTS], 1);
    }
}

static void tell(struct observer *observer, const struct notice *notice)
{
    struct tally *tally = (struct tally *)((char *)observer - offsetof(struct tally, observer));

    if (notice->kind == NOTICE_DELIVERED) {
        add(&tally->bytes, notice->bytes);
    } else if (notice->kind == NOTICE_OPENED) {
        add(&tally->links, 1);
        add(&tally->open_links, 1);
    } else if (notice->kind == NOTICE_CLOSED) {
        add(&tally->open_links, (uint64_t)-1);
    } else if (notice->kind == NOTICE_HANDSHAKE_ABORTED) {
        add(&tally->tls[notice->side].aborted, 1);
    } else if (notice->kind == NOTICE_TLS_ENDED) {
        tls_ended(tally, notice);
    } else if (notice->kind == NOTICE_RULE_FIRED) {
        add(&tally->firings, 1);
    }
}

void tally_init(struct tally *tally)
{
    tally->observer = (struct observer){.tell = tell, .ignores = ~COUNTED};
}

void tally_finding(struct tally *tally, enum outcome outcome)
{
    add(&tally->findings[outcome], 1);
}
