#include "source/news/news_entity.h"

#include <string.h>

enum {
    NAME_MAX_LENGTH = 8,
    DIGITS_MAX = 10, /* leading zeros included */
    FIRST_LATIN1 = 160,
    NO_CHARACTER = 0xFFFD,
    CODE_MOST = 0x10FFFF,
};

/* HTML 4's names of U+00A0 to U+00FF, in their order. */
static const char *const latin1[] = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",
    "copy",   "ordf",   "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn",
    "sup2",   "sup3",   "acute",  "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",
    "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",  "Atilde",
    "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave",
    "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde",
    "Ouml",   "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",
    "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil",
    "egrave", "eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",   "eth",
    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave",
    "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

static const struct {
    const char *name;
    uint32_t code;
} others[] = {{"amp", '&'},       {"lt", '<'},        {"gt", '>'},       {"quot", '"'},
              {"apos", '\''},     {"ndash", 0x2013},  {"mdash", 0x2014}, {"lsquo", 0x2018},
              {"rsquo", 0x2019},  {"sbquo", 0x201A},  {"ldquo", 0x201C}, {"rdquo", 0x201D},
              {"bdquo", 0x201E},  {"dagger", 0x2020}, {"bull", 0x2022},  {"hellip", 0x2026},
              {"permil", 0x2030}, {"prime", 0x2032},  {"Prime", 0x2033}, {"lsaquo", 0x2039},
              {"rsaquo", 0x203A}, {"euro", 0x20AC},   {"trade", 0x2122}, {"larr", 0x2190},
              {"uarr", 0x2191},   {"rarr", 0x2192},   {"darr", 0x2193},  {"minus", 0x2212},
              {"ne", 0x2260},     {"le", 0x2264},     {"ge", 0x2265},    {"ensp", 0x2002},
              {"emsp", 0x2003},   {"thinsp", 0x2009}, {"zwnj", 0x200C},  {"zwj", 0x200D},
              {"lrm", 0x200E},    {"rlm", 0x200F},    {"OElig", 0x0152}, {"oelig", 0x0153},
              {"Scaron", 0x0160}, {"scaron", 0x0161}, {"Yuml", 0x0178},  {"fnof", 0x0192},
              {"circ", 0x02C6},   {"tilde", 0x02DC},  {"check", 0x2713}};

/* What the bytes 0x80 to 0x9F mean in windows-1252; 0: nothing. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

static int digit_of(char c, int base)
{
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : 16;
    return digit < base ? digit : -1;
}

static uint32_t character_of(uint32_t number)
{
    if (number >= 0x80 && number <= 0x9F) {
        number = windows_1252[number - 0x80];
    }
    bool none = number == 0 || number > CODE_MOST || (number >= 0xD800 && number <= 0xDFFF);
    return none ? NO_CHARACTER : number;
}

/* Reads "123;" or "x1F;", which follow "&#". Returns how many bytes that are. */
static size_t read_number(struct str text, uint32_t *code)
{
    int base = text.length > 0 && (text.data[0] == 'x' || text.data[0] == 'X') ? 16 : 10;
    size_t first = base == 16 ? 1 : 0, at = first;
    uint64_t number = 0;
    while (at < text.length && at - first < DIGITS_MAX && digit_of(text.data[at], base) >= 0) {
        number = number * (uint64_t)base + (uint64_t)digit_of(text.data[at], base);
        at++;
    }
    if (at == first || at == text.length || text.data[at] != ';') {
        return 0;
    }
    *code = character_of(number > CODE_MOST ? 0 : (uint32_t)number);
    return at + 1;
}

static bool find_name(struct str name, uint32_t *code)
{
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (str_equal_text(name, others[i].name)) {
            *code = others[i].code;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof latin1 / sizeof latin1[0]; i++) {
        if (str_equal_text(name, latin1[i])) {
            *code = FIRST_LATIN1 + (uint32_t)i;
            return true;
        }
    }
    return false;
}

size_t news_entity(struct str text, uint32_t *code)
{
    if (text.length < 3 || text.data[0] != '&') {
        return 0;
    }
    if (text.data[1] == '#') {
        size_t length = read_number((struct str){text.data + 2, text.length - 2}, code);
        return length > 0 ? length + 2 : 0;
    }
    size_t most = text.length - 1 < NAME_MAX_LENGTH ? text.length - 1 : NAME_MAX_LENGTH;
    const char *end = memchr(text.data + 1, ';', most);
    if (end == NULL) {
        return 0;
    }
    struct str name = {.data = text.data + 1, .length = (size_t)(end - text.data) - 1};
    return find_name(name, code) ? name.length + 2 : 0;
}
