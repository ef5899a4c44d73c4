#include "ui/report/push_rows.h"

#include <errno.h>

#include "capture/hash.h"
#include "capture/language.h"
#include "dissect/diagnose/diagnosis.h"
#include "ui/report/push_probe.h"
#include "ui/report/rows.h"

enum {
  ROWS_MAX = 100 * 1000,        /* of a batch */
  BYTES_MAX = 16 * 1024 * 1024, /* each is sorted and merged by the server */
  DAYS_MAX = 50, /* changes of the day: a server takes rows of 100 partitions at once */
  AGE_US = 1000 * 1000,
  PROBE_US = 60 * 1000 * 1000,
  REGISTRATIONS_US = 10 * 60 * 1000 * 1000, /* at least between two looks at all of them, */
  REGISTRATIONS_SHARE = 100,                /* which take at most this part of the time */
  TWINS_MAX = 64 * 1024,
  DIAGNOSED_MAX = 2000, /* messages; of calls with more a live capture has no findings */
};

/* Live, a stream of no call is put when it was silent for so long. */
static const int64_t SILENT_NS = 60 * SECOND_NS;

typedef struct {
  ByteBuffer rows;
  uint64_t count;
  int64_t begun_us;
  uint16_t day; /* of the last row */
  unsigned days;
} Batch;

typedef struct {
  const PushTarget *target;
  Batch batches[PUSH_TABLE_COUNT];
  FieldValue *values; /* room for a row of any table */
  ByteBuffer key;
  GHashTable *twins; /* ids of messages of one time, and how many there were */
  int64_t twins_ns;
  uint64_t twins_seed;
  GHashTable *waiting; /* live: numbers of calls that have changed since they were put */
  int64_t silent_ns;   /* streams of no call whose last packet is older were put */
  int64_t probed_us, registered_us;
} PushRows;

static PushRows *rows_of(const Report *report)
{
  return report->state;
}

/* --- Batches ---------------------------------------------------------------------------------- */

static void send_batch(PushRows *rows, PushTableId id)
{
  Batch *batch = &rows->batches[id];

  if (batch->count > 0)
    push_sink_add(rows->target->sink, rows->target->tables->items[id].into, &batch->rows,
                  batch->count);
  *batch = (Batch){0};
}

static bool is_full(const Batch *batch)
{
  return batch->count >= ROWS_MAX || batch->rows.len >= BYTES_MAX || batch->days >= DAYS_MAX;
}

static void add_row(Report *report, PushTableId id, const PushRowHead *head)
{
  PushRows *rows = rows_of(report);
  Batch *batch = &rows->batches[id];
  uint16_t day = push_day(head->time_ns);

  if (batch->count == 0) {
    batch->begun_us = g_get_monotonic_time();
    batch->day = day;
  }
  batch->days += day != batch->day;
  batch->day = day;
  batch->count++;
  push_table_append_row(&rows->target->tables->items[id], head, rows->values, &batch->rows);
  if (is_full(batch))
    send_batch(rows, id);
  if (push_sink_has_failed(rows->target->sink))
    report->out->error = EIO; /* nothing more needs to be read */
}

/* --- Ids -------------------------------------------------------------------------------------- */

static void append_part(ByteBuffer *to, const void *bytes, size_t len)
{
  const uint64_t count = len;

  byte_buffer_append(to, &count, sizeof count);
  byte_buffer_append(to, bytes, len);
}

static void append_text(ByteBuffer *to, Slice text)
{
  append_part(to, text.data, text.len);
}

static void append_endpoint(const Report *report, ByteBuffer *to, uint32_t id)
{
  char text[ENDPOINT_TEXT_MAX];

  append_text(to, slice_from_string(endpoint_format(trace_endpoint(report->trace, id), text)));
}

/* The seed is the same for all programs. */
static PushRowHead head_of(const Report *report, int64_t time_ns, const ByteBuffer *key)
{
  const Hash128 hash = hash_bytes_128(key->data, key->len, 0);
  PushRowHead head = {.probe = rows_of(report)->target->probe, .time_ns = time_ns};

  memcpy(head.id, &hash, sizeof head.id);
  return head;
}

/* Of the next row; there is one at a time. */
static ByteBuffer *key_begin(const Report *report, int64_t time_ns)
{
  ByteBuffer *key = &rows_of(report)->key;

  key->len = 0;
  append_text(key, slice_from_string(rows_of(report)->target->probe));
  append_part(key, &time_ns, sizeof time_ns);
  return key;
}

/* How many messages with the same time and content came before: each is a row of its own. */
static uint32_t twins_before(PushRows *rows, int64_t time_ns, const ByteBuffer *key)
{
  if (time_ns != rows->twins_ns || g_hash_table_size(rows->twins) >= TWINS_MAX)
    g_hash_table_remove_all(rows->twins);
  rows->twins_ns = time_ns;
  gpointer hash = (gpointer) (uintptr_t) hash_bytes(key->data, key->len, rows->twins_seed);
  guint count = GPOINTER_TO_UINT(g_hash_table_lookup(rows->twins, hash));
  g_hash_table_insert(rows->twins, hash, GUINT_TO_POINTER(count + 1));
  return count;
}

/* --- Values ----------------------------------------------------------------------------------- */

/* Of the columns that are fields of what the context looks at. */
static FieldValue *fields_of(Report *report, PushTableId id)
{
  PushRows *rows = rows_of(report);
  const PushTable *table = &rows->target->tables->items[id];

  for (guint i = 0; i < table->field_count; i++) {
    const FieldRef ref = {.field = g_array_index(table->columns, PushColumn, i).field};
    rows->values[i] = report_field_value(report, &ref);
  }
  report_note_unreadable(report, &report->context);
  return rows->values + table->field_count;
}

static void copy_values(Report *report, PushTableId id, const FieldValue *values)
{
  PushRows *rows = rows_of(report);

  memcpy(rows->values, values,
         rows->target->tables->items[id].columns->len * sizeof rows->values[0]);
}

/* --- Messages --------------------------------------------------------------------------------- */

/* A call that was put before is looked at again. */
static void note_changed(Report *report, const Call *call)
{
  size_t index = call->number - 1;

  if (report->setup.live &&
      g_hash_table_add(rows_of(report)->waiting, GUINT_TO_POINTER(call->number)) &&
      index < report->next_call)
    g_array_append_val(report->open_calls, index);
}

static void push_message(Report *report, const Arrival *arrival, const Message *message)
{
  ByteBuffer *key = key_begin(report, message->time_ns);

  arena_reset(&report->values);
  field_look_at_parsed(&report->context, message, &arrival->sip);
  append_endpoint(report, key, message->src);
  append_endpoint(report, key, message->dst);
  append_text(key, arrival->raw.octets);
  uint32_t twins = twins_before(rows_of(report), message->time_ns, key);
  append_part(key, &twins, sizeof twins);
  const PushRowHead head = head_of(report, message->time_ns, key);
  FieldValue *others = fields_of(report, PUSH_MESSAGES);
  others[0] = value_text(arrival->raw.octets); /* column raw */
  add_row(report, PUSH_MESSAGES, &head);
  note_changed(report, message->transaction->call);
}

/* --- Calls and streams ------------------------------------------------------------------------ */

static Slice call_id_of(Report *report, const Call *call)
{
  return report_call_text(report, call, CALL_TEXT_ID);
}

static PushRowHead call_head(Report *report, const Call *call)
{
  ByteBuffer *key = key_begin(report, call->start_ns);

  append_text(key, call_id_of(report, call));
  return head_of(report, call->start_ns, key);
}

/* The lists "finding" ... "finding_status" of CALL_OTHERS. */
enum { FINDING_COLUMNS = 6 };

static void put_findings(Report *report, const FindingList *findings, FieldValue *values)
{
  Slice *items = arena_alloc(&report->scratch,
                             FINDING_COLUMNS * MAX(findings->count, (size_t) 1) * sizeof *items);

  for (size_t column = 0; column < FINDING_COLUMNS; column++)
    values[column] = value_list(items + column * findings->count, findings->count);
  for (size_t i = 0; i < findings->count; i++) {
    const Finding *finding = &findings->items[i];
    const char *section = FINDINGS[finding->id].section;
    char where[ENDPOINT_TEXT_MAX] = "", status[TIME_TEXT_MAX] = "";
    if (endpoint_is_known(&finding->where))
      endpoint_format(&finding->where, where);
    if (finding->status)
      number_format(finding->status, status);
    const Slice texts[FINDING_COLUMNS] = {
      slice_from_string(FINDINGS[finding->id].name),
      slice_from_string(finding_severity_name(finding->severity)),
      slice_from_string(section ? section : ""),
      slice_from_string(finding->text),
      arena_dup(&report->scratch, slice_from_string(where)),
      arena_dup(&report->scratch, slice_from_string(status)),
    };
    for (size_t column = 0; column < FINDING_COLUMNS; column++)
      items[column * findings->count + i] = texts[column];
  }
}

typedef struct {
  Arena *arena;
  GArray *delays; /* Slice: nanoseconds */
} Registering;

static void note_attempt(void *data, const RegisterAttempt *attempt)
{
  const Registering *to = data;
  char text[TIME_TEXT_MAX];

  if (attempt->rrd_ns < 0)
    return;
  const Slice delay =
    arena_dup(to->arena, slice_of(text, number_format((uint64_t) attempt->rrd_ns, text)));
  g_array_append_val(to->delays, delay);
}

/* The delays of its registrations; the others are fields. */
static FieldValue register_delays(Report *report, const Call *call, int64_t now_ns)
{
  g_autoptr(GArray) delays = g_array_new(false, false, sizeof(Slice));
  Registering to = {&report->scratch, delays};

  if (call->method == SIP_METHOD_REGISTER)
    call_each_register(call, now_ns, REGISTER_ALL, note_attempt, &to);
  Slice *items = arena_alloc(&report->scratch, MAX(delays->len, 1) * sizeof *items);
  for (guint i = 0; i < delays->len; i++)
    items[i] = g_array_index(delays, Slice, i);
  return value_list(items, delays->len);
}

/* "sessions" ... "rrds" of CALL_OTHERS: what the call adds to the metrics of a group. */
static void put_metrics(Report *report, const Call *call, FieldValue *values)
{
  int64_t now_ns = trace_now(report->trace);
  Metrics added = {0};

  metrics_add_call(&added, call, now_ns);
  const uint64_t counts[] = {
    added.calls,
    added.effective,
    added.seer,
    added.ineffective,
    added.completed,
    added.registrations,
    added.failed_registrations,
  };
  for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
    values[i] = value_number(counts[i]);
  values[G_N_ELEMENTS(counts)] = register_delays(report, call, now_ns);
  metrics_clear(&added);
}

static bool is_diagnosed(const Report *report, const Call *call)
{
  return !report->setup.live || call->messages <= DIAGNOSED_MAX;
}

static void put_call(Report *report, const Call *call)
{
  const PushRowHead head = call_head(report, call);
  Diagnosis diagnosis;

  arena_reset(&report->values);
  field_look_at_call(&report->context, call);
  FieldValue *others = fields_of(report, PUSH_CALLS);
  put_metrics(report, call, others + FINDING_COLUMNS);
  if (!is_diagnosed(report, call)) {
    const FindingList none = {.count = 0};
    put_findings(report, &none, others);
    add_row(report, PUSH_CALLS, &head);
    return;
  }
  diagnose_call(report_diagnoser(report), call, &report->scratch, &diagnosis);
  put_findings(report, &diagnosis.findings, others);
  add_row(report, PUSH_CALLS, &head);
  diagnosis_clear(&diagnosis);
}

static void put_stream(Report *report, const RtpStream *stream, Slice call_id)
{
  char src[ENDPOINT_TEXT_MAX], dst[ENDPOINT_TEXT_MAX];
  ByteBuffer *key = key_begin(report, stream->first_ns);
  append_text(key, slice_from_string(endpoint_format(&stream->src, src)));
  append_text(key, slice_from_string(endpoint_format(&stream->dst, dst)));
  append_part(key, &stream->ssrc, sizeof stream->ssrc);
  const PushRowHead head = head_of(report, stream->first_ns, key);
  arena_reset(&report->values);
  field_look_at_stream(&report->context, stream);
  FieldValue *others = fields_of(report, PUSH_STREAMS);
  others[0] = value_text(call_id.data ? call_id : SLICE("")); /* column call_id */
  add_row(report, PUSH_STREAMS, &head);
}

/* The newest of its calls; 0: it has none. */
static uint32_t owner_of(const Report *report, const RtpStream *stream)
{
  MediaOwner owners[MEDIA_OWNERS_MAX];

  return trace_stream_owners(report->trace, stream, owners) > 0 ? owners[0].call : 0;
}

static bool push_call(Report *report, const Call *call)
{
  const uint32_t *numbers;
  size_t count = trace_call_streams(report->trace, call, &numbers);
  g_autofree uint32_t *streams = g_memdup2(numbers, count * sizeof *numbers);

  put_call(report, call);
  for (size_t i = 0; i < count; i++) {
    const RtpStream *stream = trace_stream_at(report->trace, streams[i] - 1);
    if (stream && owner_of(report, stream) == call->number)
      put_stream(report, stream, call_id_of(report, call));
  }
  g_hash_table_remove(rows_of(report)->waiting, GUINT_TO_POINTER(call->number));
  return false;
}

void push_rows_evicted(Report *report, const Call *call)
{
  if (!g_hash_table_contains(rows_of(report)->waiting, GUINT_TO_POINTER(call->number)))
    return;
  language_suspend(true);
  (void) push_call(report, call);
  language_suspend(false);
  arena_reset(&report->scratch);
}

/* Those that belong to no call, with a last packet before that time. */
static void put_other_streams(Report *report, int64_t until_ns)
{
  PushRows *rows = rows_of(report);

  for (size_t i = 0; i < trace_stream_count(report->trace); i++) {
    const RtpStream *stream = trace_stream_at(report->trace, i);
    if (stream && stream->last_ns >= rows->silent_ns && stream->last_ns < until_ns &&
        owner_of(report, stream) == 0)
      put_stream(report, stream, SLICE(""));
    arena_reset(&report->scratch);
  }
  rows->silent_ns = until_ns;
}

/* --- Registrations, and the probe ------------------------------------------------------------- */

static const FieldValue *value_of(const FieldValue *values, const char *key)
{
  size_t i = 0;

  while (strcmp(REGISTRATION_TYPED[i].key, key) != 0)
    i++;
  return &values[i];
}

static void put_registration(Report *report, const FieldValue *values)
{
  const FieldValue *since = value_of(values, "since");
  int64_t since_ns = since->type == FIELD_TIME ? since->integer : 0;
  ByteBuffer *key = key_begin(report, since_ns);

  append_text(key, value_of(values, "aor")->text);
  append_text(key, value_of(values, "contact")->text);
  const PushRowHead head = head_of(report, since_ns, key);
  copy_values(report, PUSH_REGISTRATIONS, values + 1); /* see push_tables.c */
  add_row(report, PUSH_REGISTRATIONS, &head);
}

/* Files: the time of their last packet, so that they are one row however often they are pushed. */
static void put_probe(Report *report)
{
  const PushTarget *target = rows_of(report)->target;
  int64_t last_ns = MAX(trace_counts(report->trace)->last_ns, 0);
  int64_t now_ns = report->setup.live ? g_get_real_time() * 1000 : last_ns;
  const PushProbe probe = {target->version, target->input, push_sink_counts(target->sink).lost,
                           now_ns};
  ByteBuffer *key = key_begin(report, now_ns);

  append_text(key, slice_from_string(target->input));
  const PushRowHead head = head_of(report, now_ns, key);
  copy_values(report, PUSH_PROBE, push_probe_values(report, &probe));
  add_row(report, PUSH_PROBE, &head);
  arena_reset(&report->scratch);
}

/* --- The report ------------------------------------------------------------------------------- */

static void rows_free(void *data)
{
  PushRows *rows = data;

  for (PushTableId id = 0; id < PUSH_TABLE_COUNT; id++)
    byte_buffer_clear(&rows->batches[id].rows);
  byte_buffer_clear(&rows->key);
  g_hash_table_unref(rows->twins);
  g_hash_table_unref(rows->waiting);
  g_free(rows->values);
  g_free(rows);
}

static void push_begin(Report *report)
{
  PushRows *rows = g_new0(PushRows, 1);
  guint columns = 0;

  rows->target = report->setup.push;
  rows->twins = g_hash_table_new(NULL, NULL);
  rows->twins_seed = hash_seed_new();
  rows->waiting = g_hash_table_new(NULL, NULL);
  rows->silent_ns = INT64_MIN;
  rows->registered_us = g_get_monotonic_time() + REGISTRATIONS_US;
  for (PushTableId id = 0; id < PUSH_TABLE_COUNT; id++)
    columns = MAX(columns, rows->target->tables->items[id].columns->len);
  rows->values = g_new0(FieldValue, columns);
  report->state = rows;
  report->free_state = rows_free;
}

/* All messages of them are looked at. */
static void tick_registrations(Report *report, int64_t now_us)
{
  PushRows *rows = rows_of(report);

  if (now_us < rows->registered_us)
    return;
  registrations_put(report, put_registration);
  int64_t end_us = g_get_monotonic_time();
  rows->registered_us =
    end_us + MAX((int64_t) REGISTRATIONS_US, (end_us - now_us) * REGISTRATIONS_SHARE);
}

static void push_tick(Report *report, int64_t now_ns)
{
  PushRows *rows = rows_of(report);
  int64_t now_us = g_get_monotonic_time();

  report_tick_calls(report, now_ns);
  tick_registrations(report, now_us);
  if (now_us - rows->probed_us >= PROBE_US) {
    put_other_streams(report, now_ns - SILENT_NS);
    put_probe(report);
    rows->probed_us = now_us;
  }
  for (PushTableId id = 0; id < PUSH_TABLE_COUNT; id++)
    if (rows->batches[id].count > 0 && now_us - rows->batches[id].begun_us >= AGE_US)
      send_batch(rows, id);
}

static void push_end(Report *report)
{
  PushRows *rows = rows_of(report);

  put_other_streams(report, INT64_MAX);
  registrations_put(report, put_registration);
  put_probe(report);
  for (PushTableId id = 0; id < PUSH_TABLE_COUNT; id++)
    send_batch(rows, id);
}

const ReportOps PUSH_ROWS = {
  .for_programs = true,
  .begin = push_begin,
  .message = push_message,
  .tick = push_tick,
  .call = push_call,
  .end = push_end,
  .needs_media = true,
  .diagnoses = true,
};
