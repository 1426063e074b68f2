/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup fmt FILE ...: the normal form of rule files, printed, written back (-w), or only compared (--check).
 */
#include "cli/fmt.h"

#include "cli/vocabulary.h"
#include "rules/format.h"
#include "rules/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum fmt_mode { FMT_PRINT, FMT_WRITE, FMT_CHECK };

static int cannot_write(const char *path)
{
    fprintf(stderr, "hangup fmt: cannot write %s: %s\n", path, strerror(errno));
    return EXIT_CANNOT_RUN;
}

static bool write_all(int file, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t written = write(file, text, length);

        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            text += written;
            length -= (size_t)written;
        }
    }
    return true;
}

/* Beside the file first and then in its place, so that it is never there by halves. */
static int write_back(const char *path, const char *text)
{
    char *real = realpath(path, NULL), *beside = NULL;
    struct stat status;
    int file = -1;
    bool well = real && asprintf(&beside, "%s.XXXXXX", real) > 0 && stat(real, &status) == 0 && (file = mkostemp(beside, O_CLOEXEC)) >= 0;

    if (well) {
        well = fchmod(file, status.st_mode & 07777) == 0 && write_all(file, text, strlen(text)) && fsync(file) == 0 &&
               rename(beside, real) == 0;
        close(file);
        if (!well) {
            int error = errno;

            unlink(beside);
            errno = error;
        }
    }
    free(real);
    free(beside);
    return well ? EXIT_WELL : cannot_write(path);
}

static int deliver(const char *path, const struct source *source, const char *text, enum fmt_mode mode)
{
    bool same = strcmp(source->text, text) == 0;

    switch (mode) {
    case FMT_PRINT:
        fputs(text, stdout);
        break;
    case FMT_WRITE:
        return same ? EXIT_WELL : write_back(path, text);
    case FMT_CHECK:
        if (!same)
            puts(path);
        return same ? EXIT_WELL : EXIT_FAILED;
    }
    return EXIT_WELL;
}

static int format_file(const char *path, enum fmt_mode mode)
{
    struct diag *diag = diag_new();
    struct source *source = source_read(path, (struct span){ .source = NULL }, diag);
    char *text = source ? format_text(source, &vocabulary, diag) : NULL;
    int code = text ? deliver(path, source, text, mode) : EXIT_USAGE;

    diag_print(diag, stderr, isatty(STDERR_FILENO));
    free(text);
    diag_free(diag);
    return code;
}

/* Of two exit codes the one that says more: 2, 3, 1, 0. */
static int worse(int one, int other)
{
    static const int order[] = { EXIT_USAGE, EXIT_CANNOT_RUN, EXIT_FAILED };

    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (one == order[i] || other == order[i])
            return order[i];
    }
    return EXIT_WELL;
}

static int run_fmt(int argc, char **argv)
{
    enum fmt_mode mode = FMT_PRINT;
    int first = 1, code = EXIT_WELL;

    for (; first < argc && argv[first][0] == '-' && strcmp(argv[first], "--") != 0; first++) {
        if (strcmp(argv[first], "-w") == 0)
            mode = FMT_WRITE;
        else if (strcmp(argv[first], "--check") == 0)
            mode = FMT_CHECK;
        else
            return command_wrong(&command_fmt, "there is no option %s", argv[first]);
    }
    first += first < argc && strcmp(argv[first], "--") == 0;
    if (first >= argc)
        return command_wrong(&command_fmt, "which files?");
    for (; first < argc; first++)
        code = worse(code, format_file(argv[first], mode));
    return code;
}

const struct command command_fmt = {
    .name = "fmt",
    .arguments = "[-w | --check] FILE ...",
    .summary = "brings rule files into their normal form",
    .help = "Prints the normal form; -w writes it back into the file; --check only names the files that are not in it, and ends\n"
            "with 1 if there are any. Comments stay. A file with errors is left as it is.\n",
    .run = run_fmt,
};
