/* Reads a password or an access token, which the program accepts only from a file, never from argv
 * or the environment. */
#ifndef CANDLEWICK_BASE_SECRET_FILE_H
#define CANDLEWICK_BASE_SECRET_FILE_H

#include "base/error.h"

/* Returns the password in `path`: all of its bytes, blanks too, except one line end at the end.
 * Free it with secret_free(). Returns NULL with ERROR_USAGE for a file that cannot be read, is no
 * regular file, is empty or too long, contains a NUL or another line end, or that its group or
 * others can open (mode & 077). Exempt are root's files under /run/secrets, where Docker and Podman
 * mount secrets with mode 0444 into a container that runs only this service. */
NODISCARD char *secret_file_read(const char *path, struct error *error);

/* Returns a bearer token, which is put into an HTTP header unchanged (RFC 6750): only visible
 * ASCII; white space around it is removed. Otherwise as secret_file_read(). */
NODISCARD char *secret_file_read_token(const char *path, struct error *error);

/* Wipes and frees the secret. NULL is allowed. */
void secret_free(char *secret);

#endif
