/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes the reading of rules: whatever the bytes, there are messages or a rule set, and the normal form of what can be read is its own
 * normal form. With a fuzzing engine (clang -fsanitize=fuzzer -DFUZZING) it runs for ever; without, main() runs the files and folders
 * it is given, by itself those of tests/fuzz/corpus and tests/lang.
 */
#include "cli/vocabulary.h"
#include "rules/format.h"
#include "rules/ruleset.h"
#include "rules/source.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static char *format(const char *text, struct diag *diag)
{
    struct source *source = source_from_text("fuzz", text, diag);

    return source ? format_text(source, &vocabulary, diag) : NULL;
}

static void format_twice(const char *text)
{
    struct diag *diag = diag_new();
    char *once = format(text, diag), *twice = once ? format(once, diag) : NULL;

    if (once && (!twice || strcmp(once, twice) != 0)) {
        fprintf(stderr, "not its own normal form:\n%s\n%s\n", once, twice ? twice : "(cannot be read)");
        abort();
    }
    free(once);
    free(twice);
    diag_free(diag);
}

static void compile(const struct rules_input *input)
{
    struct diag *diag = diag_new();
    char *messages = NULL;
    size_t size;
    FILE *out = open_memstream(&messages, &size);

    ruleset_unref(rules_compile(input, &vocabulary, diag));
    diag_print(diag, out, true);
    fclose(out);
    free(messages);
    diag_free(diag);
}

static void compile_sentence(const char *text)
{
    const struct rules_input input = { .texts = &text, .text_count = 1, .checking = true };

    compile(&input);
}

/* As a file, with its NULs; unless it would read other files, which could be anything (a terminal). */
static void compile_file(const char *text, size_t size)
{
    char path[64];
    const char *const files[] = { path };
    const struct rules_input input = { .files = files, .file_count = 1, .checking = true };
    int file = memfd_create("fuzz", MFD_CLOEXEC);

    if (file >= 0 && !memmem(text, size, "include", 7) && write(file, text, size) == (ssize_t)size) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        compile(&input);
    }
    close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);

    memcpy(text, bytes, size);
    text[size] = '\0';
    format_twice(text);
    compile_sentence(text);
    compile_file(text, size);
    free(text);
    return 0;
}

#ifndef FUZZING
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
        char file[4096];

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
    char corpus[4096], lang[4096];
    size_t files = 0;

    for (int i = 1; i < argc; i++)
        files += run_file(argv[i]);
    if (argc == 1) {
        snprintf(corpus, sizeof corpus, "%s/tests/fuzz/corpus", top ? top : ".");
        snprintf(lang, sizeof lang, "%s/tests/lang", top ? top : ".");
        files = run_folder(corpus) + run_folder(lang);
    }
    printf("%zu files\n", files);
    return files > 0 ? 0 : 1;
}
#endif
