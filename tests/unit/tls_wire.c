/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hooks of a wire side: in which order they get what passes, what leaving does, and what becomes of a FIN.
 */
#include "tls/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Each adds its letter to what passes it. */
struct mark {
    struct wire_hook hook;
    char letter;
    bool keeps; /* nothing passes */
};

struct world {
    struct wire wire;
    struct mark marks[3];
    char out[64]; /* what came behind the last; '.' for the FIN */
};

static struct mark *mark_of(struct wire_hook *hook)
{
    return (struct mark *)(void *)hook;
}

static void mark(struct wire_hook *hook, uint8_t *bytes, size_t length)
{
    uint8_t more[32];

    if (mark_of(hook)->keeps) {
        return;
    }
    memcpy(more, bytes, length);
    more[length] = (uint8_t)mark_of(hook)->letter;
    wire_pass(hook, more, length + 1);
}

static void mark_fin(struct wire_hook *hook)
{
    uint8_t letter = (uint8_t)mark_of(hook)->letter;

    if (!mark_of(hook)->keeps) {
        wire_pass(hook, &letter, 1);
        wire_pass_fin(hook);
    }
}

static void out(struct wire *wire, const uint8_t *bytes, size_t length)
{
    strncat(((struct world *)(void *)wire)->out, (const char *)bytes, length);
}

static void out_fin(struct wire *wire)
{
    strcat(((struct world *)(void *)wire)->out, ".");
}

/* As stage.c's carrier attaches them: behind those that are there. */
static void attach(struct world *world, size_t i)
{
    struct wire_hook **place = &world->wire.first;

    while (*place != NULL) {
        place = &(*place)->next;
    }
    *place = &world->marks[i].hook;
    world->marks[i].hook.next = NULL;
    world->marks[i].hook.wire = &world->wire;
}

static void begin(struct world *world)
{
    *world = (struct world){.wire = {.data = out, .fin = out_fin}};
    for (size_t i = 0; i < 3; i++) {
        world->marks[i] = (struct mark){.hook = {.data = mark, .fin = mark_fin}, .letter = (char)('a' + i)};
        attach(world, i);
    }
}

static void check(struct world *world, const char *wanted)
{
    uint8_t byte = '-';

    world->out[0] = '\0';
    wire_enter(&world->wire, &byte, 1);
    wire_enter(&world->wire, &byte, 0); /* of nothing nobody hears */
    wire_enter_fin(&world->wire);
    assert_string_equal(world->out, wanted);
}

static void test_order(void **state)
{
    struct world world;

    (void)state;
    begin(&world);
    check(&world, "-abcabcbcc."); /* the FIN behind what each put in front of it */
    world.wire.first = NULL;
    check(&world, "-.");
}

static void test_one_that_keeps(void **state)
{
    struct world world;

    (void)state;
    begin(&world);
    world.marks[1].keeps = true;
    check(&world, "");
}

/* Without a function for it, a FIN passes at once. */
static void test_no_fin(void **state)
{
    struct world world;

    (void)state;
    begin(&world);
    world.marks[0].hook.fin = world.marks[2].hook.fin = NULL;
    check(&world, "-abcbc.");
}

static void test_leaving(void **state)
{
    static const char *const wanted[] = {"-bcbcc.", "-acacc.", "-ababb."};
    uint8_t byte = '!';

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct world world;

        begin(&world);
        wire_detach(&world.marks[i].hook);
        wire_detach(&world.marks[i].hook); /* fine */
        check(&world, wanted[i]);
        world.out[0] = '\0';
        wire_pass(&world.marks[i].hook, &byte, 1); /* goes nowhere */
        wire_pass_fin(&world.marks[i].hook);
        assert_string_equal(world.out, "");
    }
}

static void test_released(void **state)
{
    struct world world;

    (void)state;
    begin(&world);
    wire_release(&world.wire);
    assert_null(world.wire.first);
    for (size_t i = 0; i < 3; i++) {
        assert_null(world.marks[i].hook.wire);
    }
    check(&world, "-.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_one_that_keeps),
        cmocka_unit_test(test_no_fin),
        cmocka_unit_test(test_leaving),
        cmocka_unit_test(test_released),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
