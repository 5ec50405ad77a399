/* Attributes that let the compiler check callers. GCC and Clang. */
#ifndef CANDLEWICK_BASE_COMPILER_ATTRIBUTES_H
#define CANDLEWICK_BASE_COMPILER_ATTRIBUTES_H

/* The result says whether it worked: ignoring it is a defect. */
#define NODISCARD __attribute__((warn_unused_result))

/* `format_index` and `first_argument` count from 1, as printf's checker wants them. */
#define PRINTF_LIKE(format_index, first_argument)                                                  \
    __attribute__((format(printf, format_index, first_argument)))

#endif
