/* The 64-bit FNV-1a hash (RFC 9923): quick, the same on every machine, not for secrets. Run ids,
 * ETags and tables depend on it, so its values must never change. Pure. */
#ifndef CANDLEWICK_BASE_HASH_H
#define CANDLEWICK_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The offset basis, which is the hash of no bytes. */
#define HASH_START UINT64_C(0xcbf29ce484222325)

/* Continues `hash` with `length` more bytes: hashing parts one after another yields the hash of the
 * whole. */
uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length);

#endif
