/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints rows for people. The words of the grammar that no row has (rule, for, when ...) have a table here.
 */
#include "rules/describe.h"

#include "rules/misnomers.h"
#include "rules/names.h"
#include "rules/needs.h"
#include "rules/ruleset.h"
#include "rules/spelling.h"
#include "rules/syntax.h"

#include <ctype.h>
#include <string.h>

#define WIDTH 92

/* The frame that phrases stand in. */
static const struct frame {
    const char *syntax, *help;
} frames[] = {
    { "include STRING", "reads another file in this place; its path counts from this file's folder, and a file is read once" },
    { "seed NUMBER", "what every draw begins from: the same seed and the same connections give the same faults" },
    { "relay NAME { listen ADDRESS server ADDRESS options }",
      "passes connections on; options: `window SIZE`, `segments SIZE`, `acks late`, `proxy v1`, `proxy v2`, `tls` and what goes with "
      "it. Addresses: `127.0.0.1:0` (0: the kernel chooses), `[::1]:80`, `name:80`, `unix:/run/x.sock`" },
    { "window SIZE", "in a relay block: our sockets' receive buffer, so that a peer's window closes after little" },
    { "segments SIZE", "in a relay block: the largest segment of our sockets" },
    { "acks late", "in a relay block: what comes is acknowledged some 40 ms later, so that a peer that waits for that (Nagle) is slow" },
    { "tls [to SIDE]", "in a relay block: TLS to both sides, or to one: rules see plain text, and every ending of TLS can be had" },
    { "trust ( STRING | anyone )",
      "in a relay with tls: the file of certificates that the server's must be signed by, in the place of the system's; or no check" },
    { "certificate STRING key STRING", "in a relay with tls: the files shown to clients, in the place of what `hangup ca` signs" },
    { "client certificate STRING key STRING", "in a relay with tls: the files shown to a server that asks for the client's certificate" },
    { "version ( 1.0 | 1.1 | 1.2 | 1.3 )", "in a relay with tls: that version only, in the place of 1.2 and 1.3" },
    { "ciphers STRING", "in a relay with tls: those only, as OpenSSL names them" },
    { "proxy ( v1 | v2 )", "in a relay block: tells the server the client's address by a PROXY header of that version" },
    { "rule NAME { for ... from ... when ... then ... expect ... }",
      "each part may be left out, but not both `then` and `expect`; `then` and `expect` may come again" },
    { "for SELECTOR and not SELECTOR", "which connections the rule is for; without it: every connection" },
    { "from MOMENT to MOMENT every DURATION",
      "when the rule is in force: a moment is a time since the rules were loaded, or `signal NAME`; without an event it strikes what is "
      "open then, and what comes" },
    { "when EVENT", "the first time on a connection; without it: `when client connects`" },
    { "each time EVENT", "every time on a connection" },
    { "the NTH time EVENT", "that time on a connection" },
    { "the first NUMBER time(s) EVENT", "so many times on a connection" },
    { "( client | server | either ) DEED", "an event: what one side does" },
    { "then ACTION , ACTION", "what is done, one behind the other, each when the one before it is done" },
    { "ACTION for DURATION", "the action is done when that time is over, and what it held goes on" },
    { "ACTION until EVENT", "the action is done when that happens" },
    { "expect ( client | server ) EXPECTATION",
      "in a rule: what a right application does; its clock starts when all above it has happened" },
    { "expect STANDING", "outside of rules: what holds for all connections, all the time" },
};

static const struct group {
    enum row_table table;
    const char *heading, *front;
} groups[] = {
    { ROW_SELECTOR, "Selectors: which connections", "for " },
    { ROW_EVENT, "Events of both sides", "when " },
    { ROW_DEED, "Deeds: events and expectations of one side", "SIDE " },
    { ROW_EFFECT, "Actions", "then " },
    { ROW_EXPECTATION, "Expectations, in a rule", "expect SIDE " },
    { ROW_STANDING, "Standing expectations, outside of rules", "expect " },
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

void describe_paragraph(FILE *out, unsigned indent, const char *text)
{
    unsigned column = 0;

    while (*text) {
        size_t length = strcspn(text, " ");

        if (column > 0 && column + 1 + length > WIDTH) {
            putc('\n', out);
            column = 0;
        }
        fprintf(out, "%*s%.*s", column ? 1 : (int)indent, "", (int)length, text);
        column += (column ? 1 : indent) + (unsigned)length;
        text += length;
        text += strspn(text, " ");
    }
    putc('\n', out);
}

static const char *front_of(enum row_table table)
{
    for (size_t i = 0; i < COUNT(groups); i++) {
        if (groups[i].table == table)
            return groups[i].front;
    }
    return "";
}

static void print_row(FILE *out, const struct row *row)
{
    fprintf(out, "  %s%s%s\n", front_of(row->table), row->syntax, row->traits & ROW_TAKES_TIME ? " [for DURATION | until EVENT]" : "");
    describe_paragraph(out, 6, row->help);
    if (row->what) {
        fputs("      WHAT: [client | server]", out);
        for (int what = WHAT_DATA; what <= WHAT_WINDOW; what++) {
            if (row->what & WHAT_BIT(what))
                fprintf(out, " %s", what_name((enum what)what));
        }
        putc('\n', out);
    }
    if (row->needs || row->asks) {
        fputs("      needs: ", out);
        needs_print(out, row);
        putc('\n', out);
    }
    putc('\n', out);
}

void describe_all(FILE *out, const struct vocab *vocab)
{
    fputs("The frame\n", out);
    for (size_t i = 0; i < COUNT(frames); i++)
        fprintf(out, "  %s\n", frames[i].syntax);
    for (size_t i = 0; i < COUNT(groups); i++) {
        fprintf(out, "\n%s\n", groups[i].heading);
        for (const struct row *const *const *list = vocab->lists; *list; list++) {
            for (const struct row *const *row = *list; *row; row++) {
                if ((*row)->table == groups[i].table)
                    fprintf(out, "  %s%s\n", groups[i].front, (*row)->syntax);
            }
        }
    }
}

static bool is_word_character(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

/* The next word of a syntax or a frame, of whatever form; NULL at the end. */
static const char *next_word(const char **at, size_t *length)
{
    const char *word;

    while (**at && !is_word_character(**at)) {
        if (strncmp(*at, "(s)", 3) == 0)
            *at += 2;
        ++*at;
    }
    word = *at;
    while (is_word_character(**at))
        ++*at;
    *length = (size_t)(*at - word);
    return *length > 0 ? word : NULL;
}

static bool same_word(const char *wanted, const char *word, size_t length)
{
    size_t wanted_length = strlen(wanted);

    if (wanted_length != length && !(wanted_length == length + 1 && wanted[length] == 's' && strncmp(word + length, "(s)", 3) == 0))
        return false;
    return strncmp(wanted, word, length) == 0;
}

static bool has_word(const char *syntax, const char *wanted)
{
    const char *word;
    size_t length;

    while ((word = next_word(&syntax, &length)) != NULL) {
        if (same_word(wanted, word, length))
            return true;
    }
    return false;
}

static bool has_what(const struct row *row, const char *wanted)
{
    const struct name *what = names_find(names_whats, wanted, strlen(wanted));

    return what && (row->what & WHAT_BIT(what->value));
}

/* Calls back for every syntax there is, frames first. */
typedef void visit(void *context, const char *syntax, const struct row *row, const struct frame *frame);

static void visit_all(const struct vocab *vocab, visit *call, void *context)
{
    for (size_t i = 0; i < COUNT(frames); i++)
        call(context, frames[i].syntax, NULL, &frames[i]);
    for (const struct row *const *const *list = vocab->lists; *list; list++) {
        for (const struct row *const *row = *list; *row; row++)
            call(context, (*row)->syntax, *row, NULL);
    }
}

struct print_job {
    FILE *out;
    const char *word;
    bool found;
};

static void print_if_it_has(void *context, const char *syntax, const struct row *row, const struct frame *frame)
{
    struct print_job *job = context;

    if (!has_word(syntax, job->word) && !(row && has_what(row, job->word)))
        return;
    job->found = true;
    if (row) {
        print_row(job->out, row);
    } else {
        fprintf(job->out, "  %s\n", frame->syntax);
        describe_paragraph(job->out, 6, frame->help);
        putc('\n', job->out);
    }
}

static bool print_form(FILE *out, const char *word)
{
    for (enum slot slot = SLOT_NUMBER; slot <= SLOT_DEED; slot++) {
        if (strcmp(word, syntax_slot_name(slot)) == 0) {
            fprintf(out, "  %s is %s.\n\n", word, syntax_slot_form(slot));
            return true;
        }
    }
    return false;
}

static bool print_name(FILE *out, const char *word)
{
    static const struct {
        const struct name *table;
        const char *noun;
    } tables[] = { { names_states, "a TCP state" },
                   { names_errnos, "an errno" },
                   { names_alerts, "a TLS alert" },
                   { names_kinds, "a certificate fault" } };
    bool found = false;

    for (size_t i = 0; i < COUNT(tables); i++) {
        if (names_find(tables[i].table, word, strlen(word))) {
            fprintf(out, "  %s is %s.\n\n", word, tables[i].noun);
            found = true;
        }
    }
    return found;
}

bool describe_word(FILE *out, const struct vocab *vocab, const char *word)
{
    struct print_job job = { out, word, false };
    const char *right = misnomer_right(vocab->misnomers, word, strlen(word));

    job.found = print_form(out, word);
    job.found |= print_name(out, word);
    visit_all(vocab, print_if_it_has, &job);
    if (right && !job.found)
        fprintf(out, "`%s` is not a word of the language; that is %s.\n", word, right);
    return job.found || right;
}

static void try_words(void *context, const char *syntax, const struct row *row, const struct frame *frame)
{
    const char *word;
    size_t length;

    (void)row;
    (void)frame;
    while ((word = next_word(&syntax, &length)) != NULL)
        spelling_try(context, word, length);
}

const char *describe_nearest(const struct vocab *vocab, const char *word, char *room, size_t size)
{
    struct spelling search = { .word = word, .length = strlen(word) };

    visit_all(vocab, try_words, &search);
    if (!search.nearest)
        return NULL;
    snprintf(room, size, "%.*s", (int)search.nearest_length, search.nearest);
    return room;
}
