/* Attributes that let the compiler check callers. GCC and Clang. */
#ifndef CANDLEWICK_BASE_COMPILER_ATTRIBUTES_H
#define CANDLEWICK_BASE_COMPILER_ATTRIBUTES_H

/* The result says whether the call worked: ignoring it is a bug. */
#define NODISCARD __attribute__((warn_unused_result))

/* `format_index` and `first_argument` count from 1, as GCC's format attribute does. */
#define PRINTF_LIKE(format_index, first_argument)                                                  \
    __attribute__((format(printf, format_index, first_argument)))

#endif
