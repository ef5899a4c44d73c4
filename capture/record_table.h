/*
 * RecordTable: records found by a key inside them, however many there are.
 *
 * It grows a little with each addition, never all at once, so that no addition takes long.  Borrows
 * the records, whose keys must not change while they are in it.  Hashes must be seeded, so that no
 * input can choose them.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
  uint32_t (*hash)(const void *record);
  bool (*equal)(const void *a, const void *b);
} RecordKey;

typedef struct RecordTable RecordTable;

/* `key` must live as long as the table. */
RecordTable *record_table_new(const RecordKey *key);
void record_table_free(RecordTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RecordTable, record_table_free)

/* Hints, while something else is done: the probe is going to be looked up, its place first and
 * then, when that has had time to arrive, the record in it.  They change nothing. */
void record_table_expect(const RecordTable *table, const void *probe);
void record_table_expect_record(const RecordTable *table, const void *probe);

/* The record that is equal to `probe`, of which only the key is looked at; or NULL. */
void *record_table_find(const RecordTable *table, const void *probe);

/* Takes the place of one that is equal. */
void record_table_put(RecordTable *table, void *record);

/* Takes out the one that is equal, if there is one. */
void record_table_remove(RecordTable *table, const void *probe);

size_t record_table_count(const RecordTable *table);
