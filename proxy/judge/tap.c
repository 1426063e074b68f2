/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report as TAP.
 */
#include "judge/tap.h"

#include "judge/cases.h"

/* A # begins a directive; the rest of the line must stay one line. */
static void put(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '#' || *text == '\\')
            fputc('\\', out);
        fputc((unsigned char)*text < 0x20 ? ' ' : *text, out);
    }
}

/* A YAML string in double quotes. */
static void put_quoted(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        fputc((unsigned char)*text < 0x20 ? ' ' : *text, out);
    }
    fputc('"', out);
}

static void put_case(FILE *out, const struct test_case *one, size_t number)
{
    fprintf(out, "%s %zu - %s ", one->outcome == OUTCOME_FAILED ? "not ok" : "ok", number, one->group);
    put(out, one->name);
    if (one->outcome == OUTCOME_NEVER_REACHED) {
        fputs(" # SKIP never reached: ", out);
        put(out, one->message);
    }
    fputc('\n', out);
    if (one->outcome != OUTCOME_FAILED)
        return;
    fputs("  ---\n  message: ", out);
    put_quoted(out, one->message);
    if (one->place) {
        fputs("\n  file: ", out);
        put_quoted(out, one->place->file);
        fprintf(out, "\n  line: %u", one->place->line);
    }
    fputs("\n  ...\n", out);
}

void tap_print(FILE *out, struct judge *judge, const struct run_end *end)
{
    struct cases cases = cases_of(judge, end);
    fprintf(out, "TAP version 13\n1..%zu%s\n", cases.count, cases.count == 0 ? " # SKIP nothing was expected" : "");
    for (size_t i = 0; i < cases.count; i++)
        put_case(out, &cases.list[i], i + 1);
    cases_release(&cases);
}
