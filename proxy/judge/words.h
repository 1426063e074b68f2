/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words: strings made as by printf, and times as people read them. Used by all of judge/.
 */
#ifndef HANGUP_JUDGE_WORDS_H
#define HANGUP_JUDGE_WORDS_H

#include <stdint.h>

/* The caller frees it. */
char *words(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "0.412 s", below 10 ms "1.250 ms". */
struct words_time {
    char text[32];
};
struct words_time words_time(uint64_t ns);

/* "1st", "2nd", "11th". */
struct words_time words_nth(uint64_t number);

#endif
