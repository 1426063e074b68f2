/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is let in.
 */
#include "control/guard.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define HOST_MOST 255 /* a name in DNS, RFC 1035 section 2.3.4 */

/* The host of `host:port` or `[host]:port`, without what is around it; false: it is none. */
static bool split_host(const char *text, char host[HOST_MOST + 1])
{
    bool bracketed = *text == '[';
    const char *begin = text + bracketed;
    size_t length = bracketed ? strcspn(begin, "]") : strcspn(begin, ":");
    const char *behind = begin + length + bracketed;

    if (length == 0 || length > HOST_MOST || (bracketed && begin[length] != ']')) {
        return false;
    }
    if (*behind != '\0' && (*behind != ':' || behind[1 + strspn(behind + 1, "0123456789")] != '\0')) {
        return false;
    }
    memcpy(host, begin, length);
    host[length] = '\0';
    return true;
}

static bool is_number(const char *host)
{
    unsigned char bytes[16];

    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static bool is_our_name(const struct guard *guard, const char *host)
{
    return strcasecmp(host, "localhost") == 0 || (guard->name != NULL && strcasecmp(host, guard->name) == 0);
}

static bool host_is_right(const struct guard *guard, const char *text)
{
    char host[HOST_MOST + 1];

    return split_host(text, host) && (is_number(host) || is_our_name(guard, host));
}

/* Takes as long for a wrong first letter as for a wrong last one. */
static bool tokens_are_same(const char *a, const char *b)
{
    size_t length = strlen(b);
    unsigned char difference = 0;

    if (strlen(a) != length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        difference |= (unsigned char)(a[i] ^ b[i]);
    }
    return difference == 0;
}

static bool has_token(const struct guard *guard, const char *authorization)
{
    static const char scheme[] = "Bearer ";

    return authorization != NULL && strncasecmp(authorization, scheme, sizeof(scheme) - 1) == 0
        && tokens_are_same(authorization + sizeof(scheme) - 1, guard->token);
}

enum guard_answer guard_ask(const struct guard *guard, const struct guard_headers *headers, const char **why)
{
    if (headers->origin != NULL) {
        *why = "requests from web pages are not answered (Origin)";
        return GUARD_STRANGER;
    }
    if (headers->fetch_site != NULL && strcmp(headers->fetch_site, "same-origin") != 0 && strcmp(headers->fetch_site, "none") != 0) {
        *why = "requests from other web pages are not answered (Sec-Fetch-Site)";
        return GUARD_STRANGER;
    }
    if (!guard->local && headers->host != NULL && !host_is_right(guard, headers->host)) {
        *why = "this Host is not known here: use the address, or localhost, or the name that --control was given";
        return GUARD_STRANGER;
    }
    if (guard->token != NULL && !has_token(guard, headers->authorization)) {
        *why = "a token is wanted: `Authorization: Bearer TOKEN`, with what stands in the file of --token-file";
        return GUARD_NO_TOKEN;
    }
    return GUARD_WELCOME;
}
