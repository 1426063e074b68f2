/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CA's files: where they are, reading them, making them so that nobody ever sees half of one.
 */
#include "tls/authority.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/memory.h"
#include "tls/certificate.h"
#include "tls/trouble.h"

#define KEY_FILE "ca.key"
#define CERTIFICATE_FILE "ca.pem"

static char *join(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = xmalloc(size);

    snprintf(path, size, "%s/%s", folder, name);
    return path;
}

/* ---- the folder ---- */

static char *folder_path(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    if (state != NULL && state[0] == '/') {
        return join(state, "hangup");
    }
    return home != NULL && home[0] == '/' ? join(home, ".local/state/hangup") : NULL;
}

/* With all the folders above it, as the XDG specification wants them. */
static bool make_folder(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

/* ---- files ---- */

static bool write_pem(int fd, X509 *certificate, EVP_PKEY *key)
{
    FILE *file = fdopen(fd, "w");
    bool well;

    if (file == NULL) {
        close(fd);
        return false;
    }
    well = (key == NULL || PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1) && PEM_write_X509(file, certificate) == 1
        && fflush(file) == 0 && fsync(fileno(file)) == 0;
    return fclose(file) == 0 && well;
}

/* Whole under a name of its own first. `replace`: whatever stands there; else what stands there stays, and that is well, too. */
static bool put_file(const char *path, mode_t mode, bool replace, X509 *certificate, EVP_PKEY *key)
{
    size_t size = strlen(path) + sizeof(".XXXXXX");
    char *own = xmalloc(size);
    bool well = false;
    int fd;

    snprintf(own, size, "%s.XXXXXX", path);
    fd = mkostemp(own, O_CLOEXEC); /* 0600 */
    if (fd >= 0) {
        well = fchmod(fd, mode) == 0;
        well = write_pem(fd, certificate, key) && well;
        if (well && replace) {
            well = rename(own, path) == 0;
        } else {
            well = well && (link(own, path) == 0 || errno == EEXIST);
        }
        (void)unlink(own);
    }
    free(own);
    return well;
}

static bool make_key_file(const char *path, char *error, size_t size)
{
    struct authority fresh = {.key = certificate_key()};
    bool well = false;

    if (fresh.key != NULL) {
        fresh.certificate = certificate_authority("hangup CA", fresh.key);
    }
    if (fresh.certificate == NULL) {
        trouble_openssl(error, size, "the CA cannot be made");
    } else if (!put_file(path, 0600, false, fresh.certificate, fresh.key)) {
        trouble(error, size, "the CA's key cannot be written to %s: %s", path, strerror(errno));
    } else {
        well = true;
    }
    authority_release(&fresh);
    return well;
}

static bool read_key_file(struct authority *authority, const char *path, FILE *file, char *error, size_t size)
{
    struct stat status;

    if (fstat(fileno(file), &status) < 0 || (status.st_mode & 077) != 0) {
        trouble(error, size, "others may read the CA's key: chmod 600 %s", path);
        return false;
    }
    authority->key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    authority->certificate = authority->key != NULL ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    if (authority->certificate == NULL || X509_check_private_key(authority->certificate, authority->key) != 1) {
        trouble(error, size, "%s is no CA's key and certificate: remove it, and another one is made", path);
        return false;
    }
    return true;
}

static bool load(struct authority *authority, const char *path, char *error, size_t size)
{
    FILE *file = fopen(path, "re");
    bool well;

    if (file == NULL && errno == ENOENT) {
        if (!make_key_file(path, error, size)) {
            return false;
        }
        file = fopen(path, "re");
    }
    if (file == NULL) {
        trouble(error, size, "the CA's key %s cannot be read: %s", path, strerror(errno));
        return false;
    }
    well = read_key_file(authority, path, file, error, size);
    fclose(file);
    return well;
}

static bool is_published(const struct authority *authority)
{
    FILE *file = fopen(authority->path, "re");
    X509 *there = file != NULL ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    bool same = there != NULL && X509_cmp(there, authority->certificate) == 0;

    if (file != NULL) {
        fclose(file);
    }
    X509_free(there);
    return same;
}

static bool open_in(struct authority *authority, char *folder, char *error, size_t size)
{
    char *path = join(folder, KEY_FILE);
    bool well = false;

    authority->path = join(folder, CERTIFICATE_FILE);
    if (!make_folder(folder)) {
        trouble(error, size, "the CA's folder %s cannot be made: %s", folder, strerror(errno));
    } else if (load(authority, path, error, size)) {
        well = is_published(authority) || put_file(authority->path, 0644, true, authority->certificate, NULL);
        if (!well) {
            trouble(error, size, "the CA's certificate cannot be written to %s: %s", authority->path, strerror(errno));
        }
    }
    free(path);
    return well;
}

bool authority_open(struct authority *authority, char *error, size_t size)
{
    char *folder = folder_path();
    bool well = false;

    *authority = (struct authority){.path = NULL};
    if (folder == NULL) {
        trouble(error, size, "there is no place for the CA: set HOME, or XDG_STATE_HOME");
    } else {
        well = open_in(authority, folder, error, size);
    }
    free(folder);
    if (!well) {
        authority_release(authority);
    }
    return well;
}

void authority_release(struct authority *authority)
{
    X509_free(authority->certificate);
    EVP_PKEY_free(authority->key);
    free(authority->path);
    *authority = (struct authority){.path = NULL};
}
