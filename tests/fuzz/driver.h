/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each fuzz target defines: what is fuzzed, and its corpus. With a fuzzing engine (clang -fsanitize=fuzzer -DFUZZING) it runs for
 * ever; without, driver.c's main() runs the files it is given, by itself those of its folders.
 */
#ifndef HANGUP_TESTS_FUZZ_DRIVER_H
#define HANGUP_TESTS_FUZZ_DRIVER_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* In the source tree; ends with NULL. */
extern const char *const fuzz_folders[];

#endif
