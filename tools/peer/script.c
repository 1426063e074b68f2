/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a script and runs it line by line. Each line is printed with its result, so that what is printed is a script that expects
 * the same.
 */
#include "tools/peer/script.h"

#include <stdlib.h>
#include <string.h>

#include "tools/peer/clock.h"

bool script_add(struct script *script, const char *source, const char *text)
{
    char why[400];
    struct line line;
    const struct command *command = NULL;
    script->lines++;
    bool good = line_parse(&line, text, script->lines, why, sizeof(why));
    if (good && line.count == 0) {
        line_free(&line);
        return true;
    }
    if (good && (command = command_find(&line, why, sizeof(why))) == NULL) {
        line_free(&line);
        good = false;
    }
    if (!good) {
        fprintf(stderr, "%s:%u: error: %s\n", source, script->lines, why);
        return false;
    }
    if (script->count == script->room) {
        script->room = script->room * 2 + 16;
        script->steps = reallocarray(script->steps, script->room, sizeof(*script->steps));
        if (script->steps == NULL)
            abort();
    }
    script->steps[script->count++] = (struct step){.line = line, .command = command};
    return true;
}

bool script_read(struct script *script, const char *source, FILE *file)
{
    char *text = NULL;
    size_t size = 0;
    bool good = true;
    while (getline(&text, &size, file) >= 0)
        good = script_add(script, source, text) && good;
    free(text);
    return good;
}

/* An expectation is one result, or several with ` or ` between them. */
static bool is_expected(const char *expected, const char *result)
{
    size_t length = strlen(result);
    for (const char *one = expected; one != NULL;) {
        const char *next = strstr(one, " or ");
        size_t one_length = next != NULL ? (size_t)(next - one) : strlen(one);
        if (one_length == length && memcmp(one, result, length) == 0)
            return true;
        one = next != NULL ? next + strlen(" or ") : NULL;
    }
    return false;
}

enum outcome { EXPECTED, UNEXPECTED, TIMED_OUT };

/* Runs one step and prints it. */
static enum outcome run_step(const struct step *step, struct peer *peer, const struct script_settings *settings, uint64_t start)
{
    const struct line *line = &step->line;
    struct call call = {.peer = peer, .line = line};
    call.connection = connections_get(&peer->connections, line->name);
    call.deadline = clock_now() + (line->within != 0 ? line->within : settings->limit);
    command_run(step->command, &call);

    bool good = line->expected != NULL ? is_expected(line->expected, call.result) : !call.timed_out;
    if (settings->with_times)
        printf("%10.6f ", (double)(clock_now() - start) / 1e9);
    printf("%s => %s", line->said, call.result);
    if (!good && line->expected != NULL)
        printf("   # line %u: expected %s", line->number, line->expected);
    printf("\n");
    return good ? EXPECTED : call.timed_out ? TIMED_OUT : UNEXPECTED;
}

bool script_run(const struct script *script, struct peer *peer, const struct script_settings *settings)
{
    uint64_t start = clock_now();
    bool good = true;
    for (size_t i = 0; i < script->count; i++) {
        enum outcome outcome = run_step(&script->steps[i], peer, settings, start);
        good = good && outcome == EXPECTED;
        if (outcome == TIMED_OUT || (outcome == UNEXPECTED && !settings->keep_going))
            break;
    }
    return good;
}

void script_free(struct script *script)
{
    for (size_t i = 0; i < script->count; i++)
        line_free(&script->steps[i].line);
    free(script->steps);
    *script = (struct script){0};
}
