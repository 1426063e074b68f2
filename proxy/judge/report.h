/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reports: the verdict for machines, `--report junit:FILE`, `tap:FILE`, `json:FILE`. A file appears whole or not at all: it is written
 * under another name beside it and renamed. What is no regular file (a pipe, /dev/stdout) is written to directly.
 */
#ifndef HANGUP_JUDGE_REPORT_H
#define HANGUP_JUDGE_REPORT_H

#include "judge/verdict.h"

enum report_format { REPORT_JUNIT, REPORT_TAP, REPORT_JSON };

struct report {
    enum report_format format;
    const char *path; /* in the option's text */
};

/* FORMAT:FILE. False if it is none, and `error` (of `size` bytes) says what is wrong. */
bool report_parse(const char *text, struct report *report, char *error, size_t size);

/* Before the run: whether there is a place for it. -1: there is none, which has been said on standard error. */
int report_check(const struct report *report);

/* -1: it could not be written, which has been said on standard error. */
int report_write(const struct report *report, struct judge *judge, const struct run_end *end);

/* The report itself, to an open file. */
void report_print(FILE *out, enum report_format format, struct judge *judge, const struct run_end *end);

#endif
