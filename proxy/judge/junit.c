/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report as JUnit's XML. There is no one schema for it; only those elements and attributes are written that all who read it know.
 */
#include "judge/junit.h"

#include <inttypes.h>
#include <string.h>

#include "judge/cases.h"

/* Text of an attribute. Control characters cannot be written in XML 1.0, not even as references. */
static void put(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '&')
            fputs("&amp;", out);
        else if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '>')
            fputs("&gt;", out);
        else if (*text == '"')
            fputs("&quot;", out);
        else
            fputc((unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text, out);
    }
}

static void put_time(FILE *out, uint64_t ns)
{
    fprintf(out, " time=\"%" PRIu64 ".%06" PRIu64 "\"", ns / NS_PER_S, ns % NS_PER_S / NS_PER_US);
}

static void put_case(FILE *out, const struct test_case *one)
{
    fputs("    <testcase classname=\"", out);
    put(out, one->group);
    fputs("\" name=\"", out);
    put(out, one->name);
    fputc('"', out);
    put_time(out, one->took == TIME_NEVER ? 0 : one->took);
    if (one->outcome == OUTCOME_PASSED) {
        fputs("/>\n", out);
        return;
    }
    fputs(one->outcome == OUTCOME_FAILED ? ">\n      <failure message=\"" : ">\n      <skipped message=\"never reached: ", out);
    put(out, one->message);
    fputs("\"", out);
    if (one->outcome == OUTCOME_FAILED && one->place) {
        fputs(">", out);
        put(out, one->place->file);
        fprintf(out, ":%u</failure>\n", one->place->line);
    } else {
        fputs("/>\n", out);
    }
    fputs("    </testcase>\n", out);
}

static size_t count(const struct test_case *list, size_t length, enum outcome outcome)
{
    size_t found = 0;
    for (size_t i = 0; i < length; i++)
        found += list[i].outcome == outcome;
    return found;
}

static void put_counts(FILE *out, const struct test_case *list, size_t length)
{
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"", length, count(list, length, OUTCOME_FAILED),
            count(list, length, OUTCOME_NEVER_REACHED));
}

static void put_suite(FILE *out, const struct test_case *list, size_t length)
{
    uint64_t time = 0;
    for (size_t i = 0; i < length; i++)
        time += list[i].took == TIME_NEVER ? 0 : list[i].took;
    fputs("  <testsuite name=\"", out);
    put(out, list[0].suite);
    fputc('"', out);
    put_counts(out, list, length);
    put_time(out, time);
    fputs(">\n", out);
    for (size_t i = 0; i < length; i++)
        put_case(out, &list[i]);
    fputs("  </testsuite>\n", out);
}

void junit_print(FILE *out, struct judge *judge, const struct run_end *end)
{
    struct cases cases = cases_of(judge, end);
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"hangup\"", out);
    put_counts(out, cases.list, cases.count);
    put_time(out, end->lasted);
    fputs(">\n", out);
    for (size_t from = 0, to; from < cases.count; from = to) {
        for (to = from + 1; to < cases.count && strcmp(cases.list[to].suite, cases.list[from].suite) == 0;)
            to++;
        put_suite(out, &cases.list[from], to - from);
    }
    fputs("</testsuites>\n", out);
    cases_release(&cases);
}
