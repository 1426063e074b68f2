/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * refuse: the relay does not listen, so that connect fails, and its server is not dialled. What that takes is the relay's; open links are
 * left alone. Refusing with another errno needs a held SYN and is later work.
 */
#include "faults/kinds.h"

static void start(struct fault *fault)
{
    fault_refuse(fault, true);
    fault_happened(fault);
}

static void stop(struct fault *fault)
{
    fault_refuse(fault, false);
}

const struct fault_kind kind_refuse = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "refuse",
        .help = "the client's connect fails with ECONNREFUSED and the server is not dialled; open connections live on",
        .traits = ROW_TAKES_TIME | ROW_STAYS | ROW_AT_CONNECT | ROW_UNHEARD,
    },
    .place = FAULT_ON_RELAY,
    .size = sizeof(struct fault),
    .start = start,
    .stop = stop,
};
