/*
 * Schema GUIDs: the 16 bytes by which Confluent's serializers (8.0 and later) may name a schema in
 * a record's header, and their text form in /schemas/guids/{guid} (RFC 9562, "UUID Format").
 */
#ifndef CANDLEWICK_REGISTRY_CODEC_GUID_H
#define CANDLEWICK_REGISTRY_CODEC_GUID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/text/str.h"

enum { GUID_TEXT_SIZE = 37 };

struct guid {
    unsigned char bytes[16];
};

/* Writes "89791762-2336-4186-9674-299b90a802e2", NUL-terminated. */
void guid_format(const struct guid *guid, char text[GUID_TEXT_SIZE]);
/* Accepts upper and lower case. Returns false if `text` is not a GUID. */
NODISCARD bool guid_parse(struct str text, struct guid *guid);

/* Returns the GUID under which the embedded registry serves the schema `text` with that id. It is a
 * UUID of version 8 (RFC 9562, 5.8): the id, then a hash of the text; so it never changes. The
 * registry finds the schema by the id in its GUID, and rejects another registry's GUID by the hash.
 * Confluent's GUIDs are a digest of the schema alone; no client interprets them. */
struct guid guid_of_schema(int32_t id, struct str text);
/* Extracts the id from a GUID of guid_of_schema. */
int32_t guid_schema_id(const struct guid *guid);

/*
 * Assigns each GUID a negative number, so that the plan cache can treat GUIDs as ids. The newest
 * 4,096 GUIDs are kept. Not thread-safe.
 */
enum { GUID_TABLE_SIZE = 4096 };
struct guid_table {
    struct guid guids[GUID_TABLE_SIZE];
    int32_t count; /* GUIDs ever added; starts at 0 */
};
/* Returns the number of the GUID, and adds it if it is new. */
int32_t guid_table_number(struct guid_table *table, const struct guid *guid);
/* Returns NULL if the number stands for no GUID, or for one that was dropped. */
const struct guid *guid_table_find(const struct guid_table *table, int32_t number);

#endif
