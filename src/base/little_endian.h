/* Stores numbers with their least significant byte first, whatever the machine's own order is. */
#ifndef CANDLEWICK_BASE_LITTLE_ENDIAN_H
#define CANDLEWICK_BASE_LITTLE_ENDIAN_H

#include <stdint.h>

/* Written without a loop, and without memcpy(), which _FORTIFY_SOURCE can turn into a call: so
 * compilers merge the eight bytes into a single store. */
static inline void little_endian_store(unsigned char *at, uint64_t value)
{
    at[0] = (unsigned char)value;
    at[1] = (unsigned char)(value >> 8);
    at[2] = (unsigned char)(value >> 16);
    at[3] = (unsigned char)(value >> 24);
    at[4] = (unsigned char)(value >> 32);
    at[5] = (unsigned char)(value >> 40);
    at[6] = (unsigned char)(value >> 48);
    at[7] = (unsigned char)(value >> 56);
}

#endif
