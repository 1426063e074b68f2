/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a token.
 */
#include "cli/token.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *token_read(const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;

    if (file == NULL) {
        return NULL;
    }
    if (getline(&line, &room, file) < 0) {
        line = realloc(line, 1);
        if (line != NULL) {
            line[0] = '\0';
        }
    }
    fclose(file);
    if (line != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
    }
    if (line != NULL && line[0] == '\0') {
        free(line);
        errno = 0;
        return NULL;
    }
    return line;
}

const char *token_problem(void)
{
    return errno == 0 ? "its first line is empty: that is no token" : strerror(errno);
}
