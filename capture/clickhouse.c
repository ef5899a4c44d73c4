#include "capture/clickhouse.h"

#include <string.h>
#include <zstd.h>

#include "capture/error.h"
#include "capture/language.h"

enum {
  STATUS_OK = 200,
  STEP_MS = 1000,
  FAULT_MAX = 300,              /* bytes of a server's text */
  ROW_BYTES = 64 * 1024 * 1024, /* whose end is waited for */
};

/* Codes of ClickHouse, in src/Common/ErrorCodes.cpp. */
enum {
  UNKNOWN_COLUMN = 16,
  CANNOT_PARSE_TEXT = 6,
  CANNOT_PARSE_INPUT = 27,
  CANNOT_READ_ALL_DATA = 33,
  TYPE_MISMATCH = 53,
  UNKNOWN_TABLE = 60,
  UNKNOWN_DATABASE = 81,
  INCORRECT_DATA = 117,
  TOO_LARGE_STRING_SIZE = 131,
  READONLY = 164,
  UNKNOWN_USER = 192,
  WRONG_PASSWORD = 193,
  REQUIRED_PASSWORD = 194,
  ADDRESS_NOT_ALLOWED = 195,
  ACCESS_DENIED = 497,
  AUTHENTICATION_FAILED = 516,
};

struct ClickHouse {
  const ClickHouseUrl *url;
  HttpClient *http;
  unsigned host, host_count;
  bool is_chosen; /* clickhouse_choose_host */
};

const char *clickhouse_library(void)
{
  return http_client_library();
}

ClickHouse *clickhouse_new(const ClickHouseUrl *url, GError **error)
{
  const HttpOptions options = {url->user, url->password, url->authorities};
  HttpClient *http = http_client_new(&options);

  if (!http) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO,
                _("this rung was built without libcurl, which ClickHouse needs"));
    return NULL;
  }
  ClickHouse *db = g_new0(ClickHouse, 1);
  *db = (ClickHouse){.url = url, .http = http, .host_count = g_strv_length(url->hosts)};
  return db;
}

void clickhouse_free(ClickHouse *db)
{
  if (!db)
    return;
  http_client_free(db->http);
  g_free(db);
}

void clickhouse_wake(ClickHouse *db)
{
  if (db)
    http_client_wake(db->http);
}

/* --- Faults ----------------------------------------------------------------------------------- */

/* "Code: 60. DB::Exception: ..." and "Code: 60, e.displayText() = DB::Exception: ..., e.what() =
 * DB::Exception" */
unsigned clickhouse_read_fault(Slice body, GString *ret_text)
{
  static const char CODE[] = "Code: ", EXCEPTION[] = "DB::Exception: ";
  Slice line = slice_take_line(&body);
  uint32_t code = 0;

  if (slice_starts_with(line, slice_from_string(CODE))) {
    Slice number = slice_from(line, sizeof CODE - 1);
    size_t len = 0;
    while (len < number.len && g_ascii_isdigit(number.data[len]))
      len++;
    (void) slice_to_u32(slice_head(number, len), &code);
  }
  const char *begin = memmem(line.data, line.len, EXCEPTION, sizeof EXCEPTION - 1);
  if (begin)
    line = slice_from(line, (size_t) (begin - line.data) + sizeof EXCEPTION - 1);
  const char *end = memmem(line.data, line.len, ", e.what()", strlen(", e.what()"));
  if (end)
    line.len = (size_t) (end - line.data);
  g_string_append_len(ret_text, line.data, (gssize) MIN(line.len, (size_t) FAULT_MAX));
  return code;
}

static bool is_among(unsigned code, const unsigned *codes, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (codes[i] == code)
      return true;
  return false;
}

static bool is_of_login(unsigned code)
{
  static const unsigned CODES[] = {UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD,
                                   ADDRESS_NOT_ALLOWED, AUTHENTICATION_FAILED};

  return is_among(code, CODES, G_N_ELEMENTS(CODES));
}

bool clickhouse_fault_is_lasting(const ClickHouseFault *fault)
{
  static const unsigned CODES[] = {UNKNOWN_COLUMN, UNKNOWN_TABLE, UNKNOWN_DATABASE, READONLY,
                                   ACCESS_DENIED};

  return is_of_login(fault->code) || clickhouse_fault_is_of_rows(fault) ||
         is_among(fault->code, CODES, G_N_ELEMENTS(CODES));
}

bool clickhouse_fault_is_of_rows(const ClickHouseFault *fault)
{
  static const unsigned CODES[] = {CANNOT_PARSE_TEXT, CANNOT_PARSE_INPUT, CANNOT_READ_ALL_DATA,
                                   TYPE_MISMATCH,     INCORRECT_DATA,     TOO_LARGE_STRING_SIZE};

  return is_among(fault->code, CODES, G_N_ELEMENTS(CODES));
}

static const char *host_of(const ClickHouse *db)
{
  return db->url->hosts[db->host];
}

/* Of an answer that is not what was asked for. */
static ClickHouseFault fault_of(const ClickHouse *db, const HttpAnswer *answer)
{
  g_autoptr(GString) text = g_string_new(NULL);
  ClickHouseFault fault = {0};

  if (answer->status != 0)
    fault.code = clickhouse_read_fault(answer->body, text);
  if (is_of_login(fault.code))
    g_string_assign(text, _("wrong user or password"));
  if (answer->fault)
    g_string_assign(text, answer->fault);
  if (fault.code != 0)
    g_string_append_printf(text, _(" (code %u)"), fault.code);
  else if (answer->status != 0)
    g_string_append_printf(text, _(" (HTTP status %u)"), answer->status);
  g_snprintf(fault.text, sizeof fault.text, _("ClickHouse at %s: %s"), host_of(db), text->str);
  return fault;
}

/* --- Requests --------------------------------------------------------------------------------- */

static void append_escaped(GString *to, const char *key, const char *text)
{
  g_string_append_printf(to, "&%s=", key);
  g_string_append_uri_escaped(to, text, NULL, false);
}

static GString *url_of(const ClickHouse *db, const char *database)
{
  GString *url = g_string_new(NULL);

  g_string_printf(url, "%s://%s/?wait_end_of_query=1", db->url->is_tls ? "https" : "http",
                  host_of(db));
  append_escaped(url, "database", database);
  return url;
}

/* The next request goes to the next host. */
static void note_result(ClickHouse *db, const HttpAnswer *answer, ClickHouseFault *ret_fault)
{
  *ret_fault = (ClickHouseFault){0};
  if (answer->status == STATUS_OK)
    return;
  *ret_fault = fault_of(db, answer);
  if (!db->is_chosen)
    db->host = (db->host + 1) % db->host_count;
}

static bool ask_in(ClickHouse *db, const char *database, const char *sql, GString *ret_answer,
                   ClickHouseFault *ret_fault)
{
  g_autoptr(GString) url = url_of(db, database);
  HttpAnswer answer;

  http_client_post(db->http, url->str, slice_from_string(sql));
  while (!http_client_step(db->http, STEP_MS, &answer))
    continue;
  note_result(db, &answer, ret_fault);
  if (answer.status != STATUS_OK)
    return false;
  if (ret_answer)
    g_string_append_len(ret_answer, answer.body.data, (gssize) answer.body.len);
  return true;
}

/* One host after the other. */
static bool ask_any(ClickHouse *db, const char *database, const char *sql, GString *ret_answer,
                    GError **error)
{
  ClickHouseFault fault = {0};

  for (unsigned i = 0; i < (db->is_chosen ? 1 : db->host_count); i++) {
    if (ask_in(db, database, sql, ret_answer, &fault))
      return true;
    if (clickhouse_fault_is_lasting(&fault))
      break;
  }
  g_set_error_literal(error, APP_ERROR,
                      clickhouse_fault_is_lasting(&fault) ? APP_ERROR_IO : APP_ERROR_AWAY,
                      fault.text);
  return false;
}

bool clickhouse_query(ClickHouse *db, const char *sql, GString *ret_answer, GError **error)
{
  return ask_any(db, db->url->database, sql, ret_answer, error);
}

typedef struct {
  ClickHouseTakeRow take;
  void *data;
  GByteArray *rest; /* a row whose end has not come */
  bool is_odd;      /* that is longer than any */
} Rows;

static bool take_bytes(void *data, Slice bytes)
{
  Rows *rows = data;
  GByteArray *rest = rows->rest;
  guint taken = 0;
  bool has_room = true;

  g_byte_array_append(rest, (const guint8 *) bytes.data, (guint) bytes.len);
  while (has_room) {
    Reader in = reader_of(rest->data + taken, rest->len - taken);
    has_room = rows->take(rows->data, &in);
    if (in.failed)
      break;
    taken = rest->len - (guint) reader_left(&in);
  }
  g_byte_array_remove_range(rest, 0, taken);
  rows->is_odd = has_room && rest->len > ROW_BYTES;
  return has_room && !rows->is_odd;
}

bool clickhouse_rows(ClickHouse *db, const char *sql, ClickHouseTakeRow take, void *data,
                     GError **error)
{
  g_autoptr(GByteArray) rest = g_byte_array_new();
  Rows rows = {.take = take, .data = data, .rest = rest};
  ClickHouseFault fault;

  http_client_set_take(db->http, take_bytes, &rows);
  bool ok = ask_in(db, db->url->database, sql, NULL, &fault);
  http_client_set_take(db->http, NULL, NULL);
  if (rows.is_odd || (ok && rest->len > 0))
    g_snprintf(fault.text, sizeof fault.text, "%s",
               _("the server does not answer as ClickHouse does"));
  ok = ok && rest->len == 0;
  if (!ok)
    g_set_error_literal(error, APP_ERROR, APP_ERROR_IO, fault.text);
  return ok;
}

/* Asked in a database that is always there. */
bool clickhouse_create_database(ClickHouse *db, GError **error)
{
  g_autofree char *sql = g_strdup_printf("CREATE DATABASE IF NOT EXISTS `%s`", db->url->database);

  return ask_any(db, "system", sql, NULL, error);
}

unsigned clickhouse_host_count(const ClickHouse *db)
{
  return db->host_count;
}

void clickhouse_choose_host(ClickHouse *db, unsigned host)
{
  g_assert(host < db->host_count || host == CLICKHOUSE_ANY_HOST);
  db->is_chosen = host != CLICKHOUSE_ANY_HOST;
  db->host = db->is_chosen ? host : 0;
}

void clickhouse_insert(ClickHouse *db, const char *into, Slice body)
{
  g_autofree char *sql = g_strdup_printf("INSERT INTO %s FORMAT RowBinary", into);
  g_autoptr(GString) url = url_of(db, db->url->database);

  append_escaped(url, "query", sql);
  g_string_append(url, "&decompress=1&http_native_compression_disable_checksumming_on_decompress=1"
                       "&insert_distributed_sync=1");
  http_client_post(db->http, url->str, body);
}

bool clickhouse_step(ClickHouse *db, int wait_ms, ClickHouseFault *ret_fault)
{
  HttpAnswer answer;

  if (!http_client_step(db->http, wait_ms, &answer))
    return false;
  note_result(db, &answer, ret_fault);
  return true;
}

/* --- Formats ---------------------------------------------------------------------------------- */

/* A checksum that is not looked at, a byte for the method, the sizes with and without these 9 bytes
 * in little-endian, the bytes (src/Compression/ICompressionCodec.cpp). */
void clickhouse_append_block(GByteArray *to, Slice bytes)
{
  enum { CHECKSUM = 16, HEAD = 9, METHOD_ZSTD = 0x90, LEVEL = 1 };
  guint begin = to->len;
  size_t room = ZSTD_compressBound(bytes.len);

  g_byte_array_set_size(to, begin + CHECKSUM + HEAD + (guint) room);
  uint8_t *head = to->data + begin;
  size_t len = ZSTD_compress(head + CHECKSUM + HEAD, room, bytes.data, bytes.len, LEVEL);
  g_assert(!ZSTD_isError(len)); /* there is room, and no other failure */
  const uint32_t sizes[] = {GUINT32_TO_LE((uint32_t) (len + HEAD)),
                            GUINT32_TO_LE((uint32_t) bytes.len)};
  memset(head, 0, CHECKSUM);
  head[CHECKSUM] = METHOD_ZSTD;
  memcpy(head + CHECKSUM + 1, sizes, sizeof sizes);
  g_byte_array_set_size(to, begin + CHECKSUM + HEAD + (guint) len);
}

void clickhouse_append_text(GString *sql, Slice text)
{
  g_string_append(sql, "unhex('");
  for (size_t i = 0; i < text.len; i++)
    g_string_append_printf(sql, "%02X", (unsigned char) text.data[i]);
  g_string_append(sql, "')");
}
