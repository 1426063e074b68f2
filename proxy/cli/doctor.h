/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup doctor: what this machine and user allow, phrase by phrase, and what would allow more.
 */
#ifndef HANGUP_CLI_DOCTOR_H
#define HANGUP_CLI_DOCTOR_H

#include "cli/command.h"

extern const struct command command_doctor;

#endif
