/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All kinds of faults, by name, in the order in which `hangup help` shows them. A new fault is one file that defines `kind_NAME`, and its
 * name here. Read by table.c, and by each fault's file for the declaration of what it defines.
 */
#ifndef HANGUP_FAULTS_KINDS_H
#define HANGUP_FAULTS_KINDS_H

#include "engine/fault.h"

#define FAULT_KINDS(X) \
    X(wait) \
    X(delay) \
    X(delay_segments) \
    X(throttle) \
    X(slice) \
    X(slice_records) \
    X(hold) \
    X(hold_notify) \
    X(hold_amount) \
    X(hold_records) \
    X(hold_syn) \
    X(drop) \
    X(drop_notify) \
    X(drop_amount) \
    X(drop_share) \
    X(drop_records) \
    X(drop_records_share) \
    X(corrupt) \
    X(corrupt_amount) \
    X(corrupt_share) \
    X(corrupt_records) \
    X(corrupt_records_amount) \
    X(corrupt_records_share) \
    X(duplicate) \
    X(duplicate_amount) \
    X(duplicate_share) \
    X(duplicate_records) \
    X(duplicate_segments) \
    X(reorder) \
    X(replace) \
    X(turn) \
    X(turn_notify) \
    X(send) \
    X(send_fin) \
    X(send_raw) \
    X(send_half) \
    X(send_close_notify) \
    X(send_alert) \
    X(send_key_updates) \
    X(send_forged_rst) \
    X(send_certificate) \
    X(request_certificate) \
    X(close) \
    X(reset) \
    X(forget) \
    X(destroy) \
    X(stop_reading) \
    X(shrink) \
    X(vanish) \
    X(vanish_with) \
    X(lose) \
    X(lose_share) \
    X(lose_every) \
    X(lose_syn) \
    X(refuse) \
    X(refuse_with) \
    X(refuse_resumption) \
    X(accept_without_server)

#define X(name) extern const struct fault_kind kind_##name;
FAULT_KINDS(X)
#undef X

#endif
