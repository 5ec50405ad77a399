#include "source/news/feed_parse.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <expat.h>

#include "base/text/strbuf.h"
#include "source/news/news_text.h"

enum {
    DEPTH_MAX = 64,
    FIELD_LIMIT = 64 << 10, /* bytes of an item's text; what follows is not read */
    NAME_SIZE = 64,
    HTML_TITLE_CHARACTERS = 60,
};

enum field {
    FIELD_TITLE,
    FIELD_LINK,
    FIELD_ID,
    FIELD_DATE, /* the best one of the form: pubDate, published */
    FIELD_OTHER_DATE,
    FIELD_LAST_DATE,
    FIELDS,
    FIELD_NONE = FIELDS,
};

/* The names of fields, without the prefix of their item. `atom` false: in RSS and RDF. */
static const struct {
    const char *name;
    bool atom;
    enum field field;
} field_names[] = {
    {"title", false, FIELD_TITLE},
    {"link", false, FIELD_LINK},
    {"guid", false, FIELD_ID},
    {"pubDate", false, FIELD_DATE},
    {"pubdate", false, FIELD_DATE},
    {"dc:date", false, FIELD_OTHER_DATE},
    {"dc:Date", false, FIELD_OTHER_DATE},
    {"dcterms:issued", false, FIELD_LAST_DATE},
    {"dcterms:created", false, FIELD_LAST_DATE},
    {"dcterms:modified", false, FIELD_LAST_DATE},
    {"a10:updated", false, FIELD_LAST_DATE},
    {"atom:updated", false, FIELD_LAST_DATE},
    {"date", false, FIELD_LAST_DATE},
    {"title", true, FIELD_TITLE},
    {"id", true, FIELD_ID},
    {"published", true, FIELD_DATE},
    {"issued", true, FIELD_DATE},
    {"created", true, FIELD_OTHER_DATE},
    {"updated", true, FIELD_LAST_DATE},
    {"modified", true, FIELD_LAST_DATE},
};

struct parsing {
    XML_Parser parser;
    feed_item_fn take;
    void *context;
    struct feed_result *result;
    int depth;
    int item_depth;         /* 0: not in an item */
    char prefix[NAME_SIZE]; /* of the item's name, with its colon; often "" */
    enum field field;       /* which is read now */
    int field_depth;
    struct strbuf texts[FIELDS];
    bool id_is_no_link;
    bool is_html, is_deep, has_entities, no_memory;
    bool has_more; /* there are more items than are taken */
    char root[NAME_SIZE];
};

/* Returns the part of an element's name that follows its prefix. */
static const char *local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon != NULL ? colon + 1 : name;
}

static const char *attribute(const XML_Char **attributes, const char *name)
{
    for (; *attributes != NULL; attributes += 2) {
        if (strcasecmp(attributes[0], name) == 0) {
            return attributes[1];
        }
    }
    return NULL;
}

static void take_root(struct parsing *parsing, const char *name)
{
    const char *local = local_name(name);
    (void)str_copy(str_from(name), parsing->root, sizeof parsing->root);
    parsing->result->form = strcasecmp(local, "rss") == 0   ? FEED_RSS
                            : strcasecmp(local, "rdf") == 0 ? FEED_RDF
                            : strcmp(local, "feed") == 0    ? FEED_ATOM
                                                            : FEED_UNKNOWN;
    parsing->is_html = strcasecmp(local, "html") == 0 || strcasecmp(local, "head") == 0 ||
                       strcasecmp(local, "body") == 0;
}

static void begin_item(struct parsing *parsing, const char *name, const XML_Char **attributes)
{
    const char *about = parsing->result->form == FEED_RDF ? attribute(attributes, "rdf:about") : "";
    size_t prefix = (size_t)(local_name(name) - name);
    parsing->item_depth = parsing->depth;
    parsing->id_is_no_link = false;
    (void)str_copy((struct str){name, prefix}, parsing->prefix, sizeof parsing->prefix);
    for (int i = 0; i < FIELDS; i++) {
        strbuf_clear(&parsing->texts[i]);
    }
    strbuf_append_text(&parsing->texts[FIELD_ID], about != NULL ? about : "");
}

/* Adds a link that is an attribute: Atom's, of which the one to the article counts. */
static void take_href(struct parsing *parsing, const XML_Char **attributes)
{
    const char *href = attribute(attributes, "href"), *rel = attribute(attributes, "rel");
    struct strbuf *link = &parsing->texts[FIELD_LINK];
    if (href != NULL && (rel == NULL || strcmp(rel, "alternate") == 0) && link->length == 0) {
        strbuf_append_text(link, href);
    }
}

static enum field field_of(const struct parsing *parsing, const char *name)
{
    bool atom = parsing->result->form == FEED_ATOM;
    size_t prefix = strlen(parsing->prefix);
    if (prefix > 0 && strncmp(name, parsing->prefix, prefix) == 0) {
        name += prefix;
    }
    for (size_t i = 0; i < sizeof field_names / sizeof field_names[0]; i++) {
        if (field_names[i].atom == atom && strcmp(name, field_names[i].name) == 0) {
            return field_names[i].field;
        }
    }
    return FIELD_NONE;
}

/* Begins to read a field, unless the item has it already: the first one counts. */
static void begin_field(struct parsing *parsing, const char *name, const XML_Char **attributes)
{
    enum field field = field_of(parsing, name);
    bool link = strcmp(local_name(name), "link") == 0;
    if (link && attribute(attributes, "href") != NULL) {
        take_href(parsing, attributes);
        return;
    }
    if (field == FIELD_NONE || str_trim(strbuf_str(&parsing->texts[field])).length > 0) {
        return;
    }
    strbuf_clear(&parsing->texts[field]);
    parsing->field = field;
    parsing->field_depth = parsing->depth;
    const char *permalink = field == FIELD_ID ? attribute(attributes, "isPermaLink") : NULL;
    parsing->id_is_no_link =
        parsing->id_is_no_link || (permalink != NULL && strcasecmp(permalink, "false") == 0);
}

static void on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct parsing *parsing = context;
    if (++parsing->depth > DEPTH_MAX) {
        parsing->is_deep = true;
        (void)XML_StopParser(parsing->parser, XML_FALSE);
        return;
    }
    if (parsing->depth == 1) {
        take_root(parsing, name);
    }
    if (parsing->result->form == FEED_UNKNOWN) {
        return;
    }
    const char *item = parsing->result->form == FEED_ATOM ? "entry" : "item";
    if (parsing->item_depth == 0 && strcmp(local_name(name), item) == 0) {
        begin_item(parsing, name, attributes);
    } else if (parsing->item_depth > 0 && parsing->depth == parsing->item_depth + 1) {
        begin_field(parsing, name, attributes);
    } else if (parsing->field_depth > 0 && parsing->field >= FIELD_DATE) {
        /* <pubDate><time datetime="…">: the text of the element is for people. */
        const char *machine = attribute(attributes, "datetime");
        struct strbuf *text = &parsing->texts[parsing->field];
        if (machine != NULL && str_trim(strbuf_str(text)).length == 0) {
            strbuf_append_text(text, machine);
            parsing->field_depth = 0;
        }
    }
}

static struct str text_of(const struct parsing *parsing, enum field field)
{
    return str_trim(strbuf_str(&parsing->texts[field]));
}

static void end_item(struct parsing *parsing)
{
    const struct feed_item item = {
        .form = parsing->result->form,
        .title = text_of(parsing, FIELD_TITLE),
        .link = text_of(parsing, FIELD_LINK),
        .id = text_of(parsing, FIELD_ID),
        .id_is_no_link = parsing->id_is_no_link,
        .dates = {text_of(parsing, FIELD_DATE), text_of(parsing, FIELD_OTHER_DATE),
                  text_of(parsing, FIELD_LAST_DATE)},
    };
    parsing->item_depth = 0;
    if (parsing->result->items == FEED_ITEMS_MAX) {
        parsing->has_more = true;
        (void)XML_StopParser(parsing->parser, XML_FALSE);
        return;
    }
    for (int i = 0; i < FIELDS; i++) {
        parsing->no_memory = parsing->no_memory || parsing->texts[i].no_memory;
    }
    parsing->result->items++;
    if (parsing->no_memory || !parsing->take(parsing->context, &item)) {
        (void)XML_StopParser(parsing->parser, XML_FALSE);
    }
}

static void on_end(void *context, const XML_Char *name)
{
    struct parsing *parsing = context;
    (void)name;
    if (parsing->field_depth == parsing->depth) {
        parsing->field_depth = 0;
    }
    if (parsing->item_depth > 0 && parsing->item_depth == parsing->depth) {
        end_item(parsing);
    }
    parsing->depth--;
}

static void on_text(void *context, const XML_Char *text, int length)
{
    struct parsing *parsing = context;
    if (parsing->field_depth == 0) {
        return;
    }
    struct strbuf *to = &parsing->texts[parsing->field];
    if (to->length + (size_t)length <= FIELD_LIMIT) {
        strbuf_append(to, text, (size_t)length);
    }
}

/* Refuses declarations of entities: feeds need none, and some of a few bytes mean gigabytes. */
static void on_entity(void *context, const XML_Char *name, int parameter, const XML_Char *value,
                      int length, const XML_Char *base, const XML_Char *system,
                      const XML_Char *public, const XML_Char *notation)
{
    struct parsing *parsing = context;
    (void)name, (void)parameter, (void)value, (void)length, (void)base, (void)system;
    (void)public, (void)notation;
    parsing->has_entities = true;
    (void)XML_StopParser(parsing->parser, XML_FALSE);
}

static bool begin(struct parsing *parsing)
{
    parsing->parser = XML_ParserCreate("UTF-8");
    for (int i = 0; i < FIELDS; i++) {
        parsing->texts[i] = strbuf_new(2 * FIELD_LIMIT);
    }
    if (parsing->parser == NULL) {
        return false;
    }
    XML_SetUserData(parsing->parser, parsing);
    XML_SetElementHandler(parsing->parser, on_start, on_end);
    XML_SetCharacterDataHandler(parsing->parser, on_text);
    XML_SetEntityDeclHandler(parsing->parser, on_entity);
    return true;
}

static void end(struct parsing *parsing)
{
    XML_ParserFree(parsing->parser);
    for (int i = 0; i < FIELDS; i++) {
        strbuf_free(&parsing->texts[i]);
    }
}

/* Returns whether the text begins as HTML that is no XML does: "<!doctype html>". */
static bool begins_as_html(struct str xml)
{
    static const char *const begins[] = {"<!doctype html", "<html", "<head", "<body"};
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        size_t length = strlen(begins[i]);
        if (xml.length >= length && strncasecmp(xml.data, begins[i], length) == 0) {
            return true;
        }
    }
    return false;
}

/* Returns the page's <title> element, without its end tag; a page need not be XML. */
static struct str html_title(struct str page)
{
    static const char begin[] = "<title", end[] = "</title";
    struct str title = {.data = ""};
    bool inside = false;
    for (size_t i = 0; i + sizeof end <= page.length; i++) {
        if (!inside && strncasecmp(page.data + i, begin, sizeof begin - 1) == 0) {
            title = (struct str){.data = page.data + i, .length = 0};
            inside = true;
        } else if (inside && strncasecmp(page.data + i, end, sizeof end - 1) == 0) {
            title.length = (size_t)(page.data + i - title.data);
            return title;
        }
    }
    return (struct str){.data = ""};
}

static bool refuse_html(struct str page, struct error *error)
{
    struct strbuf title = strbuf_new(FIELD_LIMIT);
    bool named =
        news_text_plain(html_title(page), HTML_TITLE_CHARACTERS, &title) && title.length > 0;
    (void)error_set(error, ERROR_RETRY, "it is an HTML page%s%s%s, no feed", named ? " (" : "",
                    named ? strbuf_text(&title) : "", named ? ")" : "");
    strbuf_free(&title);
    return false;
}

/* Expat 2.9 deprecates the function that returns a shorter number. */
static unsigned long long current_line(XML_Parser parser)
{
#if XML_MAJOR_VERSION > 2 || (XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION >= 9)
    return XML_GetCurrentLineNumber64(parser);
#else
    return XML_GetCurrentLineNumber(parser);
#endif
}

/* Says why the text was not read to its end. */
static void tell_trouble(const struct parsing *parsing, enum XML_Error code)
{
    struct feed_result *result = parsing->result;
    result->unfinished = parsing->item_depth > 0;
    if (parsing->has_more) {
        (void)snprintf(result->trouble, sizeof result->trouble, "it has more than %d items",
                       FEED_ITEMS_MAX);
        return;
    }
    (void)snprintf(result->trouble, sizeof result->trouble, "line %llu: %s",
                   current_line(parsing->parser),
                   parsing->is_deep ? "elements nested too deep" : XML_ErrorString(code));
}

/* Fails if something is wrong with the text as a whole, so that nothing of it counts. */
static bool refuse(const struct parsing *parsing, struct str xml, struct error *error)
{
    if (parsing->no_memory || XML_GetErrorCode(parsing->parser) == XML_ERROR_NO_MEMORY) {
        return error_set(error, ERROR_FATAL, "no memory for the items of a feed");
    }
    if (parsing->result->form == FEED_UNKNOWN && (parsing->is_html || begins_as_html(xml))) {
        return refuse_html(xml, error);
    }
    if (parsing->has_entities) {
        return error_set(error, ERROR_RETRY, "it declares entities, which no feed needs");
    }
    if (parsing->is_deep && parsing->result->items == 0) {
        return error_set(error, ERROR_RETRY, "its elements are nested deeper than %d", DEPTH_MAX);
    }
    if (parsing->root[0] == '\0') {
        return error_set(error, ERROR_RETRY, "it is no XML, so no feed");
    }
    return parsing->result->form != FEED_UNKNOWN ||
           error_set(error, ERROR_RETRY, "it is no feed: its outermost element is %.40s",
                     parsing->root);
}

bool feed_parse(struct str xml, feed_item_fn take, void *context, struct feed_result *result,
                struct error *error)
{
    struct parsing parsing = {.take = take, .context = context, .result = result};
    *result = (struct feed_result){.form = FEED_UNKNOWN};
    if (!begin(&parsing)) {
        end(&parsing);
        return error_set(error, ERROR_FATAL, "no memory for an XML parser");
    }
    enum XML_Status status = xml.length > INT_MAX
                                 ? XML_STATUS_ERROR
                                 : XML_Parse(parsing.parser, xml.data, (int)xml.length, XML_TRUE);
    enum XML_Error code = XML_GetErrorCode(parsing.parser);
    bool told = code != XML_ERROR_ABORTED || parsing.is_deep || parsing.has_more;
    if (status != XML_STATUS_OK && told) {
        tell_trouble(&parsing, code);
    }
    bool feed = refuse(&parsing, xml, error);
    end(&parsing);
    return feed;
}
