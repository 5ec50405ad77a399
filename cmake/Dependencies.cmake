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
candlewick_require(microhttpd "libmicrohttpd>=0.9.75" libmicrohttpd-dev)
candlewick_require(sqlite "sqlite3>=3.40" libsqlite3-dev)
candlewick_require(zip "libzip>=1.7" libzip-dev)
candlewick_require(zlib zlib zlib1g-dev)
candlewick_require(expat "expat>=2.5" libexpat1-dev)
candlewick_require(crypto "libcrypto>=3.0" libssl-dev)

# libwslay, which frames WebSocket messages: 1.1.1 everywhere, without a pkg-config file, and its header names no version.
find_path(WSLAY_INCLUDE_DIR wslay/wslay.h)
find_library(WSLAY_LIBRARY wslay)
if(NOT WSLAY_INCLUDE_DIR OR NOT WSLAY_LIBRARY)
    message(FATAL_ERROR "libwslay was not found. Debian: apt install libwslay-dev")
endif()
add_library(candlewick::wslay UNKNOWN IMPORTED)
set_target_properties(candlewick::wslay PROPERTIES
    IMPORTED_LOCATION "${WSLAY_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${WSLAY_INCLUDE_DIR}")

if(BUILD_TESTING)
    candlewick_require(cmocka cmocka libcmocka-dev)
    candlewick_require(ssl "libssl>=3.0" libssl-dev) # the TLS of the tests' servers
    candlewick_require(avro "avro-c>=1.11" libavro-dev) # our codec is compared with it
endif()

# librdkafka: the one that setup/librdkafka.sh built and keeps in the user's cache, or the system's, 2.10.1 or newer. Under
# ThreadSanitizer its instrumented build is needed, or every lock of it is invisible.
set(rdkafka_variant plain)
if(CANDLEWICK_SANITIZE STREQUAL "thread")
    set(rdkafka_variant thread)
endif()
set(RDKAFKA_ROOT "$ENV{RDKAFKA_ROOT}" CACHE PATH "Where librdkafka >= 2.10.1 is installed; empty: the cache, or the system's")
set(rdkafka_root "${RDKAFKA_ROOT}")
set(rdkafka_script "${PROJECT_SOURCE_DIR}/setup/librdkafka.sh")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${rdkafka_script}")
if(NOT rdkafka_root)
    execute_process(COMMAND bash "${rdkafka_script}" --folder "${rdkafka_variant}"
        OUTPUT_VARIABLE rdkafka_root OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()

function(candlewick_find_rdkafka)
    # Found anew each time: what lies in the cache may be another one by now.
    unset(__pkg_config_checked_rdkafka CACHE)
    unset(pkgcfg_lib_rdkafka_rdkafka CACHE)
    list(PREPEND CMAKE_PREFIX_PATH "${rdkafka_root}")
    pkg_check_modules(rdkafka QUIET IMPORTED_TARGET GLOBAL "rdkafka>=2.10.1")
    if(NOT rdkafka_FOUND)
        message(FATAL_ERROR "librdkafka >= 2.10.1 was not found (older ones lose messages or abort: "
            "see docs/manual.md). Run setup/librdkafka.sh ${rdkafka_variant}, or name one with -DRDKAFKA_ROOT=DIR")
    endif()
    message(STATUS "librdkafka ${rdkafka_VERSION} from ${rdkafka_LIBDIR}")
    add_library(candlewick::rdkafka ALIAS PkgConfig::rdkafka)
endfunction()
candlewick_find_rdkafka()

# Linked statically, it is part of the program: its licences go where the program goes.
if(EXISTS "${rdkafka_root}/share/doc/librdkafka/LICENSES.txt")
    include(GNUInstallDirs)
    install(FILES "${rdkafka_root}/share/doc/librdkafka/LICENSES.txt" DESTINATION "${CMAKE_INSTALL_DOCDIR}"
        RENAME librdkafka-LICENSES.txt)
endif()
