/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup ca: the certificate that applications have to trust where a relay speaks TLS to clients. Making it is tls/authority.c's.
 */
#include "cli/ca.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tls/tls.h"

static int copy(const char *path)
{
    char bytes[4096];
    size_t count;
    FILE *file = fopen(path, "re");

    if (!file) {
        fprintf(stderr, "hangup ca: cannot read %s: %s\n", path, strerror(errno));
        return EXIT_CANNOT_RUN;
    }
    while ((count = fread(bytes, 1, sizeof bytes, file)) > 0)
        fwrite(bytes, 1, count, stdout);
    fclose(file);
    return EXIT_WELL;
}

static int run_ca(int argc, char **argv)
{
    bool path_only = argc == 2 && strcmp(argv[1], "--path") == 0;
    char error[512], *path;
    int code = EXIT_WELL;

    if (argc > 1 && !path_only)
        return command_wrong(&command_ca, "there is no option %s", argv[strcmp(argv[1], "--path") == 0 ? 2 : 1]);
    path = tls_authority(error, sizeof error);
    if (!path) {
        fprintf(stderr, "hangup ca: %s\n", error);
        return EXIT_CANNOT_RUN;
    }
    if (path_only)
        puts(path);
    else
        code = copy(path);
    free(path);
    return code;
}

const struct command command_ca = {
    .name = "ca",
    .arguments = "[--path]",
    .summary = "prints the certificate of the CA that signs what relays with `tls` show to clients",
    .help = "It is made on first use, in $XDG_STATE_HOME/hangup or ~/.local/state/hangup; its key is readable for you alone. With --path\n"
            "the name of its file is printed. COMMAND of `run` finds that name in $HANGUP_CA.\n",
    .run = run_ca,
};
