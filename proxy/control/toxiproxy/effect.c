/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One function a type of toxic: what it does, behind whom it does it to.
 */
#include "control/toxiproxy/effect.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/toxiproxy/toxic.h"

/* In front of the first byte, whatever it is. */
#define ABOUT_TO_SPEAK "is about to send /./s"

static const char *speaker(const struct toxic *toxic)
{
    return toxic->upstream ? "client" : "server";
}

static void write_latency(const struct toxic *toxic, FILE *out)
{
    int64_t latency = toxic->whole[0], jitter = toxic->whole[1];

    if (latency + jitter == 0)
        return;
    fprintf(out, "then delay %s data by ", speaker(toxic));
    if (jitter > 0)
        fprintf(out, "%" PRId64 "..", latency > jitter ? latency - jitter : 0);
    fprintf(out, "%" PRId64 "ms", latency + jitter);
}

static void write_bandwidth(const struct toxic *toxic, FILE *out)
{
    if (toxic->whole[0] == 0)
        fprintf(out, "then hold %s data", speaker(toxic));
    else
        fprintf(out, "then throttle %s data to %" PRId64 " kB/s", speaker(toxic), (int64_t)toxic->whole[0]);
}

static void write_slow_close(const struct toxic *toxic, FILE *out)
{
    if (toxic->whole[0] > 0)
        fprintf(out, "then hold %s fin for %" PRId64 "ms", speaker(toxic), (int64_t)toxic->whole[0]);
}

static void write_timeout(const struct toxic *toxic, FILE *out)
{
    fprintf(out, "then drop %s data", speaker(toxic));
    if (toxic->whole[0] > 0)
        fprintf(out, ", wait until %s is silent for %" PRId64 "ms, close", speaker(toxic), (int64_t)toxic->whole[0]);
}

static void write_reset_peer(const struct toxic *toxic, const char *deed, const char *what, FILE *out)
{
    fprintf(out, "when %s %s then hold %s %s, ", speaker(toxic), deed, speaker(toxic), what);
    if (toxic->whole[0] > 0)
        fprintf(out, "wait for %" PRId64 "ms, ", (int64_t)toxic->whole[0]);
    fputs("reset at once", out);
}

static void write_slicer(const struct toxic *toxic, FILE *out)
{
    int64_t average = toxic->whole[0], variation = toxic->whole[1];

    fprintf(out, "then slice %s data into ", speaker(toxic));
    if (variation > 0)
        fprintf(out, "%" PRId64 "..", average > variation ? average - variation : 1);
    fprintf(out, "%" PRId64 " byte pieces", average + variation);
    if (toxic->whole[2] > 0)
        fprintf(out, " every %" PRId64 "us", (int64_t)toxic->whole[2]);
}

static void write_limit_data(const struct toxic *toxic, FILE *out)
{
    if (toxic->whole[0] == 0)
        fprintf(out, "when %s " ABOUT_TO_SPEAK " then close", speaker(toxic));
    else
        fprintf(out, "when %s sends %" PRId64 " bytes then close", speaker(toxic), (int64_t)toxic->whole[0]);
}

static void write_packet_loss(const struct toxic *toxic, FILE *out)
{
    if (toxic->share[0] > 0)
        fprintf(out, "then drop %.9f%% of %s data", toxic->share[0] * 100, speaker(toxic));
}

/* The second rule is reset_peer's alone: for a close with no byte in front of it. */
static void write_rule(const struct toxic *toxic, int place, FILE *out)
{
    if (place > 0 && toxic->type != TOXIC_RESET_PEER)
        return;
    switch (toxic->type) {
    case TOXIC_LATENCY: write_latency(toxic, out); break;
    case TOXIC_BANDWIDTH: write_bandwidth(toxic, out); break;
    case TOXIC_SLOW_CLOSE: write_slow_close(toxic, out); break;
    case TOXIC_TIMEOUT: write_timeout(toxic, out); break;
    case TOXIC_RESET_PEER: write_reset_peer(toxic, place == 0 ? ABOUT_TO_SPEAK : "sends fin", place == 0 ? "data" : "fin", out); break;
    case TOXIC_SLICER: write_slicer(toxic, out); break;
    case TOXIC_LIMIT_DATA: write_limit_data(toxic, out); break;
    case TOXIC_PACKET_LOSS: write_packet_loss(toxic, out); break;
    case TOXIC_NOOP:
    case TOXIC_TYPES: break;
    }
}

/* NULL for no words. */
static char *sentence(const struct toxic *toxic, const char *words)
{
    char *text = NULL;

    if (words[0] == '\0' || toxic->toxicity <= 0)
        return NULL;
    if (toxic->toxicity >= 1 ? asprintf(&text, "%s", words) < 0
                             : asprintf(&text, "for %.9f%% of connections %s", toxic->toxicity * 100, words) < 0)
        abort();
    return text;
}

struct effect effect_of(const struct toxic *toxic)
{
    struct effect effect = {{NULL}};

    for (int place = 0; place < EFFECT_RULES; place++) {
        char *words;
        size_t size;
        FILE *out = open_memstream(&words, &size);

        if (!out)
            abort();
        write_rule(toxic, place, out);
        fclose(out);
        effect.sentences[place] = sentence(toxic, words);
        free(words);
    }
    return effect;
}

struct effect effect_of_removal(const struct toxic *toxic)
{
    return (struct effect){{toxic->type == TOXIC_TIMEOUT ? sentence(toxic, "then close") : NULL}};
}

void effect_release(struct effect *effect)
{
    for (int place = 0; place < EFFECT_RULES; place++)
        free(effect->sentences[place]);
    *effect = (struct effect){{NULL}};
}
