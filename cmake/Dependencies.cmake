# Every dependency as a target: candlewick::NAME. Debian's package names are in the messages.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

function(candlewick_require name module package)
    pkg_check_modules(${name} QUIET IMPORTED_TARGET ${module})
    if(NOT ${name}_FOUND)
        message(FATAL_ERROR "${module} was not found. Debian: apt install ${package}")
    endif()
    add_library(candlewick::${name} ALIAS PkgConfig::${name})
endfunction()

candlewick_require(curl "libcurl>=7.88" libcurl4-openssl-dev)
candlewick_require(jansson "jansson>=2.14" libjansson-dev)
candlewick_require(avro "avro-c>=1.11" libavro-dev)
candlewick_require(microhttpd "libmicrohttpd>=0.9.75" libmicrohttpd-dev)
candlewick_require(sqlite "sqlite3>=3.40" libsqlite3-dev)
candlewick_require(zlib zlib zlib1g-dev)
candlewick_require(crypto "libcrypto>=3.0" libssl-dev)
if(BUILD_TESTING)
    candlewick_require(cmocka cmocka libcmocka-dev)
endif()

# librdkafka >= 2.10.1: the one that setup/librdkafka.sh built and keeps in the user's cache, or the
# system's. Under ThreadSanitizer its instrumented build is needed, or every lock of it is invisible.
set(rdkafka_variant plain)
if(CANDLEWICK_SANITIZE STREQUAL "thread")
    set(rdkafka_variant thread)
endif()
if(DEFINED ENV{XDG_CACHE_HOME})
    set(rdkafka_cache "$ENV{XDG_CACHE_HOME}/candlewick")
else()
    set(rdkafka_cache "$ENV{HOME}/.cache/candlewick")
endif()
set(RDKAFKA_ROOT "$ENV{RDKAFKA_ROOT}" CACHE PATH "Where librdkafka >= 2.10.1 is installed; empty: the cache, or the system's")
set(rdkafka_root "${RDKAFKA_ROOT}")
if(NOT rdkafka_root)
    file(GLOB rdkafka_roots "${rdkafka_cache}/librdkafka-*-${rdkafka_variant}")
    list(SORT rdkafka_roots COMPARE NATURAL ORDER DESCENDING)
    list(APPEND rdkafka_roots "${rdkafka_cache}") # never an empty list
    list(GET rdkafka_roots 0 rdkafka_root)
endif()

# Its package file looks for LZ4 with a module that lies beside it.
list(APPEND CMAKE_MODULE_PATH "${rdkafka_root}/lib/cmake/RdKafka")
unset(RdKafka_DIR CACHE) # found anew each time: the cache may have moved on
find_package(RdKafka CONFIG QUIET PATHS "${rdkafka_root}" NO_DEFAULT_PATH)
if(RdKafka_FOUND AND RdKafka_VERSION VERSION_GREATER_EQUAL 2.10.1)
    message(STATUS "librdkafka ${RdKafka_VERSION} from ${rdkafka_root}")
    add_library(candlewick::rdkafka ALIAS RdKafka::rdkafka)
else()
    pkg_check_modules(rdkafka QUIET IMPORTED_TARGET "rdkafka>=2.10.1")
    if(NOT rdkafka_FOUND)
        message(FATAL_ERROR "librdkafka >= 2.10.1 was not found (older ones lose messages or abort: "
            "see README). Run setup/librdkafka.sh ${rdkafka_variant}, or name one with -DRDKAFKA_ROOT=DIR")
    endif()
    add_library(candlewick::rdkafka ALIAS PkgConfig::rdkafka)
endif()
