/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup serve: a run that others drive, by HTTP. It may begin with nothing at all; relays and rules come later.
 */
#include "cli/serve.h"

#include "cli/run.h"
#include "cli/session.h"

static int run(int argc, char **argv)
{
    return run_as(&command_serve, SESSION_CONTROL, argc, argv);
}

const struct command command_serve = {
    .name = "serve",
    .arguments = "[--control ADDRESS] [OPTION ...] [FILE ...]",
    .summary = "runs, and lets relays and rules come and go by HTTP and `hangup ctl`",
    .help = "What `hangup run` does, with a control side at " SESSION_CONTROL " that others drive it by: relays and rules come,\n"
            "change and go while connections are open. FILEs are what it begins with; SIGHUP, and POST /v1/reload, read them anew:\n"
            "if one is wrong, all stays as it was. GET /v1/openapi.json describes all that can be asked.\n"
            "Options are those of `hangup run`, and\n"
            "  --control ADDRESS   where it listens instead: 127.0.0.1:0, or unix:/PATH, which only its owner can open\n"
            "  --proxies FILE      relays to begin with, as Toxiproxy's config file lists them\n"
            "  --token-file FILE   lets in only who says `Authorization: Bearer TOKEN`, with what stands there\n",
    .run = run,
};
