/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a verdict looks like: text, TAP, JUnit and JSON of one run, compared with files in golden/ (UPDATE_GOLDEN=1 writes them anew: look
 * at what git says then). And how reports get to their files.
 */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "judge/report.h"

static const char rules[] = "relay redis { listen 127.0.0.1:0 server 127.0.0.1:1 }\n"
                            "\n"
                            "rule late-fin {\n"
                            "    when server sends fin\n"
                            "    expect client stays open for 3s\n"
                            "    then hold server fin for 3s\n"
                            "    expect client closes within 2s\n"
                            "}\n"
                            "rule sql { expect client never sends \"<INSERT> #1 & \\\"more\\\"\" }\n"
                            "rule torn { when server sends 512 bytes then reset expect client reconnects within 5s }\n"
                            "rule maybe { for 1% of connections then reset }\n"
                            "expect no client CLOSE_WAIT longer than 2s\n";

/* The nth connection: the rule fires at n, the FIN comes 3 s later, and the client closes after another `closes` seconds. */
static void connection(struct stage *stage, uint64_t n, double closes)
{
    stage_at(stage, (double)n * 10);
    stage_open(stage, 0, n, "10.0.0.1");
    stage_fire(stage, n, "sql", 1);
    stage_step(stage, n, "sql", 1, 0, NOTICE_EXPECTED);
    stage_at(stage, (double)n * 10 + 1);
    stage_fire(stage, n, "late-fin", 1);
    stage_step(stage, n, "late-fin", 1, 0, NOTICE_EXPECTED);
    stage_step(stage, n, "late-fin", 1, 1, NOTICE_ACTION_HAPPENED);
    stage_at(stage, (double)n * 10 + 4);
    stage_tell(stage, n, NOTICE_FIN_SENT, SIDE_CLIENT);
    stage_tell(stage, n, NOTICE_FIN_ACKED, SIDE_CLIENT);
    stage_step(stage, n, "late-fin", 1, 2, NOTICE_EXPECTED);
    stage_at(stage, (double)n * 10 + 4 + closes);
    stage_tell(stage, n, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    stage_tell(stage, n, NOTICE_CLOSED, SIDE_CLIENT);
}

/* Three outcomes of each, and enough connections that pass to be folded. */
static struct stage *run(void)
{
    struct stage *stage = stage_begin("late-fin.rule", rules);
    for (uint64_t n = 1; n <= 8; n++)
        connection(stage, n, 0.1 * (double)n);
    connection(stage, 9, 4.5);
    stage_at(stage, 100);
    stage_open(stage, 0, 10, "10.0.0.1");
    stage_fire(stage, 10, "sql", 1);
    stage_step(stage, 10, "sql", 1, 0, NOTICE_EXPECTED);
    stage_at(stage, 100.25);
    stage_step(stage, 10, "sql", 1, 0, NOTICE_DEED_SEEN);
    stage_at(stage, 101);
    stage_fire(stage, 10, "late-fin", 1);
    stage_tell_notice(stage, 10, (struct notice){.kind = NOTICE_DELIVERED, .side = SIDE_CLIENT, .bytes = 4096});
    stage_at(stage, 102);
    stage_finish(stage);
    return stage;
}

static const struct run_end end = {.lasted = 102 * NS_PER_S, .command = "make check", .status = SIGTERM};

static void check_text(const char *name, bool colour)
{
    char *text;
    size_t size;
    struct stage *stage = run();
    FILE *out = open_memstream(&text, &size);
    verdict_print(out, stage->judge, &end, colour);
    fclose(out);
    stage_check_golden(name, text);
    free(text);
    stage_end(stage);
}

static void test_text(void **state)
{
    (void)state;
    check_text("verdict.txt", false);
    check_text("verdict-colour.txt", true);
}

static void check_report(const char *name, enum report_format format)
{
    char *text;
    size_t size;
    struct stage *stage = run();
    FILE *out = open_memstream(&text, &size);
    report_print(out, format, stage->judge, &end);
    fclose(out);
    stage_check_golden(name, text);
    free(text);
    stage_end(stage);
}

static void test_reports(void **state)
{
    (void)state;
    check_report("report.tap", REPORT_TAP);
    check_report("report.xml", REPORT_JUNIT);
    check_report("report.json", REPORT_JSON);
}

static void test_report_with_nothing(void **state)
{
    (void)state;
    struct run_end quiet = {.lasted = NS_PER_S};
    char *text;
    size_t size;
    struct stage *stage = stage_begin("none.rule", "");
    stage_finish(stage);
    FILE *out = open_memstream(&text, &size);
    verdict_print(out, stage->judge, &quiet, false);
    for (enum report_format format = REPORT_JUNIT; format <= REPORT_JSON; format++)
        report_print(out, format, stage->judge, &quiet);
    fclose(out);
    stage_check_golden("nothing.txt", text);
    free(text);
    stage_end(stage);
}

static void test_option(void **state)
{
    (void)state;
    struct report report;
    char error[128];
    assert_true(report_parse("tap:/tmp/a:b", &report, error, sizeof error));
    assert_int_equal(report.format, REPORT_TAP);
    assert_string_equal(report.path, "/tmp/a:b");
    assert_true(report_parse("junit:x", &report, error, sizeof error));
    assert_true(report_parse("json:x", &report, error, sizeof error));
    assert_false(report_parse("xml:x", &report, error, sizeof error));
    assert_string_equal(error, "xml:x is no report: write junit:FILE, tap:FILE or json:FILE");
    assert_false(report_parse("tap", &report, error, sizeof error));
    assert_false(report_parse("tap:", &report, error, sizeof error));
    assert_string_equal(error, "tap: wants a file: write tap:report.xml, say");
}

static size_t file_size(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (size_t)status.st_size : 0;
}

/* The old report is there until the new one is whole; a link stays a link; nothing else is left in the folder. */
static void test_files(void **state)
{
    (void)state;
    char folder[] = "/tmp/hangup-reports-XXXXXX";
    struct stage *stage = run();
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    struct report report = {.format = REPORT_TAP, .path = "link.tap"};
    assert_int_equal(symlink("real.tap", "link.tap"), 0);
    close(open("real.tap", O_CREAT | O_WRONLY, 0600));
    assert_int_equal(report_write(&report, stage->judge, &end), 0);
    assert_true(file_size("real.tap") > 500);
    struct stat status;
    assert_int_equal(lstat("link.tap", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(unlink("link.tap"), 0);
    assert_int_equal(unlink("real.tap"), 0);

    struct report nowhere = {.format = REPORT_TAP, .path = "no/such/folder"}, full = {.format = REPORT_JSON, .path = "/dev/full"};
    assert_int_equal(report_write(&nowhere, stage->judge, &end), -1);
    assert_int_equal(report_write(&full, stage->judge, &end), -1);
    assert_int_equal(rmdir(folder), 0); /* empty */
    stage_end(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_reports),
        cmocka_unit_test(test_report_with_nothing),
        cmocka_unit_test(test_option),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
