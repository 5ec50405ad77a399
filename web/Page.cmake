# Embeds the page into candlewick_web. Its one package, TradingView's lightweight-charts, is resolved
# by npm in the build folder from package-lock.json, so that the program serves it itself.
# Included by src/web: a file made here must be known where the target is.
find_program(NPM npm)
if(NOT NPM)
    message(FATAL_ERROR "npm was not found. Debian: apt install npm")
endif()

set(page_source "${PROJECT_SOURCE_DIR}/web")
set(page_build "${PROJECT_BINARY_DIR}/web")
set(charts "${page_build}/node_modules/lightweight-charts")
set(charts_script "${charts}/dist/lightweight-charts.standalone.production.mjs")

file(MAKE_DIRECTORY "${page_build}")
add_custom_command(
    OUTPUT "${charts_script}" "${charts}/LICENSE"
    COMMAND "${CMAKE_COMMAND}" -E copy "${page_source}/package.json"
        "${page_source}/package-lock.json" "${page_source}/.npmrc" "${page_build}"
    COMMAND "${NPM}" ci --ignore-scripts --no-audit --no-fund --loglevel=error
    COMMAND "${CMAKE_COMMAND}" -E touch "${charts_script}" "${charts}/LICENSE"
    WORKING_DIRECTORY "${page_build}"
    DEPENDS "${page_source}/package.json" "${page_source}/package-lock.json" "${page_source}/.npmrc"
    COMMENT "npm: the page's packages"
    VERBATIM)

# Named as sources so that they are made before the files that embed them are assembled.
target_sources(candlewick_web PRIVATE "${charts_script}" "${charts}/LICENSE")

candlewick_embed(candlewick_web page_lightweight_charts "${charts_script}")
candlewick_embed(candlewick_web page_lightweight_charts_licence "${charts}/LICENSE")
candlewick_embed(candlewick_web page_index "${page_source}/index.html")
candlewick_embed(candlewick_web page_icon "${page_source}/icon.svg")
candlewick_embed(candlewick_web page_down "${page_source}/down.svg")
candlewick_embed(candlewick_web page_notice "${page_source}/NOTICE.txt")
foreach(name base group market markets messages news)
    candlewick_embed(candlewick_web page_css_${name} "${page_source}/css/${name}.css")
endforeach()
foreach(name address api boot candles chart coins colours dom favourites feed format group intervals
        chart/holes chart/markers chart/options chart/time_axis chart/view live main market market_feed
        market_order market_row markets messages news news_item problems providers quote record sparkline storage tabs theme timeline)
    string(REPLACE "/" "_" symbol "page_js_${name}")
    candlewick_embed(candlewick_web ${symbol} "${page_source}/js/${name}.js")
endforeach()
