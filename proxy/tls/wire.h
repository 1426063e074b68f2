/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The wire side of an end that speaks TLS: the bytes of records as they come from its socket (WIRE_IN) and go to it (WIRE_OUT), under what
 * the flows carry. Faults on records stand here as hooks, one behind the other in the order in which they were attached; with none the
 * bytes go straight through. A relay that passes TLS through has no wire side: there the flow itself carries the records.
 *
 *     socket -> hooks of WIRE_IN -> TLS -> flow … flow -> TLS -> hooks of WIRE_OUT -> socket
 *
 * What a speaker says on the wire is WIRE_IN of its own end; what the other application gets of it is WIRE_OUT of the other end, in records
 * that TLS of ours has made. An RST of either is shown to no hook: it overtakes.
 */
#ifndef HANGUP_TLS_WIRE_H
#define HANGUP_TLS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct end;
struct wire;

enum wire_way { WIRE_IN, WIRE_OUT };

/* Embedded in its owner, zeroed but for its functions. */
struct wire_hook {
    /* Bytes come, of any number: records are not kept together. They are the hook's during the call, to change in place; what is to go on
     * is passed by wire_pass(), now or later, in whatever pieces. */
    void (*data)(struct wire_hook *hook, uint8_t *bytes, size_t length);
    /* The FIN comes, behind all bytes; it is passed by wire_pass_fin(), now or later. NULL: it passes at once. */
    void (*fin)(struct wire_hook *hook);

    struct wire *wire;              /* NULL: not attached; of wire.c */
    struct wire_hook *next;
};

/* Puts the hook behind those that are there, from the opening of the link on (before the socket is open, too). False: this end has no TLS
 * of ours. The link may go first: it detaches what is left. */
bool wire_attach(struct end *end, enum wire_way way, struct wire_hook *hook);
void wire_detach(struct wire_hook *hook); /* what it kept it has passed, or means to lose; fine if it is not attached */

/* On to the next hook, and behind the last to TLS or to the socket. Not from within another hook's call. */
void wire_pass(struct wire_hook *hook, uint8_t *bytes, size_t length);
void wire_pass_fin(struct wire_hook *hook);

/* For the stage alone: one direction. */
struct wire {
    struct wire_hook *first;
    void (*data)(struct wire *wire, const uint8_t *bytes, size_t length); /* behind the last hook */
    void (*fin)(struct wire *wire);
};

void wire_enter(struct wire *wire, uint8_t *bytes, size_t length);
void wire_enter_fin(struct wire *wire);
void wire_release(struct wire *wire); /* detaches all */

#endif
