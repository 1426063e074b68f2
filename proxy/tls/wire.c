/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The chain of hooks on one direction of a wire side: attaching, detaching, handing on. What stands at its two ends is stage.c's.
 */
#include "tls/wire.h"

static void hand_on(struct wire *wire, struct wire_hook *hook, uint8_t *bytes, size_t length)
{
    if (length == 0) {
        return;
    }
    if (hook != NULL) {
        hook->data(hook, bytes, length);
    } else {
        wire->data(wire, bytes, length);
    }
}

static void hand_on_fin(struct wire *wire, struct wire_hook *hook)
{
    while (hook != NULL && hook->fin == NULL) {
        hook = hook->next;
    }
    if (hook != NULL) {
        hook->fin(hook);
    } else {
        wire->fin(wire);
    }
}

void wire_pass(struct wire_hook *hook, uint8_t *bytes, size_t length)
{
    if (hook->wire != NULL) {
        hand_on(hook->wire, hook->next, bytes, length);
    }
}

void wire_pass_fin(struct wire_hook *hook)
{
    if (hook->wire != NULL) {
        hand_on_fin(hook->wire, hook->next);
    }
}

void wire_enter(struct wire *wire, uint8_t *bytes, size_t length)
{
    hand_on(wire, wire->first, bytes, length);
}

void wire_enter_fin(struct wire *wire)
{
    hand_on_fin(wire, wire->first);
}

void wire_detach(struct wire_hook *hook)
{
    struct wire_hook **place;

    if (hook->wire == NULL) {
        return;
    }
    for (place = &hook->wire->first; *place != hook; place = &(*place)->next) {
    }
    *place = hook->next;
    hook->wire = NULL;
}

void wire_release(struct wire *wire)
{
    while (wire->first != NULL) {
        wire_detach(wire->first);
    }
}
