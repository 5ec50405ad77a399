#include "base/crypto_start.h"

#include <openssl/crypto.h>

void crypto_start(void)
{
    /* If this fails, so does the first use of OpenSSL, and the caller of that reports it. */
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}
