#include "web/page_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define HTML "text/html; charset=utf-8"
#define CSS "text/css; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"
#define PLAIN "text/plain; charset=utf-8"
#define SVG "image/svg+xml"

/* Path, content type and symbol of each file; the list in web/Page.cmake embeds the same
 * symbols. */
#define FILES(FILE)                                                                                \
    FILE("/", HTML, page_index)                                                                    \
    FILE("/favicon.ico", SVG, page_icon)                                                           \
    FILE("/assets/icon.svg", SVG, page_icon)                                                       \
    FILE("/assets/down.svg", SVG, page_down)                                                       \
    FILE("/assets/NOTICE.txt", PLAIN, page_notice)                                                 \
    FILE("/assets/css/base.css", CSS, page_css_base)                                               \
    FILE("/assets/css/group.css", CSS, page_css_group)                                             \
    FILE("/assets/css/market.css", CSS, page_css_market)                                           \
    FILE("/assets/css/markets.css", CSS, page_css_markets)                                         \
    FILE("/assets/css/messages.css", CSS, page_css_messages)                                       \
    FILE("/assets/css/news.css", CSS, page_css_news)                                               \
    FILE("/assets/js/address.js", SCRIPT, page_js_address)                                         \
    FILE("/assets/js/api.js", SCRIPT, page_js_api)                                                 \
    FILE("/assets/js/boot.js", SCRIPT, page_js_boot)                                               \
    FILE("/assets/js/candles.js", SCRIPT, page_js_candles)                                         \
    FILE("/assets/js/chart.js", SCRIPT, page_js_chart)                                             \
    FILE("/assets/js/chart/holes.js", SCRIPT, page_js_chart_holes)                                 \
    FILE("/assets/js/chart/markers.js", SCRIPT, page_js_chart_markers)                             \
    FILE("/assets/js/chart/options.js", SCRIPT, page_js_chart_options)                             \
    FILE("/assets/js/chart/time_axis.js", SCRIPT, page_js_chart_time_axis)                         \
    FILE("/assets/js/chart/view.js", SCRIPT, page_js_chart_view)                                   \
    FILE("/assets/js/coins.js", SCRIPT, page_js_coins)                                             \
    FILE("/assets/js/colours.js", SCRIPT, page_js_colours)                                         \
    FILE("/assets/js/dom.js", SCRIPT, page_js_dom)                                                 \
    FILE("/assets/js/favourites.js", SCRIPT, page_js_favourites)                                   \
    FILE("/assets/js/feed.js", SCRIPT, page_js_feed)                                               \
    FILE("/assets/js/format.js", SCRIPT, page_js_format)                                           \
    FILE("/assets/js/group.js", SCRIPT, page_js_group)                                             \
    FILE("/assets/js/intervals.js", SCRIPT, page_js_intervals)                                     \
    FILE("/assets/js/live.js", SCRIPT, page_js_live)                                               \
    FILE("/assets/js/main.js", SCRIPT, page_js_main)                                               \
    FILE("/assets/js/market.js", SCRIPT, page_js_market)                                           \
    FILE("/assets/js/market_feed.js", SCRIPT, page_js_market_feed)                                 \
    FILE("/assets/js/market_order.js", SCRIPT, page_js_market_order)                               \
    FILE("/assets/js/market_row.js", SCRIPT, page_js_market_row)                                   \
    FILE("/assets/js/markets.js", SCRIPT, page_js_markets)                                         \
    FILE("/assets/js/messages.js", SCRIPT, page_js_messages)                                       \
    FILE("/assets/js/news.js", SCRIPT, page_js_news)                                               \
    FILE("/assets/js/news_item.js", SCRIPT, page_js_news_item)                                     \
    FILE("/assets/js/problems.js", SCRIPT, page_js_problems)                                       \
    FILE("/assets/js/providers.js", SCRIPT, page_js_providers)                                     \
    FILE("/assets/js/quote.js", SCRIPT, page_js_quote)                                             \
    FILE("/assets/js/record.js", SCRIPT, page_js_record)                                           \
    FILE("/assets/js/sparkline.js", SCRIPT, page_js_sparkline)                                     \
    FILE("/assets/js/storage.js", SCRIPT, page_js_storage)                                         \
    FILE("/assets/js/tabs.js", SCRIPT, page_js_tabs)                                               \
    FILE("/assets/js/theme.js", SCRIPT, page_js_theme)                                             \
    FILE("/assets/js/timeline.js", SCRIPT, page_js_timeline)                                       \
    FILE("/assets/lightweight-charts.js", SCRIPT, page_lightweight_charts)                         \
    FILE("/assets/lightweight-charts.LICENSE.txt", PLAIN, page_lightweight_charts_licence)

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a name that is declared has none */
#define DECLARE(path, type, symbol) extern const char symbol[], symbol##_end[];
FILES(DECLARE)
#undef DECLARE

struct embedded {
    const char *path;
    const char *content_type;
    const char *begin;
    const char *end;
};

#define ROW(path, type, symbol) {path, type, symbol, symbol##_end},
static const struct embedded embedded_files[] = {FILES(ROW)};
#undef ROW

enum { FILE_COUNT = sizeof embedded_files / sizeof embedded_files[0] };

struct page_files {
    struct page_file items[FILE_COUNT];
};

struct page_files *page_files_create(struct error *error)
{
    struct page_files *files = calloc(1, sizeof *files);
    if (files == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for the page");
        return NULL;
    }
    for (size_t i = 0; i < FILE_COUNT; ++i) {
        struct page_file *file = &files->items[i];
        file->path = embedded_files[i].path;
        file->content_type = embedded_files[i].content_type;
        file->content =
            (struct str){embedded_files[i].begin, (size_t)(uintptr_t)embedded_files[i].end -
                                                      (uintptr_t)embedded_files[i].begin};
        /* A collision is harmless: the hash only has to differ between two builds of the file. */
        (void)snprintf(file->etag, sizeof file->etag, "\"%016" PRIx64 "\"",
                       hash_bytes(HASH_START, file->content.data, file->content.length));
    }
    return files;
}

void page_files_destroy(struct page_files *files)
{
    free(files);
}

const struct page_file *page_files_find(const struct page_files *files, const char *path)
{
    for (size_t i = 0; i < FILE_COUNT; ++i) {
        if (strcmp(files->items[i].path, path) == 0) {
            return &files->items[i];
        }
    }
    return NULL;
}

bool page_file_is_known(const struct page_file *file, const char *if_none_match)
{
    struct str rest = str_from(if_none_match != NULL ? if_none_match : "");
    struct str tag;
    while (str_split(&rest, ',', &tag)) {
        tag = str_trim(tag);
        if (str_starts_with(tag, "W/")) {
            tag = (struct str){tag.data + 2, tag.length - 2};
        }
        if (str_equal_text(tag, "*") || str_equal_text(tag, file->etag)) {
            return true;
        }
    }
    return false;
}
