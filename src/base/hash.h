/* The 64-bit FNV-1a hash (RFC 9923): quick, the same on every machine, and not for secrets.
 * Run ids, ETags and tables are made of it: its values must stay. Pure. */
#ifndef CANDLEWICK_BASE_HASH_H
#define CANDLEWICK_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The offset basis: the hash of no bytes. */
#define HASH_START UINT64_C(0xcbf29ce484222325)

/* Goes on from `hash` with `length` more bytes: parts hashed one after another give what the whole
 * gives. */
uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length);

#endif
