#include "registry/codec/guid.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"

enum { VERSION = 0x80, VARIANT = 0x80 };

static bool dash_follows(size_t byte)
{
    return byte == 3 || byte == 5 || byte == 7 || byte == 9;
}

void guid_format(const struct guid *guid, char text[GUID_TEXT_SIZE])
{
    size_t length = 0;
    for (size_t i = 0; i < sizeof guid->bytes; i++) {
        (void)snprintf(text + length, GUID_TEXT_SIZE - length, "%02x%s", guid->bytes[i],
                       dash_follows(i) ? "-" : "");
        length += dash_follows(i) ? 3 : 2;
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool guid_parse(struct str text, struct guid *guid)
{
    if (text.length != GUID_TEXT_SIZE - 1) {
        return false;
    }
    const char *at = text.data;
    for (size_t i = 0; i < sizeof guid->bytes; i++) {
        int high = hex_digit(at[0]);
        int low = hex_digit(at[1]);
        if (high < 0 || low < 0 || (dash_follows(i) && at[2] != '-')) {
            return false;
        }
        guid->bytes[i] = (unsigned char)(high << 4 | low);
        at += dash_follows(i) ? 3 : 2;
    }
    return true;
}

struct guid guid_of_schema(int32_t id, struct str text)
{
    struct guid guid;
    uint64_t hash = hash_bytes(HASH_START, text.data, text.length);
    uint64_t more = hash_bytes(hash, text.data, text.length);
    for (size_t i = 0; i < 4; i++) {
        guid.bytes[i] = (unsigned char)((uint32_t)id >> (24 - 8 * i) & 0xFF);
        guid.bytes[4 + i] = (unsigned char)(more >> 8 * i & 0xFF);
    }
    for (size_t i = 0; i < 8; i++) {
        guid.bytes[8 + i] = (unsigned char)(hash >> 8 * i & 0xFF);
    }
    guid.bytes[6] = (unsigned char)((guid.bytes[6] & 0x0F) | VERSION);
    guid.bytes[8] = (unsigned char)((guid.bytes[8] & 0x3F) | VARIANT);
    return guid;
}

int32_t guid_schema_id(const struct guid *guid)
{
    uint32_t id = 0;
    for (size_t i = 0; i < 4; i++) {
        id = id << 8 | guid->bytes[i];
    }
    return (int32_t)id;
}

int32_t guid_table_number(struct guid_table *table, const struct guid *guid)
{
    size_t kept = table->count < GUID_TABLE_SIZE ? (size_t)table->count : (size_t)GUID_TABLE_SIZE;
    for (size_t i = 0; i < kept; i++) {
        if (memcmp(&table->guids[i], guid, sizeof *guid) == 0) {
            /* Compute the newest number that maps to this place of the ring. */
            int32_t rounds = (table->count - 1 - (int32_t)i) / GUID_TABLE_SIZE;
            return -1 - ((int32_t)i + rounds * GUID_TABLE_SIZE);
        }
    }
    if (table->count == INT32_MAX) {
        table->count = 0; /* after 2^31 - 1 GUIDs the numbers start again */
    }
    table->guids[table->count % GUID_TABLE_SIZE] = *guid;
    table->count++;
    return -table->count;
}

const struct guid *guid_table_find(const struct guid_table *table, int32_t number)
{
    if (number >= 0 || number < -INT32_MAX) {
        return NULL;
    }
    int32_t index = -1 - number;
    bool kept = index < table->count && table->count - index <= GUID_TABLE_SIZE;
    return kept ? &table->guids[index % GUID_TABLE_SIZE] : NULL;
}
