/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup ctl: drives a hangup that runs, by its control side. Each verb is a row of the table below; what it prints is a table for people
 * on a terminal, tab-separated in a pipe, or the answer as it came with --json.
 */
#include "cli/ctl.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/ctl_http.h"
#include "cli/ctl_table.h"
#include "cli/token.h"
#include "rules/memory.h"
#include "rules/source.h"
#include "rules/spelling.h"

#define USUAL_ADDRESS "127.0.0.1:8474"

struct ctl {
    struct ctl_server server;
    char *token;
    bool json;       /* answers as they come */
    bool for_people; /* standard output is a terminal */
    int count;       /* of the verb's words */
    char **words;    /* behind the verb */
};

struct verb {
    const char *name, *words;
    int least, most; /* words behind it */
    int (*run)(struct ctl *ctl);
};

/* ---- answers ---- */

static char *read_all(FILE *answer, size_t *length)
{
    char *text = NULL;
    size_t room = 0;

    for (*length = 0; !feof(answer) && !ferror(answer);) {
        if (room - *length < 4096) {
            room = room * 2 + 8192;
            text = xrealloc(text, room);
        }
        *length += fread(text + *length, 1, room - *length - 1, answer);
    }
    text[*length] = '\0';
    fclose(answer);
    return text;
}

static const char *outcome_of(const json_t *answer)
{
    const char *error = json_string_value(json_object_get(answer, "error"));

    return error != NULL ? error : "it says no more";
}

/* Says what is wrong, each message on a line as for a file. */
static int say_error(int status, const json_t *answer, const char *text)
{
    const json_t *messages = json_object_get(answer, "messages");

    for (size_t i = 0; i < json_array_size(messages); i++) {
        const json_t *one = json_array_get(messages, i);

        fprintf(stderr, "%s:%d:%d: %s: %s\n", json_string_value(json_object_get(one, "file")),
            (int)json_integer_value(json_object_get(one, "line")), (int)json_integer_value(json_object_get(one, "column")),
            json_string_value(json_object_get(one, "kind")), json_string_value(json_object_get(one, "message")));
    }
    if (json_array_size(messages) == 0) {
        fprintf(stderr, "hangup ctl: %s\n", answer != NULL ? outcome_of(answer) : text);
    }
    return status == 400 || status == 401 || status == 403 ? EXIT_USAGE : EXIT_CANNOT_RUN;
}

/* Asks, and gives the answer if it is a good one: NULL may be one, too, of which `code` says whether. */
static json_t *ask(struct ctl *ctl, const char *method, const char *path, json_t *body, int *code)
{
    char *text = body != NULL ? json_dumps(body, 0) : NULL, *said;
    int status = 0;
    FILE *answer = ctl_ask(&ctl->server, method, path, text, &status);
    json_t *json;
    size_t length;

    free(text);
    json_decref(body);
    if (answer == NULL) {
        *code = EXIT_CANNOT_RUN;
        return NULL;
    }
    said = read_all(answer, &length);
    json = json_loadb(said, length, 0, NULL);
    *code = status < 300 ? EXIT_WELL : say_error(status, json, said);
    if (status < 300 && (ctl->json || json == NULL)) {
        fwrite(said, 1, length, stdout);
    }
    free(said);
    return json;
}

/* Shows an object or a list of them as a table; the answer is taken. */
static int show(struct ctl *ctl, json_t *answer, int code, const char *columns)
{
    if (code == EXIT_WELL && !ctl->json && answer != NULL) {
        json_t *list = json_is_array(answer) ? json_incref(answer) : json_pack("[O]", answer);

        ctl_table_print(stdout, list, columns, ctl->for_people);
        json_decref(list);
    }
    json_decref(answer);
    return code;
}

static int fetch(struct ctl *ctl, const char *path, const char *columns)
{
    int code;
    json_t *answer = ask(ctl, "GET", path, NULL, &code);

    return show(ctl, answer, code, columns);
}

/* A path with one word in it; asks without a body, and shows nothing. */
static int send_word(struct ctl *ctl, const char *method, const char *before, const char *word, json_t *body)
{
    char *escaped = ctl_escape(word), *path;
    int code;

    if (asprintf(&path, "%s%s", before, escaped) < 0) {
        abort();
    }
    json_decref(ask(ctl, method, path, body, &code));
    free(path);
    free(escaped);
    return code;
}

/* ---- verbs ---- */

#define RELAY_COLUMNS "name listen server enabled file"
#define RULE_COLUMNS "name firings relay link rule"

struct kind {
    const char *name, *plural, *path, *columns;
};

static const struct kind kinds[] = {
    {"relay", "relays", "/v1/relays", RELAY_COLUMNS},
    {"rule", "rules", "/v1/rules", RULE_COLUMNS},
    {"file", "files", "/v1/files", "name relays rules"},
    {"link", "links", "/v1/links",
        "relay link from client.our_state client.state server.our_state server.state client.sent server.sent rules"},
    {"finding", "findings", "/v1/findings", "outcome rule relay link expectation seen"},
};

static const struct kind *find_kind(const char *word)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].name, word) == 0 || strcmp(kinds[i].plural, word) == 0) {
            return &kinds[i];
        }
    }
    command_wrong(&command_ctl, "%s: write relay, rule, file, link or finding", word);
    return NULL;
}

static int list(struct ctl *ctl)
{
    const struct kind *kind = find_kind(ctl->count > 0 ? ctl->words[0] : "relays");

    return kind != NULL ? fetch(ctl, kind->path, kind->columns) : EXIT_USAGE;
}

static int add_relay(struct ctl *ctl)
{
    int code;
    json_t *answer;

    if (ctl->count != 4 && ctl->count != 5) {
        return command_wrong(&command_ctl, "write: add relay NAME LISTEN SERVER [OPTIONS], OPTIONS in quotes");
    }
    answer = ask(ctl, "POST", "/v1/relays",
        json_pack("{s:s, s:s, s:s, s:s*}", "name", ctl->words[1], "listen", ctl->words[2], "server", ctl->words[3], "with",
            ctl->count == 5 ? ctl->words[4] : NULL), &code);
    return show(ctl, answer, code, RELAY_COLUMNS);
}

static int add_rule(struct ctl *ctl)
{
    json_t *body, *answer;
    int code;

    if (ctl->count < 2 || ctl->count > 3) {
        return command_wrong(&command_ctl, "write: add rule [NAME] TEXT, TEXT in quotes");
    }
    body = json_pack("{s:s}", "rule", ctl->words[ctl->count - 1]);
    if (ctl->count == 3) {
        json_object_set_new(body, "name", json_string(ctl->words[1]));
    }
    answer = ask(ctl, "POST", "/v1/rules", body, &code);
    return show(ctl, answer, code, "name rule");
}

static int add_file(struct ctl *ctl)
{
    const char *path = ctl->count == 2 ? ctl->words[1] : NULL, *slash;
    struct diag *diag;
    struct source *source;
    json_t *body = NULL;

    if (path == NULL) {
        return command_wrong(&command_ctl, "write: add file PATH");
    }
    diag = diag_new();
    source = source_read(strcmp(path, "-") == 0 ? "/dev/stdin" : path, (struct span){.source = NULL}, diag);
    diag_print(diag, stderr, false);
    if (source != NULL) {
        body = json_pack("{s:s%}", "text", source->text, source->length);
    }
    diag_free(diag);
    if (body == NULL) {
        return EXIT_CANNOT_RUN;
    }
    slash = strrchr(path, '/');
    return send_word(ctl, "PUT", "/v1/files/", slash != NULL ? slash + 1 : path, body);
}

static int add(struct ctl *ctl)
{
    if (strcmp(ctl->words[0], "relay") == 0) {
        return add_relay(ctl);
    }
    if (strcmp(ctl->words[0], "rule") == 0) {
        return add_rule(ctl);
    }
    if (strcmp(ctl->words[0], "file") == 0) {
        return add_file(ctl);
    }
    return command_wrong(&command_ctl, "add %s: write relay, rule or file", ctl->words[0]);
}

static int drop(struct ctl *ctl)
{
    const struct kind *kind = find_kind(ctl->words[0]);
    char path[32];

    if (kind == NULL) {
        return EXIT_USAGE;
    }
    snprintf(path, sizeof(path), "%s/", kind->path);
    return send_word(ctl, "DELETE", path, ctl->words[1], NULL);
}

static int enable(struct ctl *ctl)
{
    return send_word(ctl, "PATCH", "/v1/relays/", ctl->words[0], json_pack("{s:b}", "enabled", 1));
}

static int disable(struct ctl *ctl)
{
    return send_word(ctl, "PATCH", "/v1/relays/", ctl->words[0], json_pack("{s:b}", "enabled", 0));
}

static int fire(struct ctl *ctl)
{
    if (ctl->words[0][0] == '\0') {
        return command_wrong(&command_ctl, "write: fire SIGNAL, the name that a rule waits for");
    }
    return send_word(ctl, "POST", "/v1/signals/", ctl->words[0], NULL);
}

static int act(struct ctl *ctl)
{
    json_t *body = json_pack("{s:s}", "do", ctl->words[0]), *answer;
    int code;

    if (ctl->count > 1) {
        json_object_set_new(body, "for", json_string(ctl->words[1]));
    }
    answer = ask(ctl, "POST", "/v1/links/do", body, &code);
    return show(ctl, answer, code, "name rule");
}

/* NAME=VALUE words as a query; the caller's. */
static char *query_of(const struct ctl *ctl, const char *path)
{
    char *query = xstrdup(path);

    for (int i = 0; i < ctl->count; i++) {
        size_t name = strcspn(ctl->words[i], "=");
        char *value = ctl_escape(ctl->words[i][name] == '=' ? ctl->words[i] + name + 1 : ""), *longer;

        if (asprintf(&longer, "%s%c%.*s=%s", query, i == 0 ? '?' : '&', (int)name, ctl->words[i], value) < 0) {
            abort();
        }
        free(value);
        free(query);
        query = longer;
    }
    return query;
}

static int wait_for(struct ctl *ctl)
{
    char *path = query_of(ctl, "/v1/wait");
    int code;
    json_t *answer = ask(ctl, "GET", path, NULL, &code);
    bool happened = json_is_true(json_object_get(answer, "happened"));

    free(path);
    json_decref(answer);
    if (code == EXIT_WELL && !happened) {
        fputs("hangup ctl: time is up\n", stderr);
        return EXIT_FAILED;
    }
    return code;
}

/* A line of the trace as people read it. */
static void print_event(const char *line)
{
    json_t *event = json_loads(line, 0, NULL);
    const char *member;
    json_t *value;

    if (event == NULL) {
        return;
    }
    printf("%12.6f  %-10s", (double)json_integer_value(json_object_get(event, "time")) / 1e6,
        json_is_string(json_object_get(event, "relay")) ? json_string_value(json_object_get(event, "relay")) : "-");
    printf(" #%-5d %-18s", (int)json_integer_value(json_object_get(event, "link")),
        json_is_string(json_object_get(event, "what")) ? json_string_value(json_object_get(event, "what")) : "");
    json_object_foreach(event, member, value) {
        if (strcmp(member, "time") == 0 || strcmp(member, "relay") == 0 || strcmp(member, "link") == 0 || strcmp(member, "what") == 0) {
            continue;
        }
        if (json_is_string(value)) {
            printf(" %s=%s", member, json_string_value(value));
        } else {
            printf(" %s=%" JSON_INTEGER_FORMAT, member, json_integer_value(value));
        }
    }
    putchar('\n');
    json_decref(event);
}

/* {"lost":N} */
static void print_lost(const char *line)
{
    json_t *lost = json_loads(line, 0, NULL);

    printf("(events that are missing here: %" JSON_INTEGER_FORMAT "; they came faster than they were read)\n",
        json_integer_value(json_object_get(lost, "lost")));
    json_decref(lost);
}

static int watch(struct ctl *ctl)
{
    char *path = query_of(ctl, "/v1/events"), *line = NULL;
    bool lost = false;
    size_t room = 0;
    int status = 0;
    FILE *events = ctl_ask(&ctl->server, "GET", path, NULL, &status);

    free(path);
    if (events == NULL) {
        return EXIT_CANNOT_RUN;
    }
    while (getline(&line, &room, events) > 0 && !ferror(stdout)) {
        if (status >= 300) {
            fputs(line, stderr);
        } else if (strncmp(line, "data: ", 6) == 0 && ctl->for_people && !ctl->json) {
            (lost ? print_lost : print_event)(line + 6);
        } else if (strncmp(line, "data: ", 6) == 0) {
            fputs(line + 6, stdout);
        }
        lost = strncmp(line, "event: lost", 11) == 0;
        fflush(stdout);
    }
    free(line);
    fclose(events);
    return status < 300 ? EXIT_WELL : EXIT_USAGE;
}

/* What is text, or has a form of its own, is printed as it comes. */
static int print_as_it_is(struct ctl *ctl, const char *path)
{
    int code;

    ctl->json = true;
    json_decref(ask(ctl, "GET", path, NULL, &code));
    return code;
}

static int report(struct ctl *ctl)
{
    char path[64];

    snprintf(path, sizeof(path), "/v1/report?format=%.16s", ctl->count > 0 ? ctl->words[0] : "json");
    return print_as_it_is(ctl, path);
}

static int metrics(struct ctl *ctl)
{
    return print_as_it_is(ctl, "/metrics");
}

static int reload(struct ctl *ctl)
{
    int code;

    json_decref(ask(ctl, "POST", "/v1/reload", NULL, &code));
    return code;
}

static int stop(struct ctl *ctl)
{
    int code;

    json_decref(ask(ctl, "POST", "/v1/stop", NULL, &code));
    return code;
}

static const struct verb verbs[] = {
    {"list", "[relays | rules | files | links | findings]", 0, 1, list},
    {"add", "relay NAME LISTEN SERVER [OPTIONS] | rule [NAME] TEXT | file PATH", 1, 5, add},
    {"remove", "(relay | rule | file) NAME", 2, 2, drop},
    {"enable", "RELAY", 1, 1, enable},
    {"disable", "RELAY", 1, 1, disable},
    {"fire", "SIGNAL", 1, 1, fire},
    {"do", "ACTION [SELECTORS]", 1, 2, act},
    {"wait", "(links=N | open=N | rule=NAME | finding=OUTCOME | idle=TIME) [relay=NAME] [link=N] [times=N] [timeout=TIME]", 1, 8, wait_for},
    {"watch", "[relay=NAME] [link=N]", 0, 2, watch},
    {"report", "[json | junit | tap]", 0, 1, report},
    {"metrics", "", 0, 0, metrics},
    {"reload", "", 0, 0, reload},
    {"stop", "", 0, 0, stop},
};

/* ---- the command ---- */

static const struct verb *find_verb(const char *word)
{
    struct spelling search = {.word = word, .length = strlen(word)};

    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(verbs[i].name, word) == 0) {
            return &verbs[i];
        }
        spelling_try(&search, verbs[i].name, strlen(verbs[i].name));
    }
    if (search.nearest != NULL) {
        command_wrong(&command_ctl, "there is no `%s`; did you mean `%s`?", word, search.nearest);
    } else {
        command_wrong(&command_ctl, "there is no `%s`", word);
    }
    return NULL;
}

static int take_options(struct ctl *ctl, int argc, char **argv)
{
    int at = 1;

    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp(argv[at], "--json") == 0) {
            ctl->json = true;
        } else if (strcmp(argv[at], "--control") == 0 && at + 1 < argc) {
            ctl->server.address = argv[++at];
        } else if (strcmp(argv[at], "--token-file") == 0 && at + 1 < argc) {
            free(ctl->token);
            ctl->server.token = ctl->token = token_read(argv[++at]);
            if (ctl->token == NULL) {
                return -command_wrong(&command_ctl, "--token-file %s: %s", argv[at], token_problem());
            }
        } else if (strcmp(argv[at], "--control") == 0 || strcmp(argv[at], "--token-file") == 0) {
            return -command_wrong(&command_ctl, "%s wants a value", argv[at]);
        } else {
            return -command_wrong(&command_ctl, "there is no option %s", argv[at]);
        }
    }
    return at;
}

static int run(int argc, char **argv)
{
    struct ctl ctl = {.for_people = isatty(STDOUT_FILENO)};
    const struct verb *verb;
    int at, code = EXIT_USAGE;

    ctl.server.address = getenv("HANGUP_CONTROL") != NULL ? getenv("HANGUP_CONTROL") : USUAL_ADDRESS;
    at = take_options(&ctl, argc, argv);
    if (at > 0 && at == argc) {
        command_wrong(&command_ctl, "what is to be done?");
    } else if (at > 0 && (verb = find_verb(argv[at])) != NULL) {
        ctl.count = argc - at - 1;
        ctl.words = argv + at + 1;
        code = ctl.count < verb->least || ctl.count > verb->most ? command_wrong(&command_ctl, "write: %s %s", verb->name, verb->words)
                                                                 : verb->run(&ctl);
    }
    free(ctl.token);
    return code;
}

const struct command command_ctl = {
    .name = "ctl",
    .arguments = "[--control ADDRESS] [--token-file FILE] [--json] VERB ...",
    .summary = "drives a hangup that runs, from the shell",
    .help = "  list [relays | rules | files | links | findings]\n"
            "  add relay NAME LISTEN SERVER [OPTIONS]     options as in a relay block: 'tls trust anyone'\n"
            "  add rule [NAME] TEXT                add file PATH\n"
            "  remove (relay | rule | file) NAME   enable RELAY   disable RELAY\n"
            "  fire SIGNAL                         gives the rules a signal\n"
            "  do ACTION [SELECTORS]               does it to open connections now: do 'reset client' 'relay redis'\n"
            "  wait CONDITION [relay=NAME] [link=N] [times=N] [timeout=TIME]\n"
            "                                      until links=N, open=N, rule=NAME, finding=OUTCOME or idle=TIME; 1: time is up\n"
            "  watch [relay=NAME] [link=N]         events as they happen\n"
            "  report [json | junit | tap]   metrics   reload   stop\n"
            "The control side is at HANGUP_CONTROL, which a COMMAND of `hangup run` finds in its environment, or at\n"
            USUAL_ADDRESS ".\n"
            "  --control ADDRESS   or there: HOST:PORT, unix:/PATH\n"
            "  --token-file FILE   with the token that stands there\n"
            "  --json              answers as they come\n",
    .run = run,
};
