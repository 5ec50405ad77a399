# Embeds the page into candlewick_web: the HTML, one script and one style sheet. esbuild joins these
# from the modules in js/, the files that css/page.css imports, and TradingView's
# lightweight-charts, so a new module or style sheet needs no line here. npm resolves both packages
# in the build folder from package-lock.json.
# Included by src/web: a file made here must be known where the target is.
find_program(NPM npm)
if(NOT NPM)
    message(FATAL_ERROR "npm was not found. Debian: apt install npm")
endif()

set(page_source "${PROJECT_SOURCE_DIR}/web")
set(page_build "${PROJECT_BINARY_DIR}/web")
set(charts "${page_build}/node_modules/lightweight-charts")
set(charts_script "${charts}/dist/lightweight-charts.standalone.production.mjs")
set(esbuild "${page_build}/node_modules/.bin/esbuild")

file(MAKE_DIRECTORY "${page_build}")
add_custom_command(
    OUTPUT "${charts_script}" "${charts}/LICENSE" "${esbuild}"
    COMMAND "${CMAKE_COMMAND}" -E copy "${page_source}/package.json"
        "${page_source}/package-lock.json" "${page_source}/.npmrc" "${page_build}"
    COMMAND "${NPM}" ci --ignore-scripts --no-audit --no-fund --loglevel=error
    COMMAND "${CMAKE_COMMAND}" -E touch "${charts_script}" "${charts}/LICENSE" "${esbuild}"
    WORKING_DIRECTORY "${page_build}"
    DEPENDS "${page_source}/package.json" "${page_source}/package-lock.json" "${page_source}/.npmrc"
    COMMENT "npm: the page's packages"
    VERBATIM)

file(GLOB_RECURSE page_scripts CONFIGURE_DEPENDS "${page_source}/js/*.js")
file(GLOB_RECURSE page_styles CONFIGURE_DEPENDS "${page_source}/css/*.css")
add_custom_command(
    OUTPUT "${page_build}/page.js" "${page_build}/page.css"
    COMMAND "${esbuild}" "page=${page_source}/js/main.js" "page=${page_source}/css/page.css"
        --bundle --format=esm --target=es2022 --minify --legal-comments=inline --log-level=warning
        "--alias:lightweight-charts=${charts_script}" "--external:/assets/*" "--outdir=${page_build}"
    DEPENDS ${page_scripts} ${page_styles} "${charts_script}" "${esbuild}"
    COMMENT "esbuild: the page's script and style sheet"
    VERBATIM)

# Named as sources so that they are made before the files that embed them are assembled.
target_sources(candlewick_web PRIVATE "${charts}/LICENSE" "${page_build}/page.js"
    "${page_build}/page.css")

candlewick_embed(candlewick_web page_index "${page_source}/index.html")
candlewick_embed(candlewick_web page_script "${page_build}/page.js")
candlewick_embed(candlewick_web page_styles "${page_build}/page.css")
candlewick_embed(candlewick_web page_boot "${page_source}/js/boot.js")
candlewick_embed(candlewick_web page_icon "${page_source}/icon.svg")
candlewick_embed(candlewick_web page_down "${page_source}/down.svg")
candlewick_embed(candlewick_web page_notice "${page_source}/NOTICE.txt")
candlewick_embed(candlewick_web page_charts_licence "${charts}/LICENSE")
