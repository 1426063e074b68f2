/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Toxics as clients send them: what is answered, and which rules they become. Each text of rules is compiled with the whole vocabulary.
 */
#include "cli/vocabulary.h"
#include "control/toxiproxy/effect.h"
#include "control/toxiproxy/toxic.h"
#include "rules/ruleset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct toxic *make(const char *body, struct problem *problem)
{
    json_t *json = body_parse(body, strlen(body), problem);
    struct toxic *toxic = json ? toxic_new(json, problem) : NULL;

    if (toxic && !toxic_take(toxic, json, problem)) {
        toxic_free(toxic);
        toxic = NULL;
    }
    json_decref(json);
    return toxic;
}

static void expect_json(const struct toxic *toxic, const char *wanted)
{
    json_t *json = toxic_json(toxic);
    char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(9));

    assert_string_equal(text, wanted);
    free(text);
    json_decref(json);
}

static void expect_compiles(const char *sentence)
{
    const char *texts[] = {sentence};
    struct diag *diag = diag_new();
    struct ruleset *set = rules_compile(
        &(struct rules_input){.listen = "127.0.0.1:0", .server = "127.0.0.1:1", .texts = texts, .text_count = 1}, &vocabulary, diag);

    if (!set)
        diag_print(diag, stderr, false);
    assert_non_null(set);
    ruleset_unref(set);
    diag_free(diag);
}

/* `wanted`: one sentence a line. */
static void expect_sentences(struct effect effect, const char *wanted)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    for (int place = 0; place < EFFECT_RULES; place++) {
        if (effect.sentences[place]) {
            fprintf(out, "%s\n", effect.sentences[place]);
            expect_compiles(effect.sentences[place]);
        }
    }
    fclose(out);
    assert_string_equal(text, wanted);
    free(text);
    effect_release(&effect);
}

/* ---- what is made ---- */

static const struct made {
    const char *body, *json, *rules; /* rules: a sentence a line */
} made[] = {
    {"{\"type\":\"latency\",\"attributes\":{\"latency\":100,\"jitter\":20}}",
        "{\"attributes\":{\"latency\":100,\"jitter\":20},\"name\":\"latency_downstream\",\"type\":\"latency\",\"stream\":\"downstream\","
        "\"toxicity\":1}",
        "then delay server data by 80..120ms\n"},
    {"{\"TYPE\":\"latency\",\"Name\":\"slow\",\"STREAM\":\"UPSTREAM\",\"Attributes\":{\"LATENCY\":5}}",
        "{\"attributes\":{\"latency\":5,\"jitter\":0},\"name\":\"slow\",\"type\":\"latency\",\"stream\":\"UPSTREAM\",\"toxicity\":1}",
        "then delay client data by 5ms\n"},
    {"{\"type\":\"latency\",\"attributes\":{\"latency\":10,\"jitter\":30}}",
        "{\"attributes\":{\"latency\":10,\"jitter\":30},\"name\":\"latency_downstream\",\"type\":\"latency\",\"stream\":\"downstream\","
        "\"toxicity\":1}",
        "then delay server data by 0..40ms\n"},
    {"{\"type\":\"latency\"}",
        "{\"attributes\":{\"latency\":0,\"jitter\":0},\"name\":\"latency_downstream\",\"type\":\"latency\",\"stream\":\"downstream\","
        "\"toxicity\":1}",
        ""},
    {"{\"type\":\"bandwidth\",\"toxicity\":0.1,\"attributes\":{\"rate\":100}}",
        "{\"attributes\":{\"rate\":100},\"name\":\"bandwidth_downstream\","
        "\"type\":\"bandwidth\",\"stream\":\"downstream\",\"toxicity\":0.1}",
        "for 10.000000000% of connections then throttle server data to 100 kB/s\n"},
    {"{\"type\":\"bandwidth\",\"toxicity\":0}",
        "{\"attributes\":{\"rate\":0},\"name\":\"bandwidth_downstream\","
        "\"type\":\"bandwidth\",\"stream\":\"downstream\",\"toxicity\":0}", ""},
    {"{\"type\":\"bandwidth\",\"stream\":\"upstream\",\"toxicity\":null,\"attributes\":null}",
        "{\"attributes\":{\"rate\":0},\"name\":\"bandwidth_upstream\",\"type\":\"bandwidth\",\"stream\":\"upstream\",\"toxicity\":1}",
        "then hold client data\n"},
    {"{\"type\":\"slow_close\",\"attributes\":{\"delay\":600}}",
        "{\"attributes\":{\"delay\":600},\"name\":\"slow_close_downstream\","
        "\"type\":\"slow_close\",\"stream\":\"downstream\",\"toxicity\":1}",
        "then hold server fin for 600ms\n"},
    {"{\"type\":\"timeout\",\"attributes\":{\"timeout\":500}}",
        "{\"attributes\":{\"timeout\":500},\"name\":\"timeout_downstream\","
        "\"type\":\"timeout\",\"stream\":\"downstream\",\"toxicity\":1}",
        "then drop server data, wait until server is silent for 500ms, close\n"},
    {"{\"type\":\"timeout\"}",
        "{\"attributes\":{\"timeout\":0},\"name\":\"timeout_downstream\",\"type\":\"timeout\",\"stream\":\"downstream\",\"toxicity\":1}",
        "then drop server data\n"},
    {"{\"type\":\"reset_peer\",\"attributes\":{\"timeout\":500}}",
        "{\"attributes\":{\"timeout\":500},\"name\":\"reset_peer_downstream\","
        "\"type\":\"reset_peer\",\"stream\":\"downstream\",\"toxicity\":1}",
        "when server is about to send /./s then hold server data, wait for 500ms, "
        "reset at once\n"
        "when server sends fin then hold server fin, wait for 500ms, reset at once\n"},
    {"{\"type\":\"slicer\",\"attributes\":{\"average_size\":64,\"size_variation\":32,\"delay\":10}}",
        "{\"attributes\":{\"average_size\":64,\"size_variation\":32,\"delay\":10},\"name\":\"slicer_downstream\",\"type\":\"slicer\","
        "\"stream\":\"downstream\",\"toxicity\":1}",
        "then slice server data into 32..96 byte pieces every 10us\n"},
    {"{\"type\":\"slicer\",\"attributes\":{\"average_size\":5,\"size_variation\":5}}",
        "{\"attributes\":{\"average_size\":5,\"size_variation\":5,\"delay\":0},\"name\":\"slicer_downstream\",\"type\":\"slicer\","
        "\"stream\":\"downstream\",\"toxicity\":1}",
        "then slice server data into 1..10 byte pieces\n"},
    {"{\"type\":\"limit_data\",\"attributes\":{\"bytes\":1000}}",
        "{\"attributes\":{\"bytes\":1000},\"name\":\"limit_data_downstream\","
        "\"type\":\"limit_data\",\"stream\":\"downstream\",\"toxicity\":1}",
        "when server sends 1000 bytes then close\n"},
    {"{\"type\":\"limit_data\"}",
        "{\"attributes\":{\"bytes\":0},\"name\":\"limit_data_downstream\","
        "\"type\":\"limit_data\",\"stream\":\"downstream\",\"toxicity\":1}",
        "when server is about to send /./s then close\n"},
    {"{\"type\":\"packet_loss\"}",
        "{\"attributes\":{\"loss_rate\":0.1,\"correlation\":0},\"name\":\"packet_loss_downstream\",\"type\":\"packet_loss\","
        "\"stream\":\"downstream\",\"toxicity\":1}",
        "then drop 10.000000000% of server data\n"},
    {"{\"type\":\"noop\",\"name\":\"a b/\\u00e9\"}",
        "{\"attributes\":{},\"name\":\"a b/\xc3\xa9\",\"type\":\"noop\",\"stream\":\"downstream\",\"toxicity\":1}", ""},
    {"{\"type\":\"limit_data\",\"name\":\"a b/\\u00e9\"} trailing",
        "{\"attributes\":{\"bytes\":0},\"name\":\"a b/\xc3\xa9\",\"type\":\"limit_data\",\"stream\":\"downstream\",\"toxicity\":1}",
        "when server is about to send /./s then close\n"},
};

static void toxics_become_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        struct problem problem = {0};
        struct toxic *toxic = make(made[i].body, &problem);

        if (!toxic)
            fail_msg("%s: %s", made[i].body, problem.text);
        expect_json(toxic, made[i].json);
        expect_sentences(effect_of(toxic), made[i].rules);
        toxic_free(toxic);
    }
}

static void removing_a_timeout_closes(void **state)
{
    struct problem problem = {0};
    struct toxic *toxic = make("{\"type\":\"timeout\"}", &problem);

    (void)state;
    expect_sentences(effect_of_removal(toxic), "then close\n");
    toxic_free(toxic);
}

/* ---- what is refused ---- */

static const struct refused {
    const char *body, *text;
} refused[] = {
    {"", "bad request body: EOF"},
    {" \n", "bad request body: EOF"},
    {"{\"type\":", "bad request body: unexpected EOF"},
    {"{]", "bad request body: string or '}' expected near ']' (line 1, column 2)"},
    {"[]", "bad request body: json: a toxic is an object"},
    {"{}", "invalid toxic type"},
    {"{\"type\":\"nothing\"}", "invalid toxic type"},
    {"{\"type\":\"latency\",\"stream\":\"\"}", "stream was invalid, can be either upstream or downstream"},
    {"{\"type\":\"latency\",\"stream\":\"sideways\"}", "stream was invalid, can be either upstream or downstream"},
    {"{\"type\":3}", "bad request body: json: cannot unmarshal number into field type of type string"},
    {"{\"type\":\"latency\",\"attributes\":[]}", "bad request body: json: attributes is an object"},
    {"{\"type\":\"latency\",\"attributes\":{\"latency\":1.5}}",
        "bad request body: json: cannot unmarshal number 1.5 into field attributes.latency of type int64"},
    {"{\"type\":\"latency\",\"attributes\":{\"latency\":\"1\"}}",
        "bad request body: json: cannot unmarshal string into field attributes.latency of type int64"},
    {"{\"type\":\"latency\",\"attributes\":{\"latency\":-1}}",
        "attributes.latency is -1: it must be from 0 to 31536000000 (ms)"},
    {"{\"type\":\"latency\",\"toxicity\":7}", "toxicity is 7: it must be from 0 to 1"},
    {"{\"type\":\"latency\",\"toxicity\":-3}", "toxicity is -3: it must be from 0 to 1"},
    {"{\"type\":\"slicer\"}", "attributes.average_size is 0: it must be from 1 to 1000000000000 (bytes)"},
    {"{\"type\":\"bandwidth\",\"attributes\":{\"rate\":-1}}",
        "attributes.rate is -1: it must be from 0 to 1000000000 (kB/s (1000 bytes))"},
    {"{\"type\":\"slicer\",\"attributes\":{\"average_size\":1,\"size_variation\":50}}",
        "attributes.size_variation is 50: it must not be more than average_size, 1"},
    {"{\"type\":\"packet_loss\",\"attributes\":{\"loss_rate\":2}}", "attributes.loss_rate is 2: it must be from 0 to 1"},
    {"{\"name\":\"a\\u0000b\",\"type\":\"noop\"}", "bad request body: name has a NUL in it"},
};

static void bad_ones_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct problem problem = {0};

        assert_null(make(refused[i].body, &problem));
        assert_int_equal(problem.status, 400);
        assert_string_equal(problem.text, refused[i].text);
    }
}

static void an_update_takes_all_or_nothing(void **state)
{
    struct problem problem = {0};
    struct toxic *toxic = make("{\"type\":\"latency\",\"attributes\":{\"latency\":100,\"jitter\":20}}", &problem);
    json_t *good = json_pack("{s:{s:i},s:f,s:s}", "attributes", "jitter", 5, "toxicity", 0.5, "name", "other");
    json_t *bad = json_pack("{s:{s:i,s:i},s:i}", "attributes", "latency", 1, "jitter", -1, "toxicity", 1);

    (void)state;
    assert_true(toxic_take(toxic, good, &problem));
    assert_false(toxic_take(toxic, bad, &problem));
    expect_json(toxic, "{\"attributes\":{\"latency\":100,\"jitter\":5},\"name\":\"latency_downstream\",\"type\":\"latency\","
                       "\"stream\":\"downstream\",\"toxicity\":0.5}");
    json_decref(good);
    json_decref(bad);
    toxic_free(toxic);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(toxics_become_rules),
        cmocka_unit_test(removing_a_timeout_closes),
        cmocka_unit_test(bad_ones_are_refused),
        cmocka_unit_test(an_update_takes_all_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
