/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets and their owners: gathered, sorted, printed.
 */
#include "cli/roll.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "relay/address.h"
#include "rules/memory.h"
#include "rules/ruleset.h"

#define NS_PER_S 1e9

/* --- gathering ----------------------------------------------------------------------------------------------------------------------- */

static bool is_on_port(const struct socket_seen *seen, uint16_t port)
{
    return port == 0 || socket_port(&seen->pair.local) == port || socket_port(&seen->pair.remote) == port;
}

/* Who has it: the process that is asked about, if it is one of them. */
static bool find_owner(const struct processes *processes, const struct process_socket *own, ssize_t own_count,
    struct roll_entry *entry, const struct roll_wanted *wanted)
{
    (void)processes_owner(processes, entry->seen.inode, 0, &entry->owner);
    if (wanted->pid == 0)
        return true;
    for (ssize_t i = 0; i < own_count; i++) {
        if (entry->seen.inode != 0 && own[i].inode == entry->seen.inode) {
            entry->owner.pid = wanted->pid;
            entry->owner.fd = own[i].fd;
            return process_name(wanted->pid, entry->owner.name);
        }
    }
    return false;
}

static bool listens_for(const struct socket_seen *listening, const struct socket_seen *seen)
{
    return listening->state == STATE_LISTEN && socket_port(&listening->pair.local) == socket_port(&seen->pair.local)
        && address_covers_host(&listening->pair.local, &seen->pair.local);
}

/* What is no connection yet, no process has: it is its listening socket's. */
static uint64_t inode_of(const struct socket_list *found, const struct socket_seen *seen)
{
    for (size_t i = 0; seen->state == STATE_SYN_RECV && i < found->count; i++) {
        if (listens_for(&found->list[i], seen))
            return found->list[i].inode;
    }
    return seen->inode;
}

static void gather(struct roll *roll, const struct socket_list *found, const struct process_socket *own, ssize_t own_count,
    const struct roll_wanted *wanted)
{
    struct processes *processes = processes_new();

    processes_walk_all(processes);
    roll->list = xmalloc((found->count + 1) * sizeof *roll->list);
    for (size_t i = 0; i < found->count; i++) {
        struct roll_entry *entry = &roll->list[roll->count];
        *entry = (struct roll_entry){.seen = found->list[i]};
        entry->seen.inode = inode_of(found, &entry->seen);
        if (is_on_port(&entry->seen, wanted->port) && find_owner(processes, own, own_count, entry, wanted))
            roll->count++;
    }
    processes_free(processes);
}

/* As a connection goes through them. */
static int order_of(enum tcp_state state)
{
    static const enum tcp_state order[] = {STATE_LISTEN, STATE_SYN_SENT, STATE_SYN_RECV, STATE_ESTABLISHED, STATE_CLOSE_WAIT,
        STATE_LAST_ACK, STATE_FIN_WAIT1, STATE_FIN_WAIT2, STATE_CLOSING, STATE_TIME_WAIT};
    int place = 0;

    while (place < (int)(sizeof order / sizeof order[0]) && order[place] != state)
        place++;
    return place;
}

/* For how long it is in CLOSE_WAIT. The FIN came with an acknowledgement, so the last that came is that one or a later one; and behind all
 * data. */
static uint64_t at_least(const struct socket_seen *seen)
{
    return seen->acked_ago;
}

static uint64_t at_most(const struct socket_seen *seen)
{
    return seen->heard_ago > seen->acked_ago ? seen->heard_ago : seen->acked_ago;
}

/* Nobody's last; in one state the oldest first. */
static int compare(const void *left, const void *right)
{
    const struct roll_entry *a = left, *b = right;
    int states = order_of(a->seen.state) - order_of(b->seen.state);

    if (a->owner.pid != b->owner.pid)
        return a->owner.pid == 0 ? 1 : b->owner.pid == 0 ? -1 : a->owner.pid < b->owner.pid ? -1 : 1;
    if (states != 0)
        return states;
    if (at_least(&a->seen) != at_least(&b->seen))
        return at_least(&a->seen) > at_least(&b->seen) ? -1 : 1;
    return (a->owner.fd > b->owner.fd) - (a->owner.fd < b->owner.fd);
}

bool roll_call(struct roll *roll, const struct roll_wanted *wanted)
{
    struct sockets *sockets = sockets_open();
    struct socket_list found = {.list = NULL};
    struct process_socket *own = NULL;
    ssize_t own_count = wanted->pid != 0 ? process_sockets(wanted->pid, SIZE_MAX, &own, NULL) : 0;
    bool well = sockets != NULL && own_count >= 0 && sockets_dump(sockets, &(struct sockets_wanted){.detailed = true}, &found) == 0;

    *roll = (struct roll){.list = NULL};
    if (well) {
        gather(roll, &found, own, own_count, wanted);
        qsort(roll->list, roll->count, sizeof *roll->list, compare);
    }
    free(own);
    socket_list_release(&found);
    sockets_close(sockets);
    return well;
}

void roll_release(struct roll *roll)
{
    free(roll->list);
    *roll = (struct roll){.list = NULL};
}

/* --- for people ---------------------------------------------------------------------------------------------------------------------- */

static const char *endpoint(const struct sockaddr_storage *address, char text[128])
{
    address_text((const struct sockaddr *)address, sizeof *address, text, 128);
    return text;
}

/* What a socket in CLOSE_WAIT tells of its application: whether it has read as far as the end. */
static void print_close_wait(FILE *out, const struct socket_seen *seen)
{
    if (seen->detailed)
        fprintf(out, "  for %.1f s or more", (double)at_least(seen) / NS_PER_S);
    if (seen->unread == 0)
        fputs(", the end was read", out);
    else if (seen->unread == 1)
        fputs(", the end was not read", out);
    else
        fprintf(out, ", %" PRIu32 " bytes and the end were not read", seen->unread - 1);
}

static void print_socket(FILE *out, const struct roll_entry *entry)
{
    const struct socket_seen *seen = &entry->seen;
    char local[128], remote[128];

    fprintf(out, "    %s", endpoint(&seen->pair.local, local));
    if (seen->state != STATE_LISTEN)
        fprintf(out, " - %s", endpoint(&seen->pair.remote, remote));
    if (entry->owner.pid != 0)
        fprintf(out, "  fd %d", entry->owner.fd);
    if (entry->owner.others > 0)
        fprintf(out, ", and in %u more process%s", entry->owner.others, entry->owner.others == 1 ? "" : "es");
    if (seen->state == STATE_CLOSE_WAIT)
        print_close_wait(out, seen);
    else if (seen->state == STATE_LISTEN && seen->unread > 0)
        fprintf(out, "  %" PRIu32 " connection%s wait%s to be accepted", seen->unread, seen->unread == 1 ? "" : "s",
            seen->unread == 1 ? "s" : "");
    else if (seen->state != STATE_LISTEN && seen->unacked > 0)
        fprintf(out, "  %" PRIu32 " bytes not acknowledged", seen->unacked);
    fputc('\n', out);
}

/* Those that come and go by the thousand are only counted. */
static bool is_worth_a_line(enum tcp_state state)
{
    return state != STATE_ESTABLISHED && state != STATE_TIME_WAIT;
}

/* The sockets of one process in one state. */
static void print_state(FILE *out, const struct roll_entry *entries, size_t count, size_t most)
{
    fprintf(out, "  %-11s %5zu\n", tcp_state_name(entries->seen.state), count);
    for (size_t i = 0; is_worth_a_line(entries->seen.state) && i < count; i++) {
        if (i == most) {
            fprintf(out, "    and %zu more\n", count - most);
            return;
        }
        print_socket(out, &entries[i]);
    }
}

static void print_owner(FILE *out, const struct roll_entry *entry)
{
    if (entry->owner.pid != 0)
        fprintf(out, "pid %d %s\n", (int)entry->owner.pid, entry->owner.name);
    else
        fputs("no process, or none that you may look into\n", out);
}

void roll_print(FILE *out, const struct roll *roll, size_t most)
{
    for (size_t i = 0, count; i < roll->count; i += count) {
        const struct roll_entry *first = &roll->list[i];
        if (i == 0 || first->owner.pid != roll->list[i - 1].owner.pid)
            print_owner(out, first);
        count = 1;
        while (i + count < roll->count && first[count].owner.pid == first->owner.pid && first[count].seen.state == first->seen.state)
            count++;
        print_state(out, first, count, most);
    }
}

/* --- for programs -------------------------------------------------------------------------------------------------------------------- */

void roll_print_fields(FILE *out, const struct roll *roll)
{
    for (size_t i = 0; i < roll->count; i++) {
        const struct roll_entry *entry = &roll->list[i];
        const struct socket_seen *seen = &entry->seen;
        char local[128], remote[128];
        fprintf(out, "%s\t", tcp_state_name(seen->state));
        if (entry->owner.pid != 0)
            fprintf(out, "%d\t%s\t%d", (int)entry->owner.pid, entry->owner.name, entry->owner.fd);
        else
            fputs("-\t-\t-", out);
        fprintf(out, "\t%s\t%s\t%u\t%" PRIu32 "\t%" PRIu32, endpoint(&seen->pair.local, local),
            seen->state == STATE_LISTEN ? "-" : endpoint(&seen->pair.remote, remote), (unsigned)seen->uid, seen->unread, seen->unacked);
        if (seen->state == STATE_CLOSE_WAIT && seen->detailed)
            fprintf(out, "\t%.3f\t%.3f\n", (double)at_least(seen) / NS_PER_S, (double)at_most(seen) / NS_PER_S);
        else
            fputs("\t-\t-\n", out);
    }
}
