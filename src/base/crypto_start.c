#include "base/crypto_start.h"

#include <openssl/crypto.h>

void crypto_start(void)
{
    /* A failure shows at the first use of OpenSSL, which says it in the words of its caller. */
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}
