/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the built rows of the vocabulary, one a line, tab-separated: table, syntax, what WHAT may be there, needs, help; and the program's
 * commands and the events and fields of a trace, in the same form. The build makes the manual's lists and the words of the shell completion
 * out of it (doc/reference.awk), so that these say what the program knows. Not installed.
 */
#include "cli/command.h"
#include "cli/vocabulary.h"
#include "control/metrics.h"
#include "control/routes.h"
#include "control/toxiproxy/toxic.h"
#include "relay/notice.h"
#include "rules/needs.h"
#include "rules/ruleset.h"
#include "rules/vocab.h"
#include "trace/record.h"

#include <stdio.h>

static const char *table_name(enum row_table table)
{
    switch (table) {
    case ROW_SELECTOR:
        return "selectors";
    case ROW_EVENT:
        return "events";
    case ROW_DEED:
        return "deeds";
    case ROW_EFFECT:
        return "effects";
    case ROW_EXPECTATION:
        return "expectations";
    case ROW_STANDING:
        return "standings";
    }
    return NULL;
}

/* What may, or must, stand behind an action. */
static const char *time_of(const struct row *row)
{
    if (row->traits & ROW_NEEDS_TIME)
        return " ( for DURATION | until EVENT )";
    return row->traits & ROW_TAKES_TIME ? " [for DURATION | until EVENT]" : "";
}

static void print_row(const struct row *row)
{
    printf("%s\t%s%s\t", table_name(row->table), row->syntax, time_of(row));
    for (enum what what = WHAT_DATA; what <= WHAT_WINDOW; what++) {
        if (row->what & WHAT_BIT(what))
            printf("%s ", what_name(what));
    }
    putchar('\t');
    needs_print(stdout, row);
    printf("\t%s%s\n", row->help, row->traits & ROW_NOT_EXPECTED ? "; in events only" : "");
}

static void print_rows(void)
{
    for (const struct row *const *const *list = vocabulary.lists; *list; list++) {
        for (const struct row *const *row = *list; *row; row++)
            print_row(*row);
    }
}

static void print_trace(void)
{
    for (enum notice_kind kind = 0; kind < NOTICE_KINDS; kind++)
        printf("notices\t%s\t\t\t%s\n", notice_rows[kind].name, notice_rows[kind].help);
    for (const struct record_field *field = record_fields; field->name; field++)
        printf("fields\t%s\t\t\t%s\n", field->name, field->help);
}

static void print_commands(void)
{
    for (const struct command *const *command = commands; *command; command++)
        printf("commands\t%s\t\t\t%s\n", (*command)->name, (*command)->summary);
}

/* A * behind a member is left as it is: the manual says what it means. */
static void print_route(const struct route *route)
{
    printf("routes\t%s %s\t\t\t%s", route->method, route->path, route->help);
    if (route->query)
        printf("; parameters: `%s`", route->query);
    if (route->body)
        printf("; members: `%s`", route->body);
    putchar('\n');
}

static void print_control(void)
{
    for (const struct route *const *table = route_tables; *table; table++) {
        for (const struct route *route = *table; route->method; route++)
            print_route(route);
    }
    for (int type = 0; type < TOXIC_TYPES; type++) {
        const struct toxic_kind *kind = &toxic_kinds[type];
        printf("toxics\t%s\t\t\t%s", kind->name, kind->help);
        for (int i = 0; i < TOXIC_ATTRIBUTES && kind->attributes[i].name; i++)
            printf("%s `%s` (%s)", i > 0 ? "," : "; attributes:", kind->attributes[i].name, kind->attributes[i].help);
        putchar('\n');
    }
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++)
        printf("metrics\t%s\t\t\t%s\n", metric_rows[metric].name, metric_rows[metric].help);
}

int main(void)
{
    print_commands();
    print_control();
    print_rows();
    print_trace();
    return ferror(stdout) || fclose(stdout) != 0;
}
