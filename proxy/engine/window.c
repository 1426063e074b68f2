/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Windows of time: one timer a rule, from opening to closing to opening again.
 */
#include "engine/window.h"

#include <stdlib.h>
#include <strings.h>

#include "engine/engine.h"

static struct timers *window_timers(const struct window_run *window)
{
    return &window->state->engine->worker->timers;
}

static const struct window *window_spec(const struct window_run *window)
{
    return &window->state->rule->window;
}

static uint64_t window_draw(struct window_run *window, const struct moment *moment)
{
    const struct rule_state *state = window->state;
    uint64_t key = draw_key_text(draw_key_text(draw_key(state->engine->seed), state->rule->name), "window");

    return draw_range(key, window->draws++, &moment->after, 0);
}

static void window_set(struct window_run *window, bool closing, uint64_t at)
{
    window->closing = closing;
    timer_set(window_timers(window), &window->timer, at);
}

static void window_open(struct window_run *window, uint64_t at)
{
    const struct window *spec = window_spec(window);

    window->open = true;
    window->opened_at = at;
    if (spec->has_end && spec->to.signal == NULL) {
        /* Both ends are times since the rules were loaded; from a signal on, the second one is its own length. */
        uint64_t length = spec->to.after.low;

        if (spec->from.signal == NULL) {
            length = length > spec->from.after.low ? length - spec->from.after.low : 0;
        }
        window_set(window, true, at + length);
    } else if (spec->repeats) {
        window_set(window, false, at + spec->every);
    }
    window->changed(window->state, true);
}

static void window_close(struct window_run *window)
{
    const struct window *spec = window_spec(window);

    window->open = false;
    timer_cancel(window_timers(window), &window->timer);
    if (spec->repeats && spec->from.signal == NULL) {
        uint64_t next = window->opened_at + spec->every, now = timers_now(window_timers(window));

        if (next < now) { /* turns that were missed are not made up for */
            next = now - (now - next) % spec->every;
        }
        window_set(window, false, next);
    }
    window->changed(window->state, false);
}

static void window_time(struct timer *timer)
{
    struct window_run *window = (struct window_run *)((char *)timer - offsetof(struct window_run, timer));

    if (window->closing) {
        window_close(window);
    } else {
        window_open(window, timer->at);
    }
}

struct window_run *window_new(struct rule_state *state, void (*changed)(struct rule_state *state, bool open))
{
    struct window_run *window = calloc(1, sizeof(*window));

    if (window == NULL) {
        abort();
    }
    *window = (struct window_run){.state = state, .changed = changed, .timer = {.fire = window_time}};
    if (state->rule->window.from.signal == NULL) {
        uint64_t at = state->since + window_draw(window, &state->rule->window.from);

        if (at <= timers_now(window_timers(window))) { /* from 0s: before anything can come */
            window_open(window, at);
        } else {
            window_set(window, false, at);
        }
    }
    return window;
}

void window_free(struct window_run *window)
{
    if (window != NULL) {
        timer_cancel(window_timers(window), &window->timer);
        free(window);
    }
}

void window_signal(struct window_run *window, const char *name)
{
    const struct window *spec = window_spec(window);

    if (!window->open && spec->from.signal != NULL && strcasecmp(spec->from.signal, name) == 0) {
        window_open(window, timers_now(window_timers(window)));
    } else if (window->open && spec->has_end && spec->to.signal != NULL && strcasecmp(spec->to.signal, name) == 0) {
        window_close(window);
    }
}
