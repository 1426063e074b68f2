/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes TLS as seen from outside: whatever both sides say, however it is cut, the view keeps its promises and sees the same things at the
 * same bytes. An input is the length of what the client says (two bytes, the higher first), that, and then what the server says.
 */
#include "rules/memory.h"
#include "tests/fuzz/driver.h"
#include "tls/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const fuzz_folders[] = { "tests/fuzz/corpus/tls", NULL };

struct sum {
    uint64_t hash; /* of all that was seen, and where */
};

static void check(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "does not hold: %s\n", what);
        abort();
    }
}

static void add(struct sum *sum, uint64_t value)
{
    sum->hash = (sum->hash ^ value) * UINT64_C(0x100000001b3);
}

static void add_mark(struct sum *sum, const struct tls_mark *mark)
{
    add(sum, mark->at);
    add(sum, mark->record | (uint64_t)mark->alert << 1 | (uint64_t)mark->fatal << 2 | (uint64_t)mark->messages << 3);
    add(sum, (uint64_t)mark->code);
}

static bool is_mark(const struct tls_mark *mark)
{
    return mark->record || mark->alert || mark->messages;
}

/* `before`: up to where it was decided until now. */
static void look(const struct tls_reader *reader, uint64_t before, struct sum *sum)
{
    check(reader->decided <= reader->records.position, "nothing is decided that has not come");
    check(reader->decided >= before, "what is decided stays so");
    check(!is_mark(&reader->begins) || reader->begins.at < reader->records.position, "what begins has begun");
    check(!is_mark(&reader->begins) || reader->begins.at >= before, "what begins was undecided until now");
    if (is_mark(&reader->begins) || is_mark(&reader->ends)) {
        add(sum, reader->records.position);
        add(sum, reader->records.number);
        add_mark(sum, &reader->begins);
        add_mark(sum, &reader->ends);
    }
}

static void say(struct tls_view *view, enum side speaker, const uint8_t *bytes, size_t size, size_t most, struct sum *sum)
{
    const struct tls_reader *reader = &view->readers[speaker];

    while (size > 0) {
        size_t reach = tls_view_reach(view, speaker), length = size < most ? size : most;
        uint64_t before = reader->decided;

        check(reach > 0, "a byte at least can be taken");
        length = length < reach ? length : reach;
        tls_view_take(view, speaker, bytes, length);
        look(reader, before, sum);
        bytes += length;
        size -= length;
    }
}

static struct sum see(const uint8_t *bytes, size_t size, size_t client, size_t most)
{
    struct tls_view *view = xmalloc(sizeof *view);
    struct sum sum = { 0 };

    memset(view, 0, sizeof *view);
    say(view, SIDE_CLIENT, bytes, client, most, &sum);
    say(view, SIDE_SERVER, bytes + client, size - client, most, &sum);
    add(&sum, view->has_client_hello | (uint64_t)view->has_server_hello << 1);
    check(strlen(view->client_hello.name) < sizeof view->client_hello.name, "a name has an end");
    check(strlen(view->client_hello.protocols) < sizeof view->client_hello.protocols, "and protocols have one");
    tls_name_matches("*.example", view->client_hello.name);
    tls_view_release(view);
    free(view);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    size_t client = size >= 2 ? (size_t)bytes[0] << 8 | bytes[1] : 0;
    uint64_t hash;

    if (size < 2)
        return 0;
    bytes += 2;
    size -= 2;
    client = client < size ? client : size;
    hash = see(bytes, size, client, SIZE_MAX).hash;
    check(see(bytes, size, client, 1).hash == hash, "the same, byte by byte");
    check(see(bytes, size, client, 7).hash == hash, "the same in sevens");
    return 0;
}
