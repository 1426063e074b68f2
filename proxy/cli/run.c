/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup run: reads the command line into the options of a session. What happens then is session.c's.
 */
#include "cli/run.h"

#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/catalog.h"
#include "cli/session.h"
#include "cli/token.h"
#include "relay/crew.h"
#include "rules/amount.h"
#include "rules/spelling.h"

/* The command line, while it is read: no list can become longer than argc. */
struct line {
    const struct command *command; /* run or serve */
    struct session_options options;
    const char **files, **texts;
    struct catalog *catalog; /* once a name of it was used */
    char *token;
};

enum option_code { OPTION_LISTEN = 256, OPTION_SERVER, OPTION_RULE, OPTION_REPORT, OPTION_TRACE, OPTION_SEED, OPTION_LIMIT, OPTION_READY,
    OPTION_BUFFER, OPTION_SIGNAL, OPTION_SPLICE, OPTION_BUSY, OPTION_CONTROL, OPTION_TOKEN,
    OPTION_WORKERS, OPTION_PROXIES, OPTION_WITH, OPTION_CONNECT };

static const struct option run_options[] = {
    {"listen", required_argument, NULL, OPTION_LISTEN},
    {"server", required_argument, NULL, OPTION_SERVER},
    {"with", required_argument, NULL, OPTION_WITH},
    {"rule", required_argument, NULL, OPTION_RULE},
    {"report", required_argument, NULL, OPTION_REPORT},
    {"trace", required_argument, NULL, OPTION_TRACE},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"time-limit", required_argument, NULL, OPTION_LIMIT},
    {"ready-fd", required_argument, NULL, OPTION_READY},
    {"buffer", required_argument, NULL, OPTION_BUFFER},
    {"connect", required_argument, NULL, OPTION_CONNECT},
    {"signal", required_argument, NULL, OPTION_SIGNAL},
    {"splice", required_argument, NULL, OPTION_SPLICE},
    {"busy-wait", required_argument, NULL, OPTION_BUSY},
    {"control", required_argument, NULL, OPTION_CONTROL},
    {"token-file", required_argument, NULL, OPTION_TOKEN},
    {"workers", required_argument, NULL, OPTION_WORKERS},
    {"proxies", required_argument, NULL, OPTION_PROXIES},
    {"quiet", no_argument, NULL, 'q'},
    {NULL, 0, NULL, 0},
};

static int take_report(struct line *line, const char *text)
{
    char error[256];

    if (!report_parse(text, &line->options.reports[line->options.report_count], error, sizeof(error))) {
        return command_wrong(line->command, "--report %s: %s", text, error);
    }
    line->options.report_count++;
    return EXIT_WELL;
}

static int take_address(const struct line *line, const char **address, const char *option)
{
    if (*address != NULL) {
        return command_wrong(line->command, "%s twice: more than one relay stands in a file, `relay NAME { listen ... server ... }`",
            option);
    }
    *address = optarg;
    return EXIT_WELL;
}

static int take_connect(struct line *line, const char *text)
{
    static const struct {
        const char *word;
        enum connect_when when;
    } words[] = {{"held", CONNECT_HELD}, {"met", CONNECT_MET}, {"late", CONNECT_LATE}, {"best", CONNECT_BEST}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(text, words[i].word) == 0) {
            line->options.connect = words[i].when;
            return EXIT_WELL;
        }
    }
    return command_wrong(line->command, "--connect %s: held, met, late or best", text);
}

/* NAME=UNIXSIGNAL; the name is a copy. */
static int take_signal(struct line *line, const char *text)
{
    struct signal_name *signal = &line->options.signals[line->options.signal_count];
    const char *equals = strchr(text, '=');

    if (equals == NULL || equals == text) {
        return command_wrong(line->command, "--signal %s: write NAME=SIGNAL, as in --signal down=USR1", text);
    }
    signal->number = signals_number(equals + 1);
    if (signal->number == 0) {
        return command_wrong(line->command, "--signal %s: there is no Unix signal %s; `kill -l` lists them", text, equals + 1);
    }
    if (!signals_may_be_mapped(signal->number)) {
        return command_wrong(line->command, "--signal %s: %s cannot be given to rules; USR1, USR2 and HUP can", text, equals + 1);
    }
    signal->name = strndup(text, (size_t)(equals - text));
    line->options.signal_count++;
    return EXIT_WELL;
}

static int take_ready_fd(struct line *line, const char *text)
{
    uint64_t fd;

    if (!amount_number(text, &fd) || fd > INT32_MAX) {
        return command_wrong(line->command, "--ready-fd %s: the number of an open descriptor, as in --ready-fd 3", text);
    }
    if (fcntl((int)fd, F_GETFD) < 0) {
        return command_wrong(line->command, "--ready-fd %s: that descriptor is not open", text);
    }
    fcntl((int)fd, F_SETFD, FD_CLOEXEC);
    line->options.ready_fd = (int)fd;
    return EXIT_WELL;
}

static int take_splicing(struct line *line, const char *text)
{
    static const char *const words[] = {[SPLICING_AUTO] = "auto", [SPLICING_NEVER] = "never", [SPLICING_ALWAYS] = "always"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(text, words[i]) == 0) {
            line->options.splicing = (enum splicing)i;
            return EXIT_WELL;
        }
    }
    return command_wrong(line->command, "--splice %s: auto, never or always", text);
}

/* As many as there are processors for us, or so many. */
static int take_workers(struct line *line, const char *text)
{
    cpu_set_t processors;
    uint64_t count = 0;

    if (strcmp(text, "auto") == 0 && sched_getaffinity(0, sizeof(processors), &processors) == 0) {
        count = (uint64_t)CPU_COUNT(&processors);
    } else if (!amount_number(text, &count) || count == 0 || count > CREW_MOST) {
        return command_wrong(line->command, "--workers %s: a number from 1 to %d, or auto", text, CREW_MOST);
    }
    line->options.workers = count < CREW_MOST ? (size_t)count : CREW_MOST;
    return EXIT_WELL;
}

static int no_such_option(const struct line *line, const char *option)
{
    struct spelling search = {.word = option + strspn(option, "-"), .length = strcspn(option + strspn(option, "-"), "=")};

    for (const struct option *known = run_options; known->name != NULL; known++) {
        spelling_try(&search, known->name, strlen(known->name));
    }
    if (search.nearest == NULL) {
        return command_wrong(line->command, "there is no option %s", option);
    }
    return command_wrong(line->command, "there is no option %s; did you mean --%s?", option, search.nearest);
}

static int take_option(struct line *line, int code, char **argv)
{
    struct session_options *options = &line->options;

    switch (code) {
    case OPTION_LISTEN:
        return take_address(line, &options->input.listen, "--listen");
    case OPTION_SERVER:
        return take_address(line, &options->input.server, "--server");
    case OPTION_WITH:
        if (options->input.with != NULL) {
            return command_wrong(&command_run, "--with twice: write all options of the relay into one");
        }
        options->input.with = optarg;
        return EXIT_WELL;
    case OPTION_CONNECT:
        return take_connect(line, optarg);
    case OPTION_RULE:
        line->texts[options->input.text_count++] = optarg;
        return EXIT_WELL;
    case OPTION_TRACE:
        options->trace = optarg;
        return EXIT_WELL;
    case OPTION_REPORT:
        return take_report(line, optarg);
    case OPTION_SIGNAL:
        return take_signal(line, optarg);
    case OPTION_READY:
        return take_ready_fd(line, optarg);
    case OPTION_CONTROL:
        options->control = optarg;
        return EXIT_WELL;
    case OPTION_TOKEN:
        free(line->token);
        options->token = line->token = token_read(optarg);
        return line->token != NULL ? EXIT_WELL : command_wrong(line->command, "--token-file %s: %s", optarg, token_problem());
    case OPTION_SEED:
        options->has_seed = amount_number(optarg, &options->seed);
        return options->has_seed ? EXIT_WELL : command_wrong(line->command, "--seed %s: a whole number", optarg);
    case OPTION_LIMIT:
        return amount_duration(optarg, &options->time_limit) && options->time_limit > 0
                   ? EXIT_WELL
                   : command_wrong(line->command, "--time-limit %s: a time such as 30s, 500ms or 2min", optarg);
    case OPTION_BUFFER:
        return amount_size(optarg, &options->buffer) && options->buffer > 0
                   ? EXIT_WELL
                   : command_wrong(line->command, "--buffer %s: a size such as 16MiB or 64KiB", optarg);
    case OPTION_SPLICE:
        return take_splicing(line, optarg);
    case OPTION_BUSY:
        return amount_duration(optarg, &options->busy_wait) && options->busy_wait <= NS_PER_S
                   ? EXIT_WELL
                   : command_wrong(line->command, "--busy-wait %s: a time of at most 1s, such as 100us", optarg);
    case OPTION_WORKERS:
        return take_workers(line, optarg);
    case OPTION_PROXIES:
        options->proxies = optarg;
        return EXIT_WELL;
    case 'q':
        options->quiet = true;
        return EXIT_WELL;
    case ':':
        return command_wrong(line->command, "%s wants a value", argv[optind - 1]);
    default:
        return no_such_option(line, argv[optind - 1]);
    }
}

/* A file, or, where there is none, the name of one in the catalog; NULL and a message if it is neither. */
static const char *find_file(struct line *line, const char *name)
{
    struct spelling search = {.word = name, .length = strlen(name)};

    if (access(name, F_OK) == 0 || strchr(name, '/') != NULL) {
        return name;
    }
    if (line->catalog == NULL) {
        line->catalog = catalog_open();
    }
    for (size_t i = 0; line->catalog != NULL && i < line->catalog->count; i++) {
        if (strcmp(line->catalog->entries[i].name, name) == 0) {
            return line->catalog->entries[i].path;
        }
        spelling_try(&search, line->catalog->entries[i].name, strlen(line->catalog->entries[i].name));
    }
    fprintf(stderr, "hangup %s: %s is neither a file nor a name of the catalog", line->command->name, name);
    fprintf(stderr, search.nearest != NULL ? "; did you mean `%s`?\n" : "; `hangup list` shows the names\n", search.nearest);
    return NULL;
}

static int take_line(struct line *line, int argc, char **argv)
{
    int code, command_at = argc;

    for (int i = 1; i < argc && command_at == argc; i++) {
        command_at = strcmp(argv[i], "--") == 0 ? i : command_at;
    }
    opterr = 0;
    optind = 0; /* GNU: begin anew */
    while ((code = getopt_long(command_at, argv, ":q", run_options, NULL)) != -1) {
        int wrong = take_option(line, code, argv);

        if (wrong != EXIT_WELL) {
            return wrong;
        }
    }
    while (optind < command_at) {
        const char *file = find_file(line, argv[optind++]);

        if (file == NULL) {
            return EXIT_USAGE;
        }
        line->files[line->options.input.file_count++] = file;
    }
    if (command_at + 1 < argc) {
        line->options.command = argv + command_at + 1;
    } else if (command_at < argc) {
        return command_wrong(line->command, "which command? nothing stands behind --");
    }
    if (line->options.control == NULL && line->options.input.file_count == 0 && line->options.input.listen == NULL
        && line->options.input.server == NULL) {
        return command_wrong(line->command, "what to relay? give --listen and --server, or a rule file with a relay block");
    }
    if (line->options.proxies != NULL && line->options.control == NULL) {
        return command_wrong(line->command, "--proxies goes with --control ADDRESS, or with hangup serve");
    }
    return EXIT_WELL;
}

int run_as(const struct command *command, const char *control, int argc, char **argv)
{
    struct line line = {.command = command,
        .options = {.control = control, .buffer = SESSION_BUFFER, .workers = 1, .ready_fd = -1}};
    size_t most = (size_t)argc + 1;
    int code;

    line.files = calloc(most, sizeof(*line.files));
    line.texts = calloc(most, sizeof(*line.texts));
    line.options.reports = calloc(most, sizeof(*line.options.reports));
    line.options.signals = calloc(most, sizeof(*line.options.signals));
    if (line.files == NULL || line.texts == NULL || line.options.reports == NULL || line.options.signals == NULL) {
        abort();
    }
    line.options.input.files = line.files;
    line.options.input.texts = line.texts;
    code = take_line(&line, argc, argv);
    if (code == EXIT_WELL) {
        code = session_run(&line.options);
    }
    for (size_t i = 0; i < line.options.signal_count; i++) {
        free((void *)(uintptr_t)line.options.signals[i].name);
    }
    catalog_close(line.catalog);
    free(line.token);
    free(line.files);
    free(line.texts);
    free(line.options.reports);
    free(line.options.signals);
    return code;
}

static int run(int argc, char **argv)
{
    return run_as(&command_run, NULL, argc, argv);
}

const struct command command_run = {
    .name = "run",
    .arguments = "[--listen ADDRESS --server ADDRESS] [--rule TEXT] [OPTION ...] [FILE ...] [-- COMMAND [ARGUMENT ...]]",
    .summary = "relays, does what the rules say, and judges what the applications do about it",
    .help = "Runs until it is stopped, or until COMMAND ends; COMMAND finds each relay's address in HANGUP_<RELAY>. FILE may be a name of "
            "the catalog.\n"
            "  --listen ADDRESS    a relay named `relay` that listens there; port 0: the kernel chooses, and the line at the start says\n"
            "  --server ADDRESS    where it connects to: 127.0.0.1:6379, [::1]:80, name:80, unix:/run/x.sock\n"
            "  --with OPTIONS      of that relay, as in a relay block: 'tls trust anyone'\n"
            "  --rule TEXT         one more rule: 'when server sends 512 bytes then reset'\n"
            "  --report F:FILE     the verdict for machines; F is junit, tap or json\n"
            "  --trace FILE        everything that happens, as JSON lines; `hangup show FILE` draws it\n"
            "  --seed NUMBER       what is left to chance is drawn from it; the same seed draws the same\n"
            "  --time-limit TIME   ends COMMAND and the run, verdict and all\n"
            "  --ready-fd N        writes NAME=ADDRESS for each relay there when all of them listen, and closes it\n"
            "  --signal NAME=SIG   `signal NAME` in the rules is that Unix signal; `signal usr1` needs no mapping\n"
            "  --workers N|auto    threads that relay, each with its own connections; auto: one a processor (1)\n"
            "  --connect HOW       held: a client is answered as its server answers, its SYN is held until then; met: the same on\n"
            "                      loopback for any user, slower; late: it is accepted first; best: the first of these that is allowed;\n"
            "                      without this: held where a rule needs it, else late\n"
            "  --buffer SIZE       what rules may make one direction of a connection keep (16MiB)\n"
            "  --splice WHEN       moves bytes that no rule looks into uncopied: auto (in bulk), never, always\n"
            "  --busy-wait TIME    waits awake so long before it sleeps: shorter ways, exacter times, a busy processor\n"
            "  --control ADDRESS   lets it be driven while it runs, by HTTP there or at unix:/PATH; see `hangup help serve`\n"
            "  --token-file FILE   the control side lets in only who knows what stands there\n"
            "  -q, --quiet         says nothing but warnings and what is wrong\n"
            "Exit codes: 0 all well; 1 an expectation failed; 2 usage or rule error; 3 could not run; 4 a rule that should have fired "
            "never did;\n"
            "5 COMMAND failed. Where several hold: 2, 3, 1, 5, 4.\n",
    .run = run,
};
