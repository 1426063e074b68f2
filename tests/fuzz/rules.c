/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes the reading of rules: whatever the bytes, there are messages or a rule set, and the normal form of what can be read is its own
 * normal form.
 */
#include "cli/vocabulary.h"
#include "rules/format.h"
#include "rules/ruleset.h"
#include "rules/source.h"
#include "tests/fuzz/driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

const char *const fuzz_folders[] = { "tests/fuzz/corpus", "tests/lang", NULL };

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
