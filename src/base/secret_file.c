#include "base/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text/str.h"

enum { SECRET_MAX = 4096 };

#define SECRETS_MOUNT "/run/secrets/"

static bool is_mounted_secret(const char *path, const struct stat *info)
{
    char *real = realpath(path, NULL);
    bool mounted = real != NULL && info->st_uid == 0 && (info->st_mode & 022) == 0 &&
                   str_starts_with(str_from(real), SECRETS_MOUNT);
    free(real);
    return mounted;
}

static bool check_file(int file, const char *path, struct error *error)
{
    struct stat info;
    if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
        return error_set(error, ERROR_USAGE, "the secret file %s is no regular file", path);
    }
    if ((info.st_mode & 077) != 0 && !is_mounted_secret(path, &info)) {
        return error_set(error, ERROR_USAGE,
                         "the secret file %s can be opened by others (mode %04o): chmod 600 it",
                         path, (unsigned)(info.st_mode & 07777));
    }
    return true;
}

/* Returns false for a NUL or a line end, which would end the secret early or start a second line
 * where it is used. */
static bool is_password(struct str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '\0' || text.data[i] == '\r' || text.data[i] == '\n') {
            return false;
        }
    }
    return text.length > 0;
}

/* Returns whether the text is visible ASCII, which cannot start another HTTP header. */
static bool is_token(struct str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '!' || text.data[i] > '~') {
            return false;
        }
    }
    return text.length > 0;
}

/* Removes the line end that editors and `echo` append. */
static struct str without_line_end(struct str text)
{
    text.length -= text.length > 0 && text.data[text.length - 1] == '\n' ? 1 : 0;
    text.length -= text.length > 0 && text.data[text.length - 1] == '\r' ? 1 : 0;
    return text;
}

static char *copy_secret(int file, const char *path, bool token, struct error *error)
{
    char content[SECRET_MAX + 1];
    size_t length = 0;
    ssize_t got = 0;
    do {
        got = read(file, content + length, sizeof content - length);
        length += got > 0 ? (size_t)got : 0;
    } while ((got > 0 && length < sizeof content) || (got < 0 && errno == EINTR));

    char *secret = NULL;
    struct str all = {.data = content, .length = length};
    struct str text = token ? str_trim(all) : without_line_end(all);
    if (got < 0) {
        (void)error_set(error, ERROR_USAGE, "the secret file %s cannot be read: %s", path,
                        strerror(errno));
    } else if (length > SECRET_MAX || !(token ? is_token(text) : is_password(text))) {
        (void)error_set(
            error, ERROR_USAGE, "the secret file %s does not hold one %s, at most %d bytes", path,
            token ? "token alone, visible ASCII" : "password alone, in one line", SECRET_MAX);
    } else if ((secret = strndup(text.data, text.length)) == NULL) {
        (void)error_set(error, ERROR_RETRY, "no memory for a secret");
    }
    explicit_bzero(content, sizeof content);
    return secret;
}

static char *read_secret(const char *path, bool token, struct error *error)
{
    /* O_NONBLOCK: do not wait for a writer if it is a pipe. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        (void)error_set(error, ERROR_USAGE, "the secret file %s cannot be opened: %s", path,
                        strerror(errno));
        return NULL;
    }
    char *secret = check_file(file, path, error) ? copy_secret(file, path, token, error) : NULL;
    (void)close(file);
    return secret;
}

char *secret_file_read(const char *path, struct error *error)
{
    return read_secret(path, false, error);
}

char *secret_file_read_token(const char *path, struct error *error)
{
    return read_secret(path, true, error);
}

void secret_free(char *secret)
{
    if (secret != NULL) {
        explicit_bzero(secret, strlen(secret));
        free(secret);
    }
}
