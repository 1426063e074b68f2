/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads that no signal goes to: signals are the first worker's, and a pipe that nobody reads any more is an error (EPIPE), not the end.
 * Called by whoever has a thread of its own.
 */
#ifndef HANGUP_KERNEL_THREAD_H
#define HANGUP_KERNEL_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* False and errno. */
bool thread_start(pthread_t *thread, void *(*run)(void *), void *argument);

#endif
