/* Starts OpenSSL before libcurl or librdkafka starts it with other options. */
#ifndef CANDLEWICK_BASE_CRYPTO_START_H
#define CANDLEWICK_BASE_CRYPTO_START_H

/* Starts OpenSSL so that it frees nothing when the process exits (OPENSSL_INIT_NO_ATEXIT of
 * OPENSSL_init_crypto(3)): a Kafka client that does not answer is ended by a thread of its own,
 * which may still use OpenSSL then. Call it before the first function of OpenSSL, or of a library
 * that uses it. Any thread; a later call does nothing. */
void crypto_start(void);

#endif
