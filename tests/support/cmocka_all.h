/* cmocka and the headers that it wants before itself. */
#ifndef CANDLEWICK_TESTS_CMOCKA_ALL_H
#define CANDLEWICK_TESTS_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
