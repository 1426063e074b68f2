/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup doctor: goes through the rows of the vocabulary, and holds what each asks of machine and user against what is
 * allowed here. It knows no fault by name: a row that asks for something new shows up by itself.
 */
#include "cli/doctor.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/vocabulary.h"
#include "kernel/privilege.h"
#include "relay/callers.h"
#include "rules/needs.h"
#include "rules/ruleset.h"

enum answer { ANSWER_ALLOWED, ANSWER_IN_PART, ANSWER_REFUSED };

static const struct answer_look {
    const char *word, *colour;
} looks[] = {
    [ANSWER_ALLOWED] = {"allowed", "\033[32m"},
    [ANSWER_IN_PART] = {"in part", "\033[33m"},
    [ANSWER_REFUSED] = {"refused", "\033[31m"},
};

struct visit {
    const struct means *means;
    bool colour, all_allowed;
};

/* Actions are what users ask about; of other phrases those that ask for something. */
static bool is_worth_a_line(const struct row *row)
{
    return row->table == ROW_EFFECT || row->asks != NULL;
}

static enum answer answer_for(const struct row *row, const struct means *means)
{
    enum answer answer = ANSWER_ALLOWED;

    for (const struct row_need *ask = row->asks; ask != NULL && ask->need != NEED_NOTHING; ask++) {
        if (!means->allowed[ask->need] && ask->when == NULL) {
            return ANSWER_REFUSED;
        }
        if (!means->allowed[ask->need]) {
            answer = ANSWER_IN_PART;
        }
    }
    return answer;
}

static void print_reasons(const struct row *row, const struct means *means)
{
    for (const struct row_need *ask = row->asks; ask != NULL && ask->need != NEED_NOTHING; ask++) {
        if (!means->allowed[ask->need]) {
            printf("         %s%sneeds %s, and %s\n", ask->when != NULL ? ask->when : "", ask->when != NULL ? ": " : "",
                need_name(ask->need), means->reason[ask->need]);
        }
    }
}

/* Some rows differ in that only. */
static void print_what(const struct row *row)
{
    const char *gap = "  (";

    for (enum what what = WHAT_DATA; what <= WHAT_WINDOW; what++) {
        if ((row->what & WHAT_BIT(what)) != 0) {
            printf("%s%s", gap, what_name(what));
            gap = ", ";
        }
    }
    fputs(row->what != 0 ? ")" : "", stdout);
}

/* With what it asks for of the rules, too: that is in the user's own hands. */
static void print_row(const struct row *row, struct visit *visit)
{
    enum answer answer = answer_for(row, visit->means);
    const struct answer_look *look = &looks[answer];

    printf("%s%s%s  %s", visit->colour ? look->colour : "", look->word, visit->colour ? "\033[0m" : "", row->syntax);
    print_what(row);
    printf(row->needs != NULL ? "  (needs %s)\n" : "\n", row->needs);
    print_reasons(row, visit->means);
    visit->all_allowed = visit->all_allowed && answer == ANSWER_ALLOWED;
}

static void print_rows(struct visit *visit)
{
    for (const struct row *const *const *list = vocabulary.lists; *list != NULL; list++) {
        for (const struct row *const *row = *list; *row != NULL; row++) {
            if (is_worth_a_line(*row)) {
                print_row(*row, visit);
            }
        }
    }
}

/* Not a fault, but what all of connecting hangs on. */
static void print_connect(const struct means *means)
{
    if (means->allowed[NEED_HELD_SYN]) {
        puts("Where a rule needs it, or with --connect held, a client is connected as its server answers: its SYN is held until then.");
    }
    if (callers_can_be_seen()) {
        puts("With --connect met a client of this machine that comes to a loopback address is connected as its server answers.");
    }
    puts("Else a client is connected before its server has answered (--connect late).\n");
}

static int run_doctor(int argc, char **argv)
{
    struct means means = privilege_probe();
    struct visit visit = {.means = &means, .colour = isatty(STDOUT_FILENO), .all_allowed = true};

    if (argc > 1) {
        return command_wrong(&command_doctor, "it takes no %s", argv[1]);
    }
    print_connect(&means);
    print_rows(&visit);
    if (visit.all_allowed) {
        puts("\nAll of it is allowed here.");
    } else if (means.remedy[0] != '\0') {
        printf("\nWhat would allow all of it:\n  %s\n", means.remedy);
    }
    return visit.all_allowed ? EXIT_WELL : EXIT_FAILED;
}

const struct command command_doctor = {
    .name = "doctor",
    .arguments = "",
    .summary = "says what this machine and user allow, fault by fault, and what would allow more",
    .help = "Each fault is allowed, refused, or allowed in part, with the reason: found out by trying, on sockets of its own. A rule that\n"
            "needs more than is allowed is refused by `run` in the same words.\n"
            "Ends with 0 if all is allowed, with 1 if not.\n",
    .run = run_doctor,
};
