/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hold: bytes or an ending are kept, in order, and what is behind them too, until the action ends. `hold server fin for 30s` counts from
 * when the FIN comes. `hold 4 KiB of data` ends by itself when so much is kept, or when an ending comes, since no more will. How much may
 * be kept is the flow's business: when its buffer is full the speaker's window closes.
 */
#include "faults/kinds.h"

#include "faults/keep.h"
#include "faults/portion.h"

struct hold {
    struct fault fault;
    uint64_t amount;  /* bytes: when so many are kept, it ends */
    uint64_t allowed; /* bytes that are still to pass: it was told to let them go before they were there */
};

static bool is_meant(const struct fault *fault, enum ending ending)
{
    return is_ending(fault->phrase->values[0].flow.what, ending);
}

/* How many bytes of the piece went on, since a step allowed it: what is kept goes first, so there is none then. */
static size_t pass_allowed(struct fault *fault, const struct piece *piece)
{
    struct hold *hold = (struct hold *)fault;
    size_t going = piece->length < hold->allowed ? piece->length : (size_t)hold->allowed;

    if (going > 0) {
        struct piece front = portion_of_piece(piece, 0, going);

        hold->allowed -= going;
        fault_pass(fault, &front);
    }
    return going;
}

static void keep_rest(struct fault *fault, const struct piece *piece, size_t passed)
{
    if (passed < piece->length) {
        struct piece rest = portion_of_piece(piece, passed, piece->length - passed);

        keep_bytes(fault, &rest);
        fault_happened(fault);
    }
}

static void data(struct fault *fault, const struct piece *piece)
{
    if (fault->phrase->values[0].flow.what != WHAT_DATA && fault->endings == 0) {
        fault_pass(fault, piece);
        return;
    }
    keep_rest(fault, piece, pass_allowed(fault, piece));
}

static void step(struct fault *fault, uint64_t bytes)
{
    struct hold *hold = (struct hold *)fault;
    uint64_t going;

    if (fault->phrase->values[0].flow.what != WHAT_DATA) {
        return;
    }
    hold->allowed = bytes > UINT64_MAX - hold->allowed ? UINT64_MAX : hold->allowed + bytes;
    going = fault_kept(fault) < hold->allowed ? fault_kept(fault) : hold->allowed;
    hold->allowed -= going;
    fault_let_go(fault, going);
}

static void ending(struct fault *fault, enum ending ending)
{
    if (is_meant(fault, ending)) {
        fault_keep_ending(fault, ending);
        fault_happened(fault);
        fault_time_starts(fault);
    } else {
        keep_ending(fault, ending);
    }
}

static void let_go_and_end(struct fault *fault)
{
    fault_let_go_all(fault);
    fault_done(fault);
}

static void amount_start(struct fault *fault)
{
    struct hold *hold = (struct hold *)fault;
    hold->amount = fault_draw(fault, &fault->phrase->values[0].range);
    if (hold->amount == 0) {
        fault_done(fault);
    }
}

/* What is behind the amount is for the rule's next action. */
static void amount_data(struct fault *fault, const struct piece *piece)
{
    struct hold *hold = (struct hold *)fault;
    uint64_t missing = hold->amount - fault_kept(fault);
    fault_happened(fault);
    if (piece->length < missing) {
        keep_bytes(fault, piece);
        return;
    }
    struct piece last = portion_of_piece(piece, 0, missing), rest = portion_of_piece(piece, missing, piece->length - missing);
    keep_bytes(fault, &last);
    let_go_and_end(fault);
    if (rest.length > 0) {
        fault_pass(fault, &rest);
    }
}

static void amount_ending(struct fault *fault, enum ending ending)
{
    let_go_and_end(fault);
    fault_pass_ending(fault, ending);
}

const struct fault_kind kind_hold = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "hold WHAT",
        .help = "from the place on, it is kept, and what is behind it waits too, until the action ends; then all goes on in order",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA) | WHAT_BIT(WHAT_FIN) | WHAT_BIT(WHAT_RST),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct hold),
    .data = data,
    .ending = ending,
    .step = step,
    .stop = fault_let_go_all,
};

const struct fault_kind kind_hold_notify = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "hold WHAT",
        .help = "from the place on, TLS's goodbye is kept, and what is behind it waits too, until the action ends; then all goes on",
        .needs = "a relay with tls",
        .traits = ROW_TAKES_TIME | ROW_STAYS | ROW_NEEDS_TLS,
        .what = WHAT_BIT(WHAT_CLOSE_NOTIFY),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct fault),
    .data = data,
    .ending = ending,
    .stop = fault_let_go_all,
};

const struct fault_kind kind_hold_amount = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "hold SIZE of WHAT",
        .help = "from the place on, bytes are kept until so many are, or the ending comes; then all go on at once",
        .traits = ROW_TAKES_TIME,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct hold),
    .start = amount_start,
    .data = amount_data,
    .ending = amount_ending,
    .stop = fault_let_go_all,
};
