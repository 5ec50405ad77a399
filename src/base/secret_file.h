/* A password or an access token: it comes from a file only, never from argv or the environment. */
#ifndef CANDLEWICK_BASE_SECRET_FILE_H
#define CANDLEWICK_BASE_SECRET_FILE_H

#include "base/error.h"

/* The password in `path`: all of its bytes, blanks too, but for one line end at the end. Free it
 * with secret_free(). NULL with ERROR_USAGE: a file that cannot be read, is no regular file, is
 * empty or too long, holds a NUL or another line end, or that its group or others can open (mode &
 * 077). Excepted are root's files under /run/secrets, where Docker and Podman mount secrets with
 * mode 0444 into a container that is the service's own. */
NODISCARD char *secret_file_read(const char *path, struct error *error);

/* The same for a bearer token, which goes into an HTTP header as it is (RFC 6750): visible ASCII
 * alone; white space around it is removed. */
NODISCARD char *secret_file_read_token(const char *path, struct error *error);

/* Wipes it first. NULL is allowed. */
void secret_free(char *secret);

#endif
