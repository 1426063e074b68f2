/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines about what went wrong, with OpenSSL's reason where it has one.
 */
#include "tls/trouble.h"

#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void trouble(char *error, size_t size, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error, size, format, arguments);
    va_end(arguments);
}

const char *trouble_reason(void)
{
    unsigned long code = ERR_peek_error();
    const char *reason = ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code)) : ERR_reason_error_string(code);

    ERR_clear_error();
    return reason != NULL ? reason : "no reason given";
}

void trouble_openssl(char *error, size_t size, const char *format, ...)
{
    size_t length;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error, size, format, arguments);
    va_end(arguments);
    length = strlen(error);
    snprintf(error + length, size - length, ": %s", trouble_reason());
}
