/* SPDX-License-Identifier: BSD-2-Clause */
/* Quoted text and sizes. Called by the parser of script lines and wherever received bytes are printed. */
#include "tools/peer/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char escaped[] = "\r\n\t\\\"";
static const char letters[] = "rnt\\\"";

size_t text_quote(char *out, const char *bytes, size_t length)
{
    char *at = out;
    *at++ = '"';
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        const char *known = byte != '\0' ? strchr(escaped, byte) : NULL;
        if (known != NULL)
            at += sprintf(at, "\\%c", letters[known - escaped]);
        else if (byte >= ' ' && byte < 0x7f)
            *at++ = (char)byte;
        else
            at += sprintf(at, "\\x%02x", byte);
    }
    *at++ = '"';
    *at = '\0';
    return (size_t)(at - out);
}

/* Reads what stands behind a backslash. Leaves `*at` behind it. */
static bool unescape(const char **at, char *byte)
{
    char letter = *(*at)++;
    if (letter == 'x') {
        char digits[3] = {(*at)[0], (*at)[0] != '\0' ? (*at)[1] : '\0', '\0'};
        if (!isxdigit((unsigned char)digits[0]) || !isxdigit((unsigned char)digits[1]))
            return false;
        *byte = (char)strtoul(digits, NULL, 16);
        *at += 2;
        return true;
    }
    const char *known = letter != '\0' ? strchr(letters, letter) : NULL;
    if (known == NULL)
        return false;
    *byte = escaped[known - letters];
    return true;
}

bool text_unquote(const char **at, char *out, size_t *length)
{
    *length = 0;
    for (const char *next = *at + 1; *next != '\0';) {
        char byte = *next++;
        if (byte == '"') {
            *at = next;
            return true;
        }
        if (byte == '\\' && !unescape(&next, &byte))
            return false;
        out[(*length)++] = byte;
    }
    return false;
}

bool text_size(const char *text, uint64_t *bytes)
{
    static const struct {
        const char *name;
        uint64_t bytes;
    } units[] = {{"", 1}, {"kB", 1000}, {"KiB", 1024}, {"MB", 1000000}, {"MiB", 1048576}, {"GB", 1000000000}, {"GiB", 1073741824}};

    if (!isdigit((unsigned char)*text))
        return false;
    char *unit;
    errno = 0;
    uint64_t number = strtoull(text, &unit, 10);
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        if (strcmp(unit, units[i].name) == 0)
            return errno == 0 && !__builtin_mul_overflow(number, units[i].bytes, bytes);
    }
    return false;
}
