/* A throw-away certificate of its own authority, and TLS connections of a server that has it. Fails
 * the test when OpenSSL cannot make it. */
#ifndef CANDLEWICK_TESTS_TLS_CERTIFICATE_H
#define CANDLEWICK_TESTS_TLS_CERTIFICATE_H

#include <openssl/ssl.h>

struct tls_certificate;

/* For a server at this address, "127.0.0.1"; valid for a day. */
struct tls_certificate *tls_certificate_create(const char *address);
void tls_certificate_destroy(struct tls_certificate *certificate); /* NULL is allowed */

/* The certificate as a PEM file, for a client's trust. Borrowed; removed with the certificate. */
const char *tls_certificate_file(const struct tls_certificate *certificate);

/* The server's side of a TLS handshake; blocks. SSL_free() it; NULL: the client would not. */
SSL *tls_certificate_accept(struct tls_certificate *certificate, int fd);

#endif
