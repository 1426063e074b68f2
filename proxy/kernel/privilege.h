/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this machine and this user allow, found out by trying: a capability may be there and not count (it must be one over the network
 * namespace that we are in), and older kernels let anybody do what newer ones do not. Asked before rules are loaded, and by `doctor`.
 */
#ifndef HANGUP_KERNEL_PRIVILEGE_H
#define HANGUP_KERNEL_PRIVILEGE_H

#include "rules/needs.h"

/* Tries each need on sockets of its own, which are closed again; nothing is sent. */
struct means privilege_probe(void);

#endif
