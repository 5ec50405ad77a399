# candlewick_embed(TARGET SYMBOL FILE): puts FILE's bytes, followed by a NUL, into TARGET as
#   extern const char SYMBOL[]; extern const char SYMBOL_end[];   (SYMBOL_end points at the NUL)
function(candlewick_embed target symbol file)
    get_filename_component(EMBED_FILE "${file}" ABSOLUTE)
    set(EMBED_SYMBOL "${symbol}")
    set(source "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.embed.c")
    configure_file("${PROJECT_SOURCE_DIR}/cmake/embed.c.in" "${source}" @ONLY)
    set_source_files_properties("${source}" PROPERTIES OBJECT_DEPENDS "${EMBED_FILE}"
        COMPILE_OPTIONS -Wno-pedantic)
    target_sources(${target} PRIVATE "${source}")
endfunction()
