/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a fuzz target without a fuzzing engine: over files, and over each beginning of them.
 */
#include "tests/fuzz/driver.h"

#ifndef FUZZING

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static size_t run_file(const char *path)
{
    static uint8_t bytes[1 << 20];
    FILE *file = fopen(path, "re");
    size_t size = file ? fread(bytes, 1, sizeof bytes, file) : 0;

    if (!file) {
        perror(path);
        return 0;
    }
    fclose(file);
    /* The file, and each beginning of it: it may be cut anywhere. Long ones at some places only. */
    for (size_t cut = 0; cut < size; cut += 1 + size / 64)
        LLVMFuzzerTestOneInput(bytes, cut);
    LLVMFuzzerTestOneInput(bytes, size);
    return 1;
}

static size_t run_folder(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    size_t files = 0;

    for (int i = 0; i < count; i++) {
        char file[8192];

        snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_type == DT_REG)
            files += run_file(file);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return files;
}

int main(int argc, char **argv)
{
    const char *top = getenv("top_srcdir");
    char folder[4096];
    size_t files = 0;

    for (int i = 1; i < argc; i++)
        files += run_file(argv[i]);
    for (size_t i = 0; argc == 1 && fuzz_folders[i]; i++) {
        snprintf(folder, sizeof folder, "%s/%s", top ? top : ".", fuzz_folders[i]);
        files += run_folder(folder);
    }
    printf("%zu files\n", files);
    return files > 0 ? 0 : 1;
}

#endif
