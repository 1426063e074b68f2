/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Steps of a header, drawn one below the other.
 */
#include "cli/picture.h"

#include <string.h>

#include "rules/ruleset.h"

#define COLUMN 13 /* of states, on the left; the rails stand below the third letter */
#define INNER 54  /* between the rails */
#define TEXT_MOST 120

/* One step. */
struct rung {
    char side[8], arrow[3];
    char text[TEXT_MOST];
    char states[2][16]; /* the application's and ours; "": as before */
};

/* --- reading ------------------------------------------------------------------------------------------------------------------------- */

static bool is_state(const char *word)
{
    return strcmp(word, "-") == 0 || tcp_state_from_name(word, strlen(word)) >= 0;
}

static bool is_arrow(const char *word)
{
    static const char *const arrows[] = {"->", "<-", "-x", "x-", "--"};

    for (size_t i = 0; i < sizeof arrows / sizeof arrows[0]; i++) {
        if (strcmp(word, arrows[i]) == 0)
            return true;
    }
    return false;
}

static bool read_states(const char *text, struct rung *rung)
{
    char more;

    return sscanf(text, "%15s %15s %c", rung->states[0], rung->states[1], &more) == 2 && is_state(rung->states[0])
        && is_state(rung->states[1]);
}

static bool read_step(const char *line, struct rung *rung)
{
    const char *bar = strstr(line, " | ");
    int begin = 0;
    size_t length;

    *rung = (struct rung){.side = ""};
    if (sscanf(line, " %7s %2s %n", rung->side, rung->arrow, &begin) != 2 || begin == 0 || !is_arrow(rung->arrow))
        return false;
    if (strcmp(rung->side, side_name(SIDE_CLIENT)) != 0 && strcmp(rung->side, side_name(SIDE_SERVER)) != 0)
        return false;
    if (bar != NULL && !read_states(bar + 3, rung))
        return false;
    length = bar != NULL ? (size_t)(bar - line) : strcspn(line, "\r\n");
    if (length <= (size_t)begin || length - (size_t)begin >= TEXT_MOST)
        return false;
    memcpy(rung->text, line + begin, length - (size_t)begin);
    return true;
}

/* --- drawing ------------------------------------------------------------------------------------------------------------------------- */

static void dashes(int count, FILE *out)
{
    while (count-- > 0)
        fputc('-', out);
}

/* Between the rails, both blank where a segment is lost in front of one. */
static void draw_arrow(const struct rung *rung, FILE *out)
{
    bool to_us = rung->arrow[0] == '-', lost = strchr(rung->arrow, 'x') != NULL;
    int room = INNER - (lost ? INNER / 3 : 0), length = (int)strlen(rung->text);
    int left = (room - 5 - length) / 2, right = room - 5 - length - left;

    if (!to_us)
        fprintf(out, "%*s%c", lost ? INNER / 3 : 0, "", lost ? 'x' : '<');
    dashes(left > 1 ? left : 1, out);
    fprintf(out, " %s ", rung->text);
    dashes(right > 1 ? right : 1, out);
    if (to_us)
        fprintf(out, "%c%*s", lost ? 'x' : '>', lost ? INNER / 3 : 0, "");
}

static void draw_rails(const struct picture *picture, const struct rung *rung, FILE *out)
{
    bool passes = strcmp(rung->arrow, "--") != 0;

    fprintf(out, "%s  |%s", picture->prefix, passes ? " " : "   ");
    if (passes)
        draw_arrow(rung, out);
    else
        fprintf(out, "%-*s", INNER - 3, rung->text);
    fputs(passes ? " |\n" : "|\n", out);
}

static void draw_columns(const struct picture *picture, const char *left, const char *right, FILE *out)
{
    fprintf(out, "%s%-*s%*s%s\n", picture->prefix, COLUMN, left, INNER - COLUMN + 1, "", right);
}

bool picture_step(struct picture *picture, const char *line, FILE *out)
{
    struct rung rung;

    if (!read_step(line, &rung))
        return false;
    if (strcmp(picture->side, rung.side) != 0) {
        memcpy(picture->side, rung.side, sizeof picture->side);
        draw_columns(picture, rung.side, "hangup", out);
    }
    draw_rails(picture, &rung, out);
    if (rung.states[0][0] != '\0')
        draw_columns(picture, rung.states[0], rung.states[1], out);
    return true;
}
