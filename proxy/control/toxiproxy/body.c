/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON with the manners of Go's encoding/json.
 */
#include "control/toxiproxy/body.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool problem_set(struct problem *problem, int status, const char *format, ...)
{
    va_list arguments;

    if (problem->status != 0)
        return false;
    problem->status = status;
    va_start(arguments, format);
    vsnprintf(problem->text, sizeof problem->text, format, arguments);
    va_end(arguments);
    return false;
}

static bool is_blank(const char *bytes, size_t length)
{
    size_t blank = 0;
    while (blank < length && strchr(" \t\r\n", bytes[blank]) && bytes[blank] != '\0')
        blank++;
    return blank == length;
}

json_t *body_parse(const char *bytes, size_t length, struct problem *problem)
{
    json_error_t error;
    json_t *value = NULL;

    if (is_blank(bytes, length)) {
        problem_set(problem, 400, "bad request body: EOF");
        return NULL;
    }
    value = json_loadb(bytes, length, JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);
    if (!value && json_error_code(&error) == json_error_premature_end_of_input)
        problem_set(problem, 400, "bad request body: unexpected EOF");
    else if (!value)
        problem_set(problem, 400, "bad request body: %s (line %d, column %d)", error.text, error.line, error.column);
    return value;
}

json_t *body_value(const json_t *object, const char *name)
{
    json_t *found = NULL, *value;
    const char *key;

    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        if (strcasecmp(key, name) == 0)
            found = value;
    }
    return json_is_null(found) ? NULL : found;
}

static const char *last_word(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

static bool wrong_kind(const json_t *value, const char *path, const char *wanted, struct problem *problem)
{
    char number[64] = "number";

    switch (json_typeof(value)) {
    case JSON_REAL: snprintf(number, sizeof number, "number %.17g", json_real_value(value)); /* fall through */
    case JSON_INTEGER: break;
    case JSON_STRING: strcpy(number, "string"); break;
    case JSON_OBJECT: strcpy(number, "object"); break;
    case JSON_ARRAY: strcpy(number, "array"); break;
    case JSON_TRUE:
    case JSON_FALSE: strcpy(number, "bool"); break;
    case JSON_NULL: strcpy(number, "null"); break;
    }
    return problem_set(problem, 400, "bad request body: json: cannot unmarshal %s into field %s of type %s", number, path, wanted);
}

bool body_text(const json_t *object, const char *path, const char **to, struct problem *problem)
{
    const json_t *value = body_value(object, last_word(path));
    if (!value)
        return true;
    if (!json_is_string(value))
        return wrong_kind(value, path, "string", problem);
    if (strlen(json_string_value(value)) != json_string_length(value))
        return problem_set(problem, 400, "bad request body: %s has a NUL in it", path);
    *to = json_string_value(value);
    return true;
}

bool body_flag(const json_t *object, const char *path, bool *to, struct problem *problem)
{
    const json_t *value = body_value(object, last_word(path));
    if (value && !json_is_boolean(value))
        return wrong_kind(value, path, "bool", problem);
    *to = value ? json_is_true(value) : *to;
    return true;
}

bool body_whole(const json_t *object, const char *path, json_int_t *to, struct problem *problem)
{
    const json_t *value = body_value(object, last_word(path));
    if (value && !json_is_integer(value))
        return wrong_kind(value, path, "int64", problem);
    *to = value ? json_integer_value(value) : *to;
    return true;
}

bool body_number(const json_t *object, const char *path, double *to, struct problem *problem)
{
    const json_t *value = body_value(object, last_word(path));
    if (value && !json_is_number(value))
        return wrong_kind(value, path, "float", problem);
    *to = value ? json_number_value(value) : *to;
    return true;
}
