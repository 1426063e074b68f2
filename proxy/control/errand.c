/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Errands: from inbox to inbox, and home.
 */
#include "control/errand.h"

#include <stdint.h>

#include "control/control.h"

static void arrive(struct message *message);

static void go_on(struct errand *errand)
{
    struct station *station = control_station(errand->control, errand->at);

    errand->message.run = arrive;
    inbox_post(station != NULL ? station->inbox : control_inbox(errand->control), &errand->message);
}

static void arrive(struct message *message)
{
    struct errand *errand = (struct errand *)(void *)message;
    struct station *station = control_station(errand->control, errand->at);

    if (station == NULL) {
        errand->home(errand);
        return;
    }
    errand->work(errand, station);
    errand->at++;
    go_on(errand);
}

void errand_send(struct errand *errand)
{
    errand->at = 0;
    go_on(errand);
}

void errand_send_home(struct errand *errand)
{
    errand->at = SIZE_MAX;
    go_on(errand);
}
