/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages between threads: a list under a lock, and an eventfd that wakes the owner's loop.
 */
#include "relay/inbox.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool inbox_open(struct inbox *inbox)
{
    *inbox = (struct inbox){.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    if (inbox->fd < 0) {
        return false;
    }
    pthread_mutex_init(&inbox->lock, NULL);
    return true;
}

void inbox_close(struct inbox *inbox)
{
    if (inbox->fd < 0) {
        return;
    }
    while (inbox->first != NULL) {
        inbox_run(inbox);
    }
    close(inbox->fd);
    inbox->fd = -1;
    pthread_mutex_destroy(&inbox->lock);
}

bool inbox_is_empty(struct inbox *inbox)
{
    bool is_empty;

    pthread_mutex_lock(&inbox->lock);
    is_empty = inbox->first == NULL;
    pthread_mutex_unlock(&inbox->lock);
    return is_empty;
}

/* The first one wakes the owner; those behind it find it on its way. */
void inbox_post(struct inbox *inbox, struct message *message)
{
    const uint64_t one = 1;
    bool was_empty;

    message->next = NULL;
    pthread_mutex_lock(&inbox->lock);
    was_empty = inbox->first == NULL;
    if (was_empty) {
        inbox->first = message;
    } else {
        inbox->last->next = message;
    }
    inbox->last = message;
    if (was_empty) {
        (void)!write(inbox->fd, &one, sizeof(one)); /* cannot fail: the counter is far from full */
    }
    pthread_mutex_unlock(&inbox->lock);
}

void inbox_run(struct inbox *inbox)
{
    struct message *message;
    uint64_t count;

    pthread_mutex_lock(&inbox->lock);
    (void)!read(inbox->fd, &count, sizeof(count));
    message = inbox->first;
    inbox->first = inbox->last = NULL;
    pthread_mutex_unlock(&inbox->lock);
    while (message != NULL) {
        struct message *next = message->next;

        message->run(message);
        message = next;
    }
}
