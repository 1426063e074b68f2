/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace: what is written can be read back, slow and full disks lose no ending and hold nobody up, and what is no trace is said to be
 * none.
 */
#include "stage.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "trace/reader.h"
#include "trace/writer.h"

static void tell(struct trace_writer *writer, const struct notice *notice)
{
    struct observer *observer = trace_writer_observer(writer);
    observer->tell(observer, notice);
}

static const struct record *field(const struct record *record, const char *name, uint64_t *number, const char **string)
{
    for (const struct record_field *at = record_fields; at->name; at++) {
        if (strcmp(at->name, name) == 0 && at->type == RECORD_NUMBER)
            memcpy(number, (const char *)record + at->offset, sizeof *number);
        if (strcmp(at->name, name) == 0 && at->type == RECORD_STRING)
            memcpy(string, (const char *)record + at->offset, sizeof *string);
    }
    return record;
}

static void assert_same(const struct record *left, const struct record *right)
{
    for (const struct record_field *at = record_fields; at->name; at++) {
        uint64_t a = 0, b = 0;
        const char *s = NULL, *t = NULL;
        field(left, at->name, &a, &s);
        field(right, at->name, &b, &t);
        assert_int_equal(a, b);
        assert_true(!s == !t);
        if (s)
            assert_string_equal(s, t);
    }
}

static char path[64];

static int new_file(void **state)
{
    (void)state;
    strcpy(path, "/tmp/hangup-trace-XXXXXX");
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_text(const char *text, size_t length)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* Each kind of notice, with everything that it may carry. */
static void test_round_trip(void **state)
{
    (void)state;
    struct stage *stage = stage_begin("test.rule", "rule r { when server sends \"\\x01\xc3\xa9\" then hold server fin for 3s }\n");
    const struct rule *rule = &stage->rules->rules[0];
    struct notice notices[NOTICE_KINDS];
    struct trace_writer *writer = trace_writer_open(path, STAGE_START);
    assert_non_null(writer);
    stage_open(stage, 0, 7, "10.0.0.1");
    for (enum notice_kind kind = 0; kind < NOTICE_KINDS; kind++) {
        notices[kind] = (struct notice){.kind = kind,
            .at = STAGE_START + kind * NS_PER_S + 1999,
            .relay = &stage->relays[0],
            .link = kind % 2 ? &stage->links[7] : NULL,
            .number = kind,
            .side = kind % 3 ? SIDE_CLIENT : SIDE_SERVER,
            .bytes = UINT64_C(1) << kind,
            .error = kind,
            .text = "quote \" backslash \\ tab \t del \x7f \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
            .rule = kind % 4 ? rule : NULL,
            .step = kind % 4 > 1 ? &rule->steps[0] : NULL,
            .firing = kind};
        tell(writer, &notices[kind]);
    }
    assert_int_equal(trace_writer_close(writer), 0);

    struct trace_reader *reader = trace_reader_open(path);
    struct record record;
    assert_int_equal(trace_reader_next(reader, &record), 1);
    assert_string_equal(record.what, "trace started");
    assert_int_equal(record.version, RECORD_VERSION);
    for (enum notice_kind kind = 0; kind < NOTICE_KINDS; kind++) {
        struct record expected = record_of_notice(&notices[kind], STAGE_START);
        assert_int_equal(trace_reader_next(reader, &record), 1);
        assert_same(&record, &expected);
        assert_int_equal(record.time, kind * UINT64_C(1000000) + 1);
        assert_int_equal(record_kind(&record), kind);
        assert_int_equal(record_is_of(&record, SIDE_CLIENT), notice_rows[kind].has_side && kind % 3 != 0);
    }
    assert_int_equal(trace_reader_next(reader, &record), 0);
    trace_reader_close(reader);
    stage_end(stage);
}

/* What is no UTF-8 is still JSON, and what is too long is cut. */
static void test_any_bytes(void **state)
{
    (void)state;
    char text[2000], line[RECORD_LINE];
    for (size_t i = 0; i < sizeof text - 1; i++)
        text[i] = (char)(i % 255 + 1);
    text[sizeof text - 1] = '\0';
    struct record record = {.time = UINT64_MAX >> 1, .what = text, .relay = text, .side = text, .error = text, .text = text, .rule = text,
                            .file = text, .step = text, .bytes = UINT64_MAX >> 1};
    assert_true(record_line(&record, line) < RECORD_LINE);
    write_text(line, strlen(line));
    struct trace_reader *reader = trace_reader_open(path);
    assert_int_equal(trace_reader_next(reader, &record), -1); /* it does not begin with `trace started`, but it is JSON */
    assert_non_null(strstr(trace_reader_error(reader), "its first line does not say"));
    trace_reader_close(reader);
}

#define FLOOD 200000

struct counts {
    int fd;
    unsigned endings, data;
    uint64_t lost; /* data events that are said to be missing */
};

/* Reads the pipe to its end. */
static void *count_lines(void *argument)
{
    struct counts *counts = argument;
    char line[RECORD_LINE];
    FILE *file = fdopen(counts->fd, "r");
    while (file && fgets(line, sizeof line, file)) {
        const char *missing = strstr(line, "\"lost\":");
        counts->endings += strstr(line, "fin received") != NULL;
        counts->data += strstr(line, "\"received\"") != NULL;
        counts->lost += missing ? strtoull(missing + 7, NULL, 10) : 0;
    }
    fclose(file);
    return NULL;
}

/* Nobody reads the pipe until all is told: the buffer fills, data is dropped and counted, each ending is there, and telling never waits. */
static void test_slow_disk(void **state)
{
    (void)state;
    int ends[2];
    char name[32];
    struct stage *stage = stage_begin("test.rule", "");
    assert_int_equal(pipe(ends), 0);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
    struct trace_writer *writer = trace_writer_open(name, STAGE_START);
    close(ends[1]);
    assert_non_null(writer);
    stage_open(stage, 0, 1, "10.0.0.1");
    for (unsigned i = 0; i < FLOOD; i++) {
        struct notice notice = {.kind = i % 100 ? NOTICE_RECEIVED : NOTICE_FIN_RECEIVED, .at = STAGE_START, .relay = &stage->relays[0],
                                .link = &stage->links[1], .bytes = 1};
        tell(writer, &notice);
    }
    pthread_t thread;
    struct counts counts = {.fd = ends[0]};
    assert_int_equal(pthread_create(&thread, NULL, count_lines, &counts), 0);
    tell(writer, &(struct notice){.kind = NOTICE_CLOSED, .at = STAGE_START, .relay = &stage->relays[0], .link = &stage->links[1]});
    assert_int_equal(trace_writer_close(writer), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(counts.endings, FLOOD / 100);
    assert_true(counts.lost > 0);
    assert_int_equal(counts.data + counts.lost, FLOOD - FLOOD / 100);
    stage_end(stage);
}

static void test_full_disk(void **state)
{
    (void)state;
    struct notice notice = {.kind = NOTICE_CLOSED, .at = STAGE_START};
    struct trace_writer *writer = trace_writer_open("/dev/full", STAGE_START);
    assert_non_null(writer);
    for (unsigned i = 0; i < 1000; i++)
        tell(writer, &notice);
    assert_int_equal(trace_writer_close(writer), -1);
    assert_null(trace_writer_open("/no/such/folder/trace", STAGE_START));
    assert_int_equal(errno, ENOENT);
}

#define FIRST "{\"time\":0,\"what\":\"trace started\",\"version\":1}\n"

static void test_no_trace(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t length;    /* 0: strlen */
        const char *says; /* behind the path */
    } files[] = {
        {"", 0, ":1: this is not a trace: it is empty"},
        {"hello\n", 0, ":1: this is not a trace: '[' or '{' expected near 'hello'"},
        {"[1]\n", 0, ":1: this is not a trace: a line must be a JSON object"},
        {"{\"what\":\"opened\"}\n", 0, ":1: this is not a trace: its first line does not say `trace started`"},
        {"{\"what\":\"trace started\",\"version\":2}\n", 0, ":1: this trace has version 2 of the format; this hangup reads version 1"},
        {FIRST "{\"what\":\"op", 0, ":2: the trace is cut off within this line: hangup was killed, or the disk was full"},
        {FIRST "{\"time\":1}\n", 0, ":2: \"what\" is missing"},
        {FIRST "{\"time\":-1,\"what\":\"x\"}\n", 0, ":2: \"time\" must be a number, 0 or more"},
        {FIRST "{\"time\":1.5,\"what\":\"x\"}\n", 0, ":2: \"time\" must be a number, 0 or more"},
        {FIRST "{\"what\":1}\n", 0, ":2: \"what\" must be a string"},
        {FIRST "\n", 0, ":2: '[' or '{' expected near end of file"},
        {FIRST "\0\0\n", sizeof FIRST + 2, ":2: '[' or '{' expected near end of file"},
        {FIRST "\x1b[2J\n", 0, ":2: '[' or '{' expected near '?'"},
    };
    struct record record;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        int result;
        write_text(files[i].text, files[i].length ? files[i].length : strlen(files[i].text));
        struct trace_reader *reader = trace_reader_open(path);
        while ((result = trace_reader_next(reader, &record)) == 1)
            continue;
        assert_int_equal(result, -1);
        assert_memory_equal(trace_reader_error(reader), path, strlen(path));
        assert_string_equal(trace_reader_error(reader) + strlen(path), files[i].says);
        trace_reader_close(reader);
    }
}

static void test_a_line_without_end(void **state)
{
    (void)state;
    struct record record;
    char *text = malloc(1 << 20);
    memset(text, 'x', 1 << 20);
    write_text(text, 1 << 20);
    free(text);
    struct trace_reader *reader = trace_reader_open(path);
    assert_int_equal(trace_reader_next(reader, &record), -1);
    assert_string_equal(trace_reader_error(reader) + strlen(path), ":1: this line is longer than any line of a trace");
    trace_reader_close(reader);
}

/* What a later version adds is passed over. */
static void test_unknown_fields_and_events(void **state)
{
    (void)state;
    struct record record;
    const char *text = FIRST "{\"time\":3,\"what\":\"moon rises\",\"phase\":[1,2],\"relay\":\"r\",\"link\":1}\n";
    write_text(text, strlen(text));
    struct trace_reader *reader = trace_reader_open(path);
    assert_int_equal(trace_reader_next(reader, &record), 1);
    assert_int_equal(trace_reader_next(reader, &record), 1);
    assert_string_equal(record.what, "moon rises");
    assert_int_equal(record_kind(&record), NOTICE_KINDS);
    assert_int_equal(trace_reader_next(reader, &record), 0);
    trace_reader_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_round_trip, new_file, remove_file),
        cmocka_unit_test_setup_teardown(test_any_bytes, new_file, remove_file),
        cmocka_unit_test(test_slow_disk),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test_setup_teardown(test_no_trace, new_file, remove_file),
        cmocka_unit_test_setup_teardown(test_a_line_without_end, new_file, remove_file),
        cmocka_unit_test_setup_teardown(test_unknown_fields_and_events, new_file, remove_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
