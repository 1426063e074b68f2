/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words for findings.
 */
#include "judge/words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

char *words(const char *format, ...)
{
    va_list arguments;
    char *text;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        abort();
    va_end(arguments);
    return text;
}

struct words_time words_time(uint64_t ns)
{
    struct words_time time;
    uint64_t us = ns / 1000;
    if (us < 10000)
        snprintf(time.text, sizeof time.text, "%" PRIu64 ".%03" PRIu64 " ms", us / 1000, us % 1000);
    else
        snprintf(time.text, sizeof time.text, "%" PRIu64 ".%03" PRIu64 " s", us / 1000000, us / 1000 % 1000);
    return time;
}

struct words_time words_nth(uint64_t number)
{
    static const char *const endings[] = {"th", "st", "nd", "rd"};
    struct words_time nth;
    uint64_t last = number % 10, teen = number % 100;
    const char *ending = last > 3 || (teen > 10 && teen < 14) ? "th" : endings[last];
    snprintf(nth.text, sizeof nth.text, "%" PRIu64 "%s", number, ending);
    return nth;
}
