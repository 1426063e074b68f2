/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads rule files whole, and checks that they are text.
 */
#include "rules/source.h"

#include "rules/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The length of the UTF-8 sequence at `bytes` (RFC 3629), 0 where there is none. */
static size_t utf8_length(const unsigned char *bytes, size_t left)
{
    size_t length = bytes[0] < 0x80 ? 1 : bytes[0] < 0xc2 ? 0 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : bytes[0] < 0xf5 ? 4 : 0;

    if (length > left)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((bytes[0] == 0xe0 && bytes[1] < 0xa0) || (bytes[0] == 0xed && bytes[1] > 0x9f)) /* overlong; surrogates */
        return 0;
    if ((bytes[0] == 0xf0 && bytes[1] < 0x90) || (bytes[0] == 0xf4 && bytes[1] > 0x8f)) /* overlong; beyond U+10FFFF */
        return 0;
    return length;
}

static bool is_text(const struct source *source, struct diag *diag)
{
    const unsigned char *bytes = (const unsigned char *)source->text;

    for (size_t at = 0, length; at < source->length; at += length) {
        struct span span = { source, (uint32_t)at, 1 };

        length = utf8_length(bytes + at, source->length - at);
        if (bytes[at] == '\0') {
            diag_add(diag, DIAG_ERROR, span, "a NUL byte: this is no text; inside of a string write \\x00");
            return false;
        }
        if (length == 0) {
            diag_add(diag, DIAG_ERROR, span, "byte 0x%02x is not UTF-8; inside of a string write \\x%02x", bytes[at], bytes[at]);
            return false;
        }
    }
    return true;
}

static struct source *source_new(const char *name, char *text, size_t length, struct diag *diag)
{
    struct source *source = xmalloc(sizeof *source);

    source->name = xstrdup(name);
    source->text = text;
    source->length = length;
    source->next = NULL;
    diag_adopt(diag, source);
    return is_text(source, diag) ? source : NULL;
}

static void cannot_read(struct diag *diag, struct span from, const char *path, const char *why)
{
    if (!from.source) { /* asked for on the command line: the message is about the file itself */
        struct source *nothing = source_new(path, xstrdup(""), 0, diag);

        diag_add(diag, DIAG_ERROR, source_start(nothing), "cannot read this file: %s", why);
        return;
    }
    diag_add(diag, DIAG_ERROR, from, "cannot read `%s`: %s", path, why);
}

struct source *source_read(const char *path, struct span from, struct diag *diag)
{
    FILE *file = fopen(path, "re");
    struct stat status;
    size_t length;
    char *text;

    if (!file) {
        cannot_read(diag, from, path, strerror(errno));
        return NULL;
    }
    if (fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode)) {
        cannot_read(diag, from, path, strerror(EISDIR));
        fclose(file);
        return NULL;
    }
    text = xmalloc(SOURCE_MAX + 2);
    length = fread(text, 1, SOURCE_MAX + 1, file);
    if (ferror(file) || length > SOURCE_MAX) {
        cannot_read(diag, from, path, length > SOURCE_MAX ? "it is longer than 1 MiB" : strerror(errno));
        free(text);
        fclose(file);
        return NULL;
    }
    fclose(file);
    text[length] = '\0';
    return source_new(path, xrealloc(text, length + 1), length, diag);
}

struct source *source_from_text(const char *name, const char *text, struct diag *diag)
{
    return source_new(name, xstrdup(text), strlen(text), diag);
}

struct span source_start(const struct source *source)
{
    return (struct span){ source, 0, 0 };
}
