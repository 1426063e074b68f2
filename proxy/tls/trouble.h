/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages about what went wrong at the start of a run, as one line into a buffer of the caller's, and what OpenSSL has to say about it.
 */
#ifndef HANGUP_TLS_TROUBLE_H
#define HANGUP_TLS_TROUBLE_H

#include <stddef.h>

void trouble(char *error, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* "WHAT: reason"; OpenSSL's queue of errors is empty afterwards. */
void trouble_openssl(char *error, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The last reason in OpenSSL's queue, which is emptied; "no reason given" if there is none. Static text of OpenSSL's. */
const char *trouble_reason(void);

#endif
