/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Draws: hashes of who asks and how often, and the shapes of ranges.
 */
#include "engine/draw.h"

#include <math.h>
#include <string.h>

#define PARETO_SHAPE 1.16
#define NORMAL_TRIES 32

/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit of the input reaches every bit of the output. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

uint64_t draw_key(uint64_t seed)
{
    return mix(seed + UINT64_C(0x9e3779b97f4a7c15));
}

uint64_t draw_key_number(uint64_t key, uint64_t number)
{
    return mix(key ^ mix(number + UINT64_C(0x9e3779b97f4a7c15)));
}

uint64_t draw_key_bytes(uint64_t key, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        key = draw_key_number(key, bytes[i]);
    }
    return draw_key_number(key, length);
}

uint64_t draw_key_text(uint64_t key, const char *text)
{
    return draw_key_bytes(key, (const uint8_t *)text, strlen(text));
}

uint64_t draw_bits(uint64_t key, uint64_t use)
{
    return mix(key + (use + 1) * UINT64_C(0x9e3779b97f4a7c15));
}

double draw_unit(uint64_t key, uint64_t use)
{
    return (double)(draw_bits(key, use) >> 11) * 0x1.0p-53;
}

uint64_t draw_below(uint64_t key, uint64_t use, uint64_t bound)
{
    return bound == 0 ? 0 : (uint64_t)(((unsigned __int128)draw_bits(key, use) * bound) >> 64);
}

/* Drawn again until it falls between the ends. */
static double draw_normal(uint64_t key, uint64_t use, double low, double high)
{
    double mean = (low + high) / 2, deviation = (high - low) / 4;
    uint64_t tries = draw_key_number(key, use);

    for (uint64_t i = 0; i < NORMAL_TRIES; i++) {
        double radius = sqrt(-2 * log(1 - draw_unit(tries, 2 * i)));
        double x = mean + deviation * radius * cos(2 * M_PI * draw_unit(tries, 2 * i + 1));

        if (x >= low && x <= high) {
            return x;
        }
    }
    return mean;
}

/* The inverse of the distribution, which is cut off at high. */
static double draw_pareto(double unit, double low, double high)
{
    double from = low < 1 ? 1 : low;
    double rest = 1 - pow(from / high, PARETO_SHAPE);

    return from / pow(1 - unit * rest, 1 / PARETO_SHAPE);
}

uint64_t draw_range(uint64_t key, uint64_t use, const struct range *range, uint64_t turn)
{
    uint64_t width = range->high - range->low, value = range->low;

    if (width == 0 || range->high == UINT64_MAX) {
        return range->low;
    }
    switch (range->shape) {
    case SHAPE_UNIFORM:
        value = range->low + draw_below(key, use, width + 1);
        break;
    case SHAPE_NORMAL:
        value = (uint64_t)draw_normal(key, use, (double)range->low, (double)range->high);
        break;
    case SHAPE_PARETO:
        value = (uint64_t)draw_pareto(draw_unit(key, use), (double)range->low, (double)range->high);
        break;
    case SHAPE_IN_TURN: {
        uint64_t unit = range->unit > 0 ? range->unit : 1;

        value = range->low + turn % (width / unit + 1) * unit;
        break;
    }
    }
    return value < range->low ? range->low : value > range->high ? range->high : value;
}
