/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reports, to their files.
 */
#include "judge/report.h"

#include <errno.h>
#include <libgen.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "judge/json.h"
#include "judge/junit.h"
#include "judge/tap.h"
#include "judge/words.h"
#include "rules/memory.h"

static const struct {
    const char *name;
    void (*print)(FILE *out, struct judge *judge, const struct run_end *end);
} formats[] = {
    [REPORT_JUNIT] = {"junit", junit_print},
    [REPORT_TAP] = {"tap", tap_print},
    [REPORT_JSON] = {"json", json_print},
};

bool report_parse(const char *text, struct report *report, char *error, size_t size)
{
    const char *colon = strchr(text, ':');
    for (size_t i = 0; colon && i < sizeof formats / sizeof *formats; i++) {
        size_t length = strlen(formats[i].name);
        if ((size_t)(colon - text) != length || strncmp(text, formats[i].name, length) != 0)
            continue;
        *report = (struct report){.format = (enum report_format)i, .path = colon + 1};
        if (colon[1])
            return true;
        snprintf(error, size, "%s wants a file: write %sreport.xml, say", text, text);
        return false;
    }
    snprintf(error, size, "%s is no report: write junit:FILE, tap:FILE or json:FILE", text);
    return false;
}

void report_print(FILE *out, enum report_format format, struct judge *judge, const struct run_end *end)
{
    formats[format].print(out, judge, end);
}

/* Writes and closes. 0, or -1 and errno. */
static int fill(int fd, const struct report *report, struct judge *judge, const struct run_end *end)
{
    FILE *out = fdopen(fd, "w");
    if (!out) {
        close(fd);
        return -1;
    }
    report_print(out, report->format, judge, end);
    int failed = ferror(out) || fflush(out) != 0;
    int error = errno;
    if (fclose(out) != 0 && !failed) {
        failed = 1;
        error = errno;
    }
    errno = error;
    return failed ? -1 : 0;
}

static mode_t usual_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* Under another name in the same folder, then renamed. */
static int write_beside(const char *path, const struct report *report, struct judge *judge, const struct run_end *end)
{
    char *temporary = words("%s.XXXXXX", path);
    int result = -1;
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd >= 0) {
        result = fchmod(fd, usual_mode());
        result |= fill(fd, report, judge, end);
        if (result == 0)
            result = rename(temporary, path);
        int error = errno;
        if (result != 0)
            unlink(temporary);
        errno = error;
    }
    free(temporary);
    return result;
}

static int write_to(const char *path, const struct report *report, struct judge *judge, const struct run_end *end)
{
    struct stat status;
    if (stat(path, &status) != 0 || S_ISREG(status.st_mode)) {
        char *target = realpath(path, NULL); /* a link stays one */
        int result = write_beside(target ? target : path, report, judge, end);
        free(target);
        return result;
    }
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd < 0 ? -1 : fill(fd, report, judge, end);
}

int report_check(const struct report *report)
{
    struct stat status;
    char *copy = words("%s", report->path);
    bool there = stat(report->path, &status) == 0;
    int result = there ? access(report->path, W_OK) : access(dirname(copy), W_OK);
    int error = errno;
    free(copy);
    if (there && S_ISDIR(status.st_mode)) {
        result = -1;
        error = EISDIR;
    }
    if (result != 0)
        fprintf(stderr, "hangup: the report cannot be written to %s: %s\n", report->path, strerror(error));
    return result;
}

int report_write(const struct report *report, struct judge *judge, const struct run_end *end)
{
    if (write_to(report->path, report, judge, end) == 0)
        return 0;
    fprintf(stderr, "hangup: the report cannot be written to %s: %s\n", report->path, strerror(errno));
    return -1;
}
