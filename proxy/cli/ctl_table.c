/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables of `hangup ctl`.
 */
#include "cli/ctl_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "rules/memory.h"

#define COLUMNS_MOST 16

struct column {
    const char *name;
    size_t length;
    int width;
};

static const json_t *find(const json_t *object, const char *name, size_t length)
{
    const char *dot = memchr(name, '.', length);
    size_t own = dot != NULL ? (size_t)(dot - name) : length;
    const json_t *member = json_object_getn(object, name, own);

    return dot == NULL ? member : find(member, dot + 1, length - own - 1);
}

/* Control characters would break lines, or the terminal. */
static char *harmless(char *text)
{
    for (char *at = text; *at != '\0'; at++) {
        *at = (unsigned char)*at < ' ' || *at == 127 ? ' ' : *at;
    }
    return text;
}

/* The caller's. */
static char *cell(const json_t *object, const struct column *column)
{
    const json_t *value = find(object, column->name, column->length);
    char *text = NULL;

    if (json_is_string(value)) {
        return harmless(xstrdup(json_string_value(value)));
    }
    if (json_is_boolean(value)) {
        return xstrdup(json_is_true(value) ? "yes" : "no");
    }
    if (json_is_integer(value) && asprintf(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(value)) < 0) {
        abort();
    }
    if (json_is_array(value) && asprintf(&text, "%zu", json_array_size(value)) < 0) {
        abort();
    }
    return text != NULL ? text : xstrdup("-");
}

static size_t read_columns(const char *names, struct column *columns)
{
    size_t count = 0;

    for (; *names != '\0' && count < COLUMNS_MOST; names += strspn(names, " ")) {
        columns[count] = (struct column){.name = names, .length = strcspn(names, " ")};
        columns[count].width = (int)columns[count].length;
        names += columns[count++].length;
    }
    return count;
}

static void measure(const json_t *list, struct column *columns, size_t count)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        for (size_t j = 0; j < count; j++) {
            char *text = cell(json_array_get(list, i), &columns[j]);

            columns[j].width = (int)strlen(text) > columns[j].width ? (int)strlen(text) : columns[j].width;
            free(text);
        }
    }
}

void ctl_table_print(FILE *out, const json_t *list, const char *names, bool for_people)
{
    struct column columns[COLUMNS_MOST];
    size_t count = read_columns(names, columns);

    if (for_people) {
        measure(list, columns, count);
        for (size_t j = 0; j < count; j++) {
            fprintf(out, "%.*s%*s", (int)columns[j].length, columns[j].name, columns[j].width - (int)columns[j].length, "");
            fputs(j + 1 < count ? "  " : "\n", out);
        }
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        for (size_t j = 0; j < count; j++) {
            char *text = cell(json_array_get(list, i), &columns[j]);

            fprintf(out, "%-*s%s", for_people && j + 1 < count ? columns[j].width : 0, text,
                j + 1 == count ? "\n" : for_people ? "  " : "\t");
            free(text);
        }
    }
}
