# Warnings, hardening and sanitizers, carried by the interface target candlewick_compiler.
add_library(candlewick_compiler INTERFACE)
target_compile_definitions(candlewick_compiler INTERFACE _GNU_SOURCE)
target_include_directories(candlewick_compiler INTERFACE "${PROJECT_SOURCE_DIR}/src")
target_compile_options(candlewick_compiler INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
    -Wformat=2 -Wvla -Wundef -Wcast-qual -Wwrite-strings -fno-common
    $<$<BOOL:${CANDLEWICK_WERROR}>:-Werror>)

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(CMAKE_C_FLAGS_RELEASE STREQUAL "-O3 -DNDEBUG") # CMake's own: nobody has chosen any
    set(CMAKE_C_FLAGS_RELEASE "-O2 -g")
endif()
if(CANDLEWICK_SANITIZE)
    target_compile_options(candlewick_compiler INTERFACE
        -fsanitize=${CANDLEWICK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(candlewick_compiler INTERFACE -fsanitize=${CANDLEWICK_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(candlewick_compiler INTERFACE
        -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection
        -ftrivial-auto-var-init=zero
        $<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>:-fcf-protection=full>)
    target_link_options(candlewick_compiler INTERFACE
        -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code)
endif()
