/*
 * ClickHouse: asks a ClickHouse database over its HTTP interface, and inserts rows.
 *
 * A request goes to the host that answered last; if it cannot be reached or refuses, the next
 * request goes to the next one.  SQL is written by the program alone: what came from the network is
 * in the body, in a typed format, or a literal of clickhouse_append_text.
 */
#pragma once

#include "capture/clickhouse_url.h"
#include "capture/http_client.h"
#include "capture/reader.h"

enum { CLICKHOUSE_ANY_HOST = CLICKHOUSE_HOSTS_MAX };

typedef struct ClickHouse ClickHouse;

/* Why a request failed. */
typedef struct {
  unsigned code;  /* of ClickHouse; 0: there was no answer, or none of ClickHouse */
  char text[512]; /* "ClickHouse at HOST: ..." */
} ClickHouseFault;

/* The library that it needs; NULL: this build has none, and clickhouse_new fails. */
const char *clickhouse_library(void);

/* Before other threads are started; `url` must outlive it. */
ClickHouse *clickhouse_new(const ClickHouseUrl *url, GError **error);
void clickhouse_free(ClickHouse *db);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ClickHouse, clickhouse_free)

/* Asks one host after the other until one answers; `ret_answer` (or NULL) is as the format of the
 * SQL has it.  APP_ERROR_AWAY: it may succeed later. */
G_GNUC_WARN_UNUSED_RESULT bool clickhouse_query(ClickHouse *db, const char *sql,
                                                GString *ret_answer, GError **error);

/* Reads one row of RowBinary; false: no more are wanted.  Without effect if `in` has failed, as the
 * end of the row has not come yet. */
typedef bool (*ClickHouseTakeRow)(void *data, Reader *in);

/* Asks one host for any number of rows, which are taken as they come; there are none unless the
 * server has done all of the query. */
G_GNUC_WARN_UNUSED_RESULT bool clickhouse_rows(ClickHouse *db, const char *sql,
                                               ClickHouseTakeRow take, void *data, GError **error);

unsigned clickhouse_host_count(const ClickHouse *db);

/* From now on asks that host alone, by its place in the URL; CLICKHOUSE_ANY_HOST: as at first. */
void clickhouse_choose_host(ClickHouse *db, unsigned host);

/* Unless it is there. */
G_GNUC_WARN_UNUSED_RESULT bool clickhouse_create_database(ClickHouse *db, GError **error);

/* Can no other host and no later time mend it: user, password, rights, tables? */
bool clickhouse_fault_is_lasting(const ClickHouseFault *fault);
/* Are the rows themselves refused? */
bool clickhouse_fault_is_of_rows(const ClickHouseFault *fault);

/* --- Inserting, without waiting --- */

/* Begins "INSERT INTO `into` FORMAT RowBinary"; the body is of clickhouse_append_block and must
 * stay until it has ended.  Of a distributed table it ends once the shards have the rows. */
void clickhouse_insert(ClickHouse *db, const char *into, Slice body);

/* Waits at most so long; true once it has ended, with an empty fault if the server has the rows. */
G_GNUC_WARN_UNUSED_RESULT bool clickhouse_step(ClickHouse *db, int wait_ms,
                                               ClickHouseFault *ret_fault);

/* Ends the wait of clickhouse_step, from another thread. */
void clickhouse_wake(ClickHouse *db);

/* --- Formats --- */

/* Appends the bytes as a compressed block of ClickHouse: zstd, without its checksum. */
void clickhouse_append_block(GByteArray *to, Slice bytes);

/* Appends a literal of SQL that has hexadecimal digits alone, whatever the text holds. */
void clickhouse_append_text(GString *sql, Slice text);

/* What a server says of a failure, in one line without the noise around it; and its code, or 0. */
unsigned clickhouse_read_fault(Slice body, GString *ret_text);
