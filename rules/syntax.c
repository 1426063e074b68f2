/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The notation of rows. A row is the program's own, so a mistake in one is an assertion.
 */
#include "rules/syntax.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

static const struct {
    const char *name, *form;
} slots[] = {
    [SLOT_WORDS] = { "", "" },
    [SLOT_NUMBER] = { "NUMBER", "a number" },
    [SLOT_NUMBERS] = { "NUMBERS", "a number or a range (`3`, `1..2`, `4..`)" },
    [SLOT_ORDINALS] = { "ORDINALS", "numbers (`3`; `1..2, 5`; `4..`)" },
    [SLOT_NTH] = { "NTH", "an ordinal (`2nd`)" },
    [SLOT_DURATION] = { "DURATION", "a duration (`30s`)" },
    [SLOT_SIZE] = { "SIZE", "a size (`512 bytes`)" },
    [SLOT_RATE] = { "RATE", "a rate (`256 KiB/s`)" },
    [SLOT_PERCENT] = { "PERCENT", "a percentage (`10%`)" },
    [SLOT_STRING] = { "STRING", "a string (`\"...\"`)" },
    [SLOT_TEXT] = { "TEXT", "a string (`\"...\"`) or a pattern (`/.../`)" },
    [SLOT_NAME] = { "NAME", "a name" },
    [SLOT_RELAY] = { "RELAY", "the name of a relay" },
    [SLOT_PREFIX] = { "PREFIX", "an address or prefix (`10.0.0.0/8`)" },
    [SLOT_SIDE] = { "SIDE", "a side" },
    [SLOT_WHAT] = { "WHAT", "a part of a flow" },
    [SLOT_STATE] = { "STATE", "a TCP state" },
    [SLOT_ERRNO] = { "ERRNO", "an errno" },
    [SLOT_ALERT] = { "ALERT", "a TLS alert" },
    [SLOT_KIND] = { "KIND", "a certificate fault" },
    [SLOT_DEED] = { "DEED", "what it does" },
};

static bool find_slot(const char *text, size_t length, enum slot *slot)
{
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
        if (length > 0 && strlen(slots[i].name) == length && memcmp(slots[i].name, text, length) == 0) {
            *slot = (enum slot)i;
            return true;
        }
    }
    return false;
}

static struct part mark(const char **at, enum part_kind kind)
{
    return (struct part){ .kind = kind, .text = (*at)++, .length = 1 };
}

struct part syntax_next(const char **at)
{
    struct part part = { .kind = PART_WORD };

    while (**at == ' ')
        ++*at;
    switch (**at) {
    case '\0': return (struct part){ .kind = PART_END, .text = *at };
    case '[': return mark(at, PART_OPEN);
    case ']': return mark(at, PART_CLOSE);
    case '(': return mark(at, PART_CHOICE);
    case '|': return mark(at, PART_OR);
    case ')': return mark(at, PART_CHOSEN);
    }
    part.text = *at;
    part.length = strcspn(*at, " []|()");
    *at += part.length;
    if (strncmp(*at, "(s)", 3) == 0) {
        part.kind = PART_PLURAL;
        *at += 3;
    } else if (find_slot(part.text, part.length, &part.slot)) {
        part.kind = PART_SLOT;
    }
    assert(part.kind == PART_SLOT || !isupper((unsigned char)part.text[0]));
    return part;
}

const char *syntax_slot_form(enum slot slot)
{
    return slots[slot].form;
}

const char *syntax_slot_name(enum slot slot)
{
    return slots[slot].name;
}
