#include "fuzz/oracle.h"

#include "fuzz/fuzz.h"

enum { ORACLE_MEMORY = 1 << 20 };

/* Before each piece of memory that was taken between begin and end. */
struct block {
    struct block *next;
    struct block *previous;
    bool listed;
    max_align_t bytes[];
};

static struct block blocks = {.next = &blocks, .previous = &blocks};
static bool counting;

static void drop(struct block *block)
{
    if (block->listed) {
        block->next->previous = block->previous;
        block->previous->next = block->next;
    }
    free(block);
}

static void *allocate(void *context, void *old, size_t old_size, size_t size)
{
    (void)context;
    struct block *before = old != NULL ? (struct block *)old - 1 : NULL;
    if (size == 0) {
        if (before != NULL) {
            drop(before);
        }
        return NULL;
    }
    struct block *block = size <= ORACLE_MEMORY ? malloc(sizeof *block + size) : NULL;
    if (block == NULL) {
        return NULL;
    }
    block->listed = counting;
    if (counting) {
        block->next = blocks.next;
        block->previous = &blocks;
        blocks.next->previous = block;
        blocks.next = block;
    }
    if (before != NULL) {
        memcpy(block->bytes, before->bytes, old_size < size ? old_size : size);
        drop(before);
    }
    return block->bytes;
}

void oracle_prepare(void)
{
    avro_set_allocator(allocate, NULL);
}

void oracle_begin(void)
{
    counting = true;
}

void oracle_end(void)
{
    counting = false;
    while (blocks.next != &blocks) {
        drop(blocks.next);
    }
}

static bool all_was_read(avro_reader_t reader)
{
    char byte;
    return avro_read(reader, &byte, sizeof byte) != 0;
}

/* avro-c hands on any byte that stands for a boolean. */
static bool is_boolean(avro_value_t *value)
{
    avro_value_t branch;
    int boolean;
    if (avro_value_get_type(value) == AVRO_UNION) {
        return avro_value_get_current_branch(value, &branch) == 0 && is_boolean(&branch);
    }
    return avro_value_get_type(value) != AVRO_BOOLEAN ||
           (avro_value_get_boolean(value, &boolean) == 0 && (boolean == 0 || boolean == 1));
}

static bool has_good_booleans(avro_value_t *record)
{
    size_t count;
    avro_value_t field;
    MUST(avro_value_get_size(record, &count) == 0);
    for (size_t i = 0; i < count; i++) {
        MUST(avro_value_get_by_index(record, i, &field, NULL) == 0);
        if (!is_boolean(&field)) {
            return false;
        }
    }
    return true;
}

static bool writes_the_same(struct str body, avro_value_t *value)
{
    char *again = calloc(body.length + 1, 1);
    MUST(again != NULL);
    avro_writer_t writer = avro_writer_memory(again, (int64_t)body.length + 1);
    MUST(writer != NULL);
    bool same = avro_value_write(writer, value) == 0 &&
                avro_writer_tell(writer) == (int64_t)body.length &&
                memcmp(again, body.data, body.length) == 0;
    avro_writer_free(writer);
    free(again);
    return same;
}

enum oracle_verdict oracle_read(struct str body, avro_value_t *value)
{
    avro_reader_t reader = avro_reader_memory(body.data, (int64_t)body.length);
    MUST(reader != NULL);
    bool read = avro_value_read(reader, value) == 0 && all_was_read(reader);
    avro_reader_free(reader);
    if (!read) {
        return ORACLE_REFUSED;
    }
    return has_good_booleans(value) && writes_the_same(body, value) ? ORACLE_CANONICAL
                                                                    : ORACLE_READ;
}
